package mapper

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Rule is what the config says about a LUN. Match is a token that [Find] takes, except a
// role or label; or a pattern ("zimbra*_sqldb-*") for names, identities and mount points;
// or a volume group ("zimbra1_sqldb" or "vg:zimbra1_sqldb"); or "lun:7", the number that
// an array gave to the LUN of a multipath map or of a SCSI disk. Later rules override
// what earlier ones set.
type Rule struct {
	Match  string
	Label  string
	Role   string
	Group  string
	Colour string // "#0072b2", how pictures draw it; "": by its role
	Limits Limits // of this LUN alone
	Ignore bool   // it isn't a LUN, whatever it looks like
	Shared bool   // its identity is unique: other hosts that have it see the same LUN
}

// RuleError says what is wrong with a rule. It matches nothing (a rule that ignores may
// do so). Or it matches more than one device: then only the first counts. Or it
// contradicts an earlier rule for the same device: then the later rule counts.
type RuleError struct {
	Match string
	Also  string   // the Match of the rule that it contradicts
	Names []string // of the devices that match: "zimbra1_sqldb-data (dm-13)"
	Near  []string // where none does
}

func (e *RuleError) Error() string {
	switch {
	case e.Also != "":
		return fmt.Sprintf("%q and %q in the config are the same LUN, %s, but differ; lunstat uses the second", e.Also, e.Match, strings.Join(e.Names, " and "))
	case len(e.Names) > 0:
		return fmt.Sprintf("%q in the config matches %s; lunstat uses the first", e.Match, strings.Join(e.Names, " and "))
	}
	return fmt.Sprintf("%q in the config matches no LUN", e.Match)
}

// Hint says where the rule is, and which LUNs may have been meant.
func (e *RuleError) Hint() string {
	hint := "luns: in the config"
	if len(e.Near) > 0 {
		hint += "; near: " + strings.Join(e.Near, ", ")
	}
	return hint
}

// matchRules gives each named device its rules, merged.
func (x *index) matchRules(rules []Rule) (named map[int]Rule, problems []error) {
	named = make(map[int]Rule)
	exact := make(map[int]Rule) // the last rule that names a device and isn't a pattern
	for _, rule := range rules {
		found, pattern := x.match(rule.Match)
		switch {
		case len(found) == 0 && rule.Ignore: // it may come back
		case len(found) == 0:
			problems = append(problems, &RuleError{Match: rule.Match, Near: x.near(rule.Match)})
		case len(found) > 1 && !pattern:
			problems = append(problems, &RuleError{Match: rule.Match, Names: x.names(found)})
			found = found[:1]
		}
		for _, i := range found {
			if was, twice := exact[i]; twice && !pattern && was.contradicts(rule) {
				problems = append(problems, &RuleError{Match: rule.Match, Also: was.Match, Names: x.names(found)})
			}
			if !pattern {
				exact[i] = rule
			}
			named[i] = merge(named[i], rule)
		}
	}
	return named, problems
}

// Ruled gives what the config says now of some recorded LUNs. All of them are one
// host's. Those that the host still has come last, because a kernel's name means them.
func Ruled(luns []LUN, rules []Rule) []Rule {
	x := newIndex(luns)
	named := make(map[int]Rule)
	for _, rule := range rules {
		found, _ := x.match(rule.Match)
		for _, i := range found {
			named[i] = merge(named[i], rule)
		}
	}
	ruled := make([]Rule, len(luns))
	for i, rule := range named {
		ruled[i] = rule
	}
	return ruled
}

// match tries the token as it is before it takes it for a pattern: a map may
// be called "a*".
func (x *index) match(what string) (found []int, pattern bool) {
	found = x.exact(what)
	if len(found) == 0 && strings.HasPrefix(what, "/") && !strings.HasPrefix(what, "/dev/") {
		found = x.mountPoint(what)
	}
	if len(found) > 0 {
		return found, false
	}
	if found = x.inGroup(what); len(found) > 0 || !strings.ContainsAny(what, "*?[") {
		return found, true
	}
	for i := range x.devs {
		if x.devs[i].matches(what) {
			found = append(found, i)
		}
	}
	return found, true
}

// inGroup gives the LVs of a volume group, or the maps and disks of a LUN's number at its array.
// That may be several, as with a pattern.
func (x *index) inGroup(what string) (found []int) {
	number, isNumber := strings.CutPrefix(what, "lun:")
	vg := strings.TrimPrefix(what, "vg:")
	for i := range x.devs {
		l := &x.devs[i]
		if isNumber && l.atArray(number) || vg != "" && l.VG == vg && !lvmPart(l) {
			found = append(found, i)
		}
	}
	return found
}

// atArray reports whether all paths of a map lead to the LUN of that number, or whether it is
// that of a disk without multipath. Such a disk never is LUN 0, which each of the host's own
// disks is, too.
func (l *LUN) atArray(number string) bool {
	if len(l.Paths) == 0 {
		return number != "0" && isLUN(l.HCTL, number)
	}
	return !slices.ContainsFunc(l.Paths, func(p Path) bool { return !isLUN(p.HCTL, number) })
}

// isLUN reports whether a SCSI address ends in the number.
func isLUN(hctl, number string) bool {
	i := strings.LastIndexByte(hctl, ':')
	return i >= 0 && hctl[i+1:] == number
}

// Matches reports whether a rule's Match finds a device.
func Matches(devs []LUN, what string) bool {
	found, _ := newIndex(devs).match(what)
	return len(found) > 0
}

func (l *LUN) matches(pattern string) bool {
	names := []string{l.Kernel, l.DMName, Unmangle(l.DMName), string(l.ID)}
	if l.LV != "" {
		names = append(names, l.VG+"/"+l.LV)
	}
	for _, m := range l.Mounts {
		names = append(names, m.Point)
	}
	for _, name := range names {
		if ok, _ := path.Match(pattern, name); ok && name != "" {
			return true
		}
	}
	return false
}

// contradicts: both say something, and not the same.
func (r Rule) contradicts(o Rule) bool {
	differ := func(a, b string) bool { return a != "" && b != "" && a != b }
	return differ(r.Label, o.Label) || differ(r.Role, o.Role) || differ(r.Group, o.Group) ||
		differ(r.Colour, o.Colour) || r.Limits.differ(o.Limits) || r.Ignore != o.Ignore
}

func merge(was, is Rule) Rule {
	if is.Label == "" {
		is.Label = was.Label
	}
	if is.Role == "" {
		is.Role = was.Role
	}
	if is.Group == "" {
		is.Group = was.Group
	}
	if is.Colour == "" {
		is.Colour = was.Colour
	}
	is.Limits = is.Limits.or(was.Limits)
	is.Shared = is.Shared || was.Shared
	return is
}
