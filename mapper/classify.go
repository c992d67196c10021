package mapper

import "strings"

// Host reads a host's devices and sorts them: [Devices], [ReadUse], [Classify].
func Host(p Paths, seen []Seen, rules []Rule) (devs []LUN, problems []error) {
	devs, problems = Devices(p, seen)
	use, more := ReadUse(p)
	problems = append(problems, more...)
	return devs, append(problems, Classify(devs, use, rules)...)
}

// Classify says what each device is for: it fills Mounts, Swap, Layer, Role,
// RoleFrom, Label, Group and the reach of its identity from scratch. Its errors name the rules that match
// nothing or, without being a pattern, more than one device ([*RuleError]).
func Classify(devs []LUN, use Use, rules []Rule) (problems []error) {
	for i := range devs {
		l := &devs[i]
		l.Mounts, l.Swap = nil, false
		l.Layer, l.Role, l.RoleFrom, l.Label, l.Group = "", "", "", "", ""
	}
	x := newIndex(devs)
	use.apply(x)
	named, problems := x.matchRules(rules)
	x.layers(named)
	x.roles(named)
	x.groups(named)
	x.tellApart()
	x.reaches(named)
	return problems
}

// Stored picks what a collector keeps: "luns", "maps" (LUNs, multipath maps and
// whole disks that are no path; the default, for any other word too) or "all".
func Stored(devs []LUN, layers string) []LUN {
	if layers == "all" {
		return devs
	}
	var kept []LUN
	for _, l := range devs {
		switch l.Layer {
		case LayerLUN:
			kept = append(kept, l)
		case LayerMap, LayerDisk:
			if layers != "luns" {
				kept = append(kept, l)
			}
		}
	}
	return kept
}

// layers says where each device stands. What is in use or named is a LUN
// wherever it stands; the rest is told by what it is and by what it carries.
func (x *index) layers(named map[int]Rule) {
	h := host{index: x, named: named, paths: pathsOf(x.devs)}
	for i := range x.devs {
		h.hasDM = h.hasDM || isDM(x.devs[i].Kernel)
		h.sizesKnown = h.sizesKnown || x.devs[i].SizeBytes > 0
	}
	for i := range x.devs {
		x.devs[i].Layer = h.layer(i)
	}
}

// host is what a device's layer depends on besides the device itself.
type host struct {
	*index
	named      map[int]Rule
	paths      map[string]string
	hasDM      bool
	sizesKnown bool // without sysfs and /proc/partitions all sizes are 0
}

func (h *host) layer(i int) Layer {
	l := &h.devs[i]
	rule, named := h.named[i]
	_, isPath := h.paths[l.Kernel]
	switch {
	case rule.Ignore:
		return LayerOther
	case named:
		return LayerLUN
	case isNone(l.Kernel):
		return LayerOther
	case h.used(i):
		return LayerLUN
	case l.SizeBytes == 0 && h.sizesKnown:
		return LayerOther
	case isPath:
		return LayerPath
	case lvmPart(l):
		return LayerHidden
	case isDM(l.Kernel):
		return dmLayer(l)
	}
	return h.plainLayer(i)
}

func (h *host) used(i int) bool {
	_, named := h.named[i]
	return named || h.devs[i].Swap || len(h.devs[i].Mounts) > 0
}

func dmLayer(l *LUN) Layer {
	switch {
	case len(l.Holders) == 0:
		return LayerLUN
	case isMultipath(l):
		return LayerMap
	case strings.HasPrefix(l.UUID, "CRYPT-"):
		return LayerCrypt
	case strings.HasPrefix(l.UUID, "part"):
		return LayerPart
	}
	// An LV or a map of no known kind that another device stands on has become a
	// part of that.
	return LayerHidden
}

// plainLayer is for what is no dm device. Bare disks are storage in their own
// right only where no device-mapper says otherwise.
func (h *host) plainLayer(i int) Layer {
	l := &h.devs[i]
	if _, _, ok := partition(l); ok {
		return LayerPart
	}
	stacked := isMD(l.Kernel) || len(l.Slaves) > 0
	if !h.carries(i) && (stacked || !h.hasDM) {
		return LayerLUN
	}
	return LayerDisk
}

// carries reports that something stands on the device; a partition that nobody
// uses does not count.
func (h *host) carries(i int) bool {
	for _, holder := range h.devs[i].Holders {
		j, ok := h.kernel[holder]
		if !ok {
			return true
		}
		if _, _, isPart := partition(&h.devs[j]); !isPart || h.used(j) || len(h.devs[j].Holders) > 0 {
			return true
		}
	}
	return false
}
