package mapper

import "strings"

// Classify says what each device is for. It sets Mounts, Swap, Layer, Role, RoleFrom,
// Label, Group, Colour, Limits and the reach of the identity, whatever they were before. Its errors
// name the rules that match nothing, and the rules that match several devices without
// being a pattern ([*RuleError]).
func Classify(devs []LUN, use Use, rules []Rule) (problems []error) {
	for i := range devs {
		l := &devs[i]
		l.Mounts, l.Swap = nil, false
		l.Layer, l.Role, l.RoleFrom, l.Label, l.Group, l.Ignored = "", "", "", "", "", false
		l.Colour, l.Limits = "", Limits{}
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

// Stored picks what a collector keeps: "luns", "maps" (LUNs, multipath maps and whole
// disks that are not paths; this is also the default for any other word) or "all". What
// the config ignores is never kept.
func Stored(devs []LUN, layers string) []LUN {
	n := 0
	for i := range devs {
		if devs[i].stored(layers) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	kept := make([]LUN, 0, n) // a LUN is large, and there may be many
	for i := range devs {
		if devs[i].stored(layers) {
			kept = append(kept, devs[i])
		}
	}
	return kept
}

func (l *LUN) stored(layers string) bool {
	switch {
	case l.Ignored:
		return false
	case layers == "all":
		return true
	case l.Layer == LayerMap || l.Layer == LayerDisk:
		return layers != "luns"
	}
	return l.Layer == LayerLUN
}

// layers says where each device is in its stack. What is in use or named is a LUN
// wherever it is; the rest depends on what it is and what it carries.
func (x *index) layers(named map[int]Rule) {
	h := host{index: x, named: named, paths: pathsOf(x.devs)}
	for i := range x.devs {
		h.hasDM = h.hasDM || isDM(x.devs[i].Kernel)
		h.hasVxVM = h.hasVxVM || strings.HasPrefix(x.devs[i].Kernel, "VxVM")
		h.sizesKnown = h.sizesKnown || x.devs[i].SizeBytes > 0
	}
	for i := range x.devs {
		x.devs[i].Layer = h.layer(i)
		x.devs[i].Ignored = named[i].Ignore
	}
}

// host is what a device's layer depends on besides the device itself.
type host struct {
	*index
	named      map[int]Rule
	paths      map[string]string
	hasDM      bool
	hasVxVM    bool
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
	// An LV or a map of no known kind that has another device on it has become a
	// part of that.
	return LayerHidden
}

// plainLayer is for devices other than dm devices. A bare disk counts as storage of its
// own only on a host without device-mapper, or if it has data.
func (h *host) plainLayer(i int) Layer {
	l := &h.devs[i]
	_, _, isPart := partition(l)
	switch {
	case h.stores(i):
		return LayerLUN
	case isPart:
		return LayerPart
	case isPseudo(l.Kernel):
		return h.pseudoLayer(i)
	}
	stacked := isMD(l.Kernel) || len(l.Slaves) > 0
	if !h.carries(i) && (stacked || !h.hasDM) {
		return LayerLUN
	}
	return LayerDisk
}

// pseudoLayer is for a vendor's multipath device, which is a map by another name.
// No file says which of DMP's devices VxVM has taken.
func (h *host) pseudoLayer(i int) Layer {
	taken := strings.HasPrefix(h.devs[i].Kernel, "VxDMP") && h.hasVxVM
	if taken || h.carries(i) {
		return LayerMap
	}
	return LayerLUN
}

// stores reports a member of a pool, or a bare device that is written to: nothing is
// on top of them, and yet they are in use.
func (h *host) stores(i int) bool {
	l := &h.devs[i]
	disk, _, isPart := partition(l)
	if j, ok := h.kernel[disk]; isPart && ok && h.whole(j) {
		return false // the disk's figures are its own
	}
	switch {
	case l.Pool.Kind != "":
		return isPart || h.whole(i)
	case isPseudo(l.Kernel) && !isPart:
		return false // a LUN by itself, unless something is on it
	}
	return l.Written && !h.likePseudo(l)
}

// whole reports that a disk belongs to a pool as a whole. ZFS makes partitions of the
// disks that it is given, and udev finds the pool on both. A disk whose partitions have
// several uses does not.
func (h *host) whole(i int) bool {
	l := &h.devs[i]
	if l.Pool.Kind == "" {
		return false
	}
	members := 0
	for _, holder := range l.Holders {
		j, ok := h.kernel[holder]
		if !ok || h.used(j) || len(h.devs[j].Holders) > 0 || h.devs[j].Written {
			return false
		}
		if h.devs[j].Pool.Kind != "" {
			members++
		}
	}
	return members < 2
}

// likePseudo reports a disk that may well be a path of a vendor's pseudo-device
// whose WWID nobody tells: it has the same size.
func (h *host) likePseudo(l *LUN) bool {
	if !isSCSI(l.Kernel) {
		return false
	}
	for i := range h.devs {
		if d := &h.devs[i]; isPseudo(d.Kernel) && pseudoWWID(d) == "" && d.SizeBytes == l.SizeBytes {
			return true
		}
	}
	return false
}

// carries reports that something is on the device; a partition that nobody
// uses does not count.
func (h *host) carries(i int) bool {
	for _, holder := range h.devs[i].Holders {
		j, ok := h.kernel[holder]
		if !ok {
			return true
		}
		if _, _, isPart := partition(&h.devs[j]); !isPart || h.used(j) || len(h.devs[j].Holders) > 0 || h.stores(j) {
			return true
		}
	}
	return false
}
