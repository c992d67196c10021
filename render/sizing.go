package render

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// computeSizing computes what each group does for its mailboxes, if the config says how many
// it has. A report of single LUNs has no sizing, because it lacks the rest of the group.
func (d *data) computeSizing() {
	if d.opt.Keys != nil || d.Long() < time.Hour {
		return
	}
	for _, group := range slices.Sorted(maps.Keys(d.opt.Mailboxes)) {
		var luns []*lun
		for _, l := range d.luns {
			if l.entry.LUN.Group == group {
				luns = append(luns, l)
			}
		}
		if len(luns) == 0 {
			if d.opt.Group == "" && d.opt.Hosts == nil {
				d.warnings = append(d.warnings, series.Warning{
					What: fmt.Sprintf("the config has mailboxes of a group %q, and no LUN belongs to it", group),
					Hint: "`lunstat lookup` shows the groups",
				})
			}
			continue
		}
		if s, ok := d.sizingOf(group, luns); ok {
			d.sizing = append(d.sizing, s)
		}
	}
}

func (d *data) sizingOf(group string, luns []*lun) (facts.Sizing, bool) {
	var lists [][]sample
	var serving []facts.Serving
	for _, l := range luns {
		samples := l.samples(d.width)
		lists = append(lists, samples)
		s := facts.Serving{Title: l.title}
		for i := range samples {
			p := &samples[i]
			if p.v[iops] == p.v[iops] && p.v[slow] == p.v[slow] {
				s.Did = append(s.Did, facts.Stretch{Long: p.long(), IOPS: float64(p.v[iops]), Slow: float64(p.v[slow]) / 100})
			}
		}
		serving = append(serving, s)
	}
	var served []facts.Served
	for _, s := range together(lists) {
		if l, ok := d.loadOf(&s); ok {
			served = append(served, facts.Served{Load: l, Reads: float64(s.v[readIOPS]), Writes: float64(s.v[writeIOPS])})
		}
	}
	return facts.SizingOf(visible(group), d.opt.Mailboxes[group], served, serving, d.opt.Zone)
}

// sizingJSON is a group's sizing in report.json.
type sizingJSON struct {
	Group      string        `json:"group"`
	Mailboxes  int           `json:"mailboxes"`
	BusyHour   hourJSON      `json:"busy_hour"`
	PerMailbox figure        `json:"iops_per_mailbox"`
	Reads      figure        `json:"read_percent"` // of reads and writes in the busy hour
	More       *moreLoadJSON `json:"with_10_percent_more,omitempty"`
	Text       string        `json:"text"`
}

type moreLoadJSON struct {
	Title   string `json:"title"`
	NowS    figure `json:"slow_s"`
	ThenS   figure `json:"would_be_slow_s"`
	AtLeast bool   `json:"at_least"`
}

func (d *data) sizingJSON() []sizingJSON {
	var out []sizingJSON
	for i := range d.sizing {
		s := &d.sizing[i]
		j := sizingJSON{
			Group: s.Group, Mailboxes: s.Mailboxes, BusyHour: hourJSON{s.Busy.Weekday.String(), s.Busy.Hour, figure(s.Busy.IOPS)},
			PerMailbox: figure(s.PerMailbox), Reads: figure(math.NaN()), Text: s.Text(),
		}
		if s.Reads == s.Reads {
			j.Reads = figure(100 * s.Reads)
		}
		if m := s.More; m != nil {
			j.More = &moreLoadJSON{m.Title, figure(m.Now.Seconds()), figure(m.Then.Seconds()), m.AtLeast}
		}
		out = append(out, j)
	}
	return out
}
