package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lunstat/cmd/lunstat/when"
	"lunstat/collector/series"
)

// coherent checks the values that have to fit each other.
func (l *loader) coherent(c *Config) {
	l.checkLUNs(c)
	l.checkGroups(c)
	l.orderedLimits(c)
	l.longEnough(c)
}

// checkGroups refuses a group that is in the list twice.
func (l *loader) checkGroups(c *Config) {
	first := make(map[string]int)
	for i, g := range c.Groups {
		if n, twice := first[g.Group]; twice {
			l.unfit(fmt.Sprintf("groups[%d].group", i+1), fmt.Errorf("%q: groups[%d] has that already", g.Group, n))
			continue
		}
		first[g.Group] = i + 1
	}
}

// checkLUNs compares the entries of luns with each other, and the roles of await_limits
// with the roles that exist.
func (l *loader) checkLUNs(c *Config) {
	roles := make(map[string]bool)
	for _, k := range l.keys {
		if role, ok := strings.CutPrefix(k.name, "await_limits."); ok {
			roles[role] = true
		}
	}
	first := make(map[string]int)
	for i, lun := range c.LUNs {
		at := fmt.Sprintf("luns[%d]", i+1)
		if lun.Role != "" && !plainWord(lun.Role) {
			l.unfit(at+".role", fmt.Errorf("%q: may have only lower-case letters, digits, - and _", lun.Role))
		}
		if n, twice := first[lun.Match]; twice {
			l.unfit(at+".match", fmt.Errorf("%q: luns[%d] matches that already", lun.Match, n))
		}
		first[lun.Match] = i + 1
		roles[lun.Role] = true
	}
	for _, role := range slices.Sorted(maps.Keys(c.AwaitLimits)) {
		if !roles[role] {
			err := fmt.Errorf("unknown role, and no entry of luns has it")
			l.unfit("await_limits."+role, series.WithHint(err, suggestion(role, slices.Sorted(maps.Keys(roles)))))
		}
	}
}

// orderedLimits refuses a critical limit below its warning limit. The error names the
// key that was given, or the later one of two.
func (l *loader) orderedLimits(c *Config) {
	in := c.Limits
	for _, pair := range []struct {
		name              string
		warning, critical float64
	}{
		{"util", in.UtilWarning, in.UtilCritical}, {"await", in.AwaitWarning, in.AwaitCritical},
		{"p99", in.P99Warning, in.P99Critical},
		{"space", in.SpaceWarning, in.SpaceCritical}, {"inodes", in.InodesWarning, in.InodesCritical},
		{"journal", in.JournalWarning, in.JournalCritical}, {"backlog", in.BacklogWarning, in.BacklogCritical},
	} {
		if pair.critical == 0 || pair.critical >= pair.warning {
			continue
		}
		warning, critical := "limits."+pair.name+"_warning", "limits."+pair.name+"_critical"
		if key := l.later(warning, critical); key == critical {
			l.unfit(key, fmt.Errorf("%g is below %s_warning, %g%s", pair.critical, pair.name, pair.warning, l.byDefault(warning)))
		} else {
			l.unfit(key, fmt.Errorf("%g is above %s_critical, %g%s", pair.warning, pair.name, pair.critical, l.byDefault(critical)))
		}
	}
	if run := in.LastRun; run.Warning > run.Critical {
		at := l.from[l.later("limits.last_run.warning", "limits.last_run.critical")]
		l.refuse(at, "limits.last_run", fmt.Errorf("warning (%s) must not be longer than critical (%s)", run.Warning, run.Critical))
	}
}

// leastKept is the shortest retention: hourly roll-ups need an hour of samples.
const leastKept = when.Duration(time.Hour)

// longEnough refuses a retention that would delete samples before they are rolled up.
func (l *loader) longEnough(c *Config) {
	k := c.Journal.Retention
	for _, kept := range []struct {
		name string
		time when.Duration
	}{{"raw", k.Raw}, {"quarter", k.Quarter}, {"hour", k.Hour}} {
		if kept.time != 0 && kept.time < leastKept {
			l.unfit("journal.retention."+kept.name, fmt.Errorf("%s: must be %s or more, or 0 for ever", kept.time, leastKept))
		}
	}
}

// unfit notes a value that doesn't fit another one.
func (l *loader) unfit(key string, why error) { l.refuse(l.from[key], key, why) }

// later is the one of two keys whose value was given later: first come the defaults,
// then the lines of the file, then the environment.
func (l *loader) later(a, b string) string {
	x, y := l.from[a], l.from[b]
	if y.Name == "" && (x.Name != "" || x.Line > y.Line) {
		return a
	}
	return b
}

// byDefault marks a default, because the user can't find it in the file.
func (l *loader) byDefault(key string) string {
	if l.from[key] == (Origin{}) {
		return " (the default)"
	}
	return ""
}
