package health

import (
	"fmt"

	"lunstat/collector/series"
	"lunstat/mapper"
)

func (c *Checkup) inodes(s *series.Space) (Severity, bool) {
	return c.Bounds.InodesPercent.judge(100 * float64(s.InodesUsed) / float64(max(s.Inodes, 1))), s.Inodes > 0
}

func (c *Checkup) space(l *mapper.LUN, name string, s *series.KeySpace) []Finding {
	var f []Finding
	bound := c.Bounds.SpacePercent.orOwn(l.Limits.FullPercent)
	full := func(s *series.Space) (Severity, bool) {
		p, ok := s.UsedPercent()
		return bound.judge(float64(p)), ok
	}
	if sev, ok := full(&s.Space); ok && sev != OK {
		p, _ := s.UsedPercent()
		f = append(f, Finding{sev, fmt.Sprintf("%s is %d %% full (%s)", name, p, s.Mount), c.spaceSince(s, full), "what grew: du -x --max-depth=2 " + s.Mount})
	}
	if sev, ok := c.inodes(&s.Space); ok && sev != OK {
		p := 100 * float64(s.InodesUsed) / float64(s.Inodes)
		f = append(f, Finding{sev, fmt.Sprintf("%s has used %.0f %% of its inodes (%s)", name, p, s.Mount), c.spaceSince(s, c.inodes), "what has so many files: du -x --inodes --max-depth=2 " + s.Mount})
	}
	return f
}

func (c *Checkup) journal() []Finding {
	var f []Finding
	if l := c.JournalOn; l != nil {
		sev := OK
		if mapper.IsMailstore(l.Role) {
			sev = Warning // what is measured waits for what measures, and the other way round
		}
		f = append(f, Finding{Severity: sev, What: "the journal is on a LUN that it watches, " + l.Title() + " (" + l.Kernel + ")", Hint: "if that LUN is full or hangs, the journal can't record it: move the journal with journal.path in the config"})
	}
	if c.Journal != nil {
		if p, ok := c.Journal.UsedPercent(); ok {
			if s := c.Bounds.JournalPercent.judge(float64(p)); s != OK {
				f = append(f, Finding{Severity: s, What: fmt.Sprintf("the journal's filesystem is %d %% full", p), Hint: "free some space, or move the journal with journal.path in the config"})
			}
		}
	}
	return f
}
