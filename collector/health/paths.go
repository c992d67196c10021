package health

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize/english"

	"lunstat/mapper"
)

func (c *Checkup) paths(l *mapper.LUN, name string) []Finding {
	var dead []string
	for _, p := range l.Paths {
		if p.Down() {
			dead = append(dead, p.Kernel+" "+p.State)
		}
	}
	switch {
	case len(dead) > 0 && len(dead) == len(l.Paths):
		return []Finding{{Severity: Critical, What: name + " has no running path: " + strings.Join(dead, ", "), Hint: "multipath -ll; cabling, zoning, the array"}}
	case len(dead) > 0:
		return []Finding{{Severity: Warning, What: name + " has lost a path: " + strings.Join(dead, ", "), Hint: "multipath -ll; cabling, zoning, the array"}}
	case len(l.Paths) > 0 && len(l.Paths) < c.Paths[l.ID]:
		return []Finding{{Severity: Warning, What: fmt.Sprintf("%s has %s, and had %d", name, english.Plural(len(l.Paths), "path", ""), c.Paths[l.ID]), Hint: "multipath -ll; `rescan-scsi-bus.sh` finds paths that came back"}}
	case len(l.Paths) > 0 && len(l.Paths) < c.siblingPaths():
		return []Finding{{Severity: Warning, What: fmt.Sprintf("%s has %s, its siblings have %d", name, english.Plural(len(l.Paths), "path", ""), c.siblingPaths()), Hint: "multipath -ll; was it presented to all ports?"}}
	case len(l.Paths) == 1:
		return []Finding{{Severity: Warning, What: name + " has only one path", Hint: "multipath -ll: the next fault takes the LUN away"}}
	}
	return nil
}

// siblingPaths is how many paths most multipath LUNs of the host have.
func (c *Checkup) siblingPaths() int {
	count := map[int]int{}
	most := 0
	for i := range c.LUNs {
		n := len(c.LUNs[i].Paths)
		if n == 0 {
			continue
		}
		count[n]++
		if count[n] > count[most] || count[n] == count[most] && n < most {
			most = n
		}
	}
	return most
}
