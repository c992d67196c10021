package health

import (
	"fmt"
	"strings"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

func (c *Checkup) lun(l *mapper.LUN) []Finding {
	k := series.Key{ID: l.ID, Host: c.Host, Source: series.SourceHost}
	name := l.Title() + " (" + l.Kernel + ")"
	var f []Finding
	if i, ok := c.Intervals[k]; ok && c.Now.Sub(i.End) < time.Duration(c.Bounds.LastRunS.Critical)*time.Second {
		f = append(f, c.load(l, name, k, &i)...)
	}
	if s, ok := c.Spaces[k]; ok {
		if s.Mount == "" {
			s.Mount = l.Reached() // what the journal gives back does not say it
		}
		f = append(f, c.space(l, name, &s)...)
	}
	if i, ok := c.Intervals[k]; ok && l.StatsOff && !countsAnyway(l) && i.Mask() != 0 && standsStill(&i) {
		f = append(f, uncounted(l, name))
	}
	if l.Layer == mapper.LayerLUN && l.Role == "" {
		f = append(f, Finding{Severity: OK, What: name + " has no role", Hint: roleHint(l)})
	}
	if l.Suspended {
		f = append(f, Finding{Severity: Critical, What: name + " is suspended: its I/O is held back", Hint: "dmsetup resume " + mapper.ShellWord(l.DMName)})
	}
	return append(f, c.paths(l, name)...)
}

// roleHint is an entry for the config that says what the LUN is for.
func roleHint(l *mapper.LUN) string {
	match := l.Mounted()
	if match == "" {
		match = l.Name()
	}
	return fmt.Sprintf("say what it is for, in the config: luns: [{match: %q, role: backup}], or another of the roles there", match)
}

// uncounted is a LUN whose counters somebody turned off. If NVMe's own multipath counts
// only on its paths, that isn't the host's fault, and no command helps.
func uncounted(l *mapper.LUN, name string) Finding {
	if strings.HasPrefix(l.Kernel, "nvme") && len(l.Paths) > 0 {
		return Finding{Severity: OK, What: name + " is not counted by this kernel, but its paths are", Hint: "layers: all in the config stores the paths too"}
	}
	return Finding{Severity: Warning, What: name + " is not counted, because its iostats are off", Hint: "echo 1 > /sys/block/" + l.Kernel + "/queue/iostats"}
}

// countsAnyway: the kernel counts a map's I/O whatever its iostats say. They say 0 on
// every volume of LVM, and an idle volume is fine.
func countsAnyway(l *mapper.LUN) bool { return strings.HasPrefix(l.Kernel, "dm-") }

// standsStill reports that no counter moved.
func standsStill(i *series.Interval) bool {
	for f := range series.NumFields {
		if i.Value(f) != 0 {
			return false
		}
	}
	return true
}
