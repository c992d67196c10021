package mapper

import (
	"fmt"
	"path"
	"strings"
)

// Rule is what the config says of a LUN. Match is a token that [Find] takes,
// except a role or label, or a pattern ("zimbra*_sqldb-*") for names and mount
// points. Later rules override what earlier ones set.
type Rule struct {
	Match  string
	Label  string
	Role   string
	Group  string
	Ignore bool // it is no LUN, whatever it looks like
}

// RuleError says that a rule matches nothing, or more than the one device it
// names. It is then taken for the first.
type RuleError struct {
	Match string
	Names []string // of the devices that match: "zimbra1_sqldb-data (dm-13)"
	Near  []string // where none does
}

func (e *RuleError) Error() string {
	if len(e.Names) > 0 {
		return fmt.Sprintf("%q in the config matches %s; taken for the first", e.Match, strings.Join(e.Names, " and "))
	}
	return fmt.Sprintf("%q in the config matches no LUN", e.Match)
}

// matchRules gives each named device its rules, merged.
func (x *index) matchRules(rules []Rule) (named map[int]Rule, problems []error) {
	named = make(map[int]Rule)
	for _, rule := range rules {
		found, pattern := x.match(rule.Match)
		switch {
		case len(found) == 0:
			problems = append(problems, &RuleError{Match: rule.Match, Near: x.near(rule.Match)})
		case len(found) > 1 && !pattern:
			problems = append(problems, &RuleError{Match: rule.Match, Names: x.names(found)})
			found = found[:1]
		}
		for _, i := range found {
			named[i] = merge(named[i], rule)
		}
	}
	return named, problems
}

// match tries the token as it stands before it is taken for a pattern: a map may
// be called "a*".
func (x *index) match(what string) (found []int, pattern bool) {
	found = x.exact(what)
	if len(found) == 0 && strings.HasPrefix(what, "/") && !strings.HasPrefix(what, "/dev/") {
		found = x.mountPoint(what)
	}
	if len(found) > 0 || !strings.ContainsAny(what, "*?[") {
		return found, false
	}
	for i := range x.devs {
		if x.devs[i].matches(what) {
			found = append(found, i)
		}
	}
	return found, true
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
	return is
}
