package render

import (
	"context"
	"time"

	"lunstat/render/facts"
)

// Findings are the findings of a report of the range, without drawing it. They ignore
// what o says about pictures.
func Findings(ctx context.Context, src Source, o Options) ([]facts.Finding, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	d, err := gather(ctx, src, o)
	if err != nil {
		return nil, err
	}
	return d.findings, nil
}

// limit is a LUN's await limit, its own or its role's; 0: there is none.
func (d *data) limit(l *lun) time.Duration {
	return l.entry.LUN.AwaitLimit(func(role string) time.Duration {
		if limit, ok := d.opt.Limits[role]; ok {
			return limit
		}
		return d.opt.Limits["default"]
	})
}

// mostSharpened is for how many LUNs the minutes of slow bins are read.
const mostSharpened = 20

// findFindings computes the findings when all else is settled.
func (d *data) findFindings(ctx context.Context, src Source) error {
	in := d.seenBy()
	if err := d.followGaps(ctx, src, in.Gaps); err != nil {
		return err
	}
	d.findings = facts.Find(in)
	sharpened := 0
	for _, f := range d.findings {
		if f.Kind != facts.KindSlow || sharpened == mostSharpened {
			continue
		}
		sharpened++
		for _, s := range in.LUNs[f.Of].Slow {
			looked, err := d.slowBefore(ctx, src, d.luns[f.Of], s)
			if err != nil {
				return err
			}
			if d.width == 0 && !looked {
				continue // its intervals are known
			}
			if err := d.sharpen(ctx, src, d.luns[f.Of], s); err != nil {
				return err
			}
		}
	}
	if sharpened > 0 {
		d.findings = facts.Find(in)
	}
	return nil
}

// seenBy is what the findings are computed from.
func (d *data) seenBy() facts.Seen {
	in := facts.Seen{Span: facts.Span{From: d.From, To: d.To}, Now: d.now, Made: d.opt.Now, Bin: d.width, Zone: d.opt.Zone, Report: d.opt.Command}
	for _, l := range d.luns {
		in.LUNs = append(in.LUNs, d.seenOf(l))
	}
	for _, g := range d.missing {
		if nobodyLooked(g.cause) {
			continue
		}
		host := g.host
		if host == "" && len(d.hosts) == 1 {
			host = d.hosts[0]
		}
		in.Gaps = append(in.Gaps, facts.Gap{Span: facts.Span{From: g.From, To: g.To}, Cause: g.cause, Host: host, Flat: g.flat})
	}
	in.Maps, in.Stores = d.maps(), d.stores()
	return in
}

// nobodyLooked reports that a gap is nobody's fault: lunstat didn't run yet.
func nobodyLooked(cause string) bool { return cause == causeBefore || cause == causeNew }

func (d *data) seenOf(l *lun) facts.LUN {
	out := facts.LUN{Title: l.title, Entry: l.entry, Slow: d.slowness(l), LastEnd: l.lastData(), Gone: d.goneSince(l), Limit: d.limit(l), Tails: l.tails}
	for _, s := range l.stalls {
		out.Stalls = append(out.Stalls, facts.Span{From: s.From, To: s.To})
	}
	for _, g := range l.gaps {
		out.Gaps = append(out.Gaps, facts.Gap{Span: facts.Span{From: g.From, To: g.To}, Cause: g.cause, Host: g.host, Flat: g.flat})
	}
	for _, e := range l.story {
		out.History = append(out.History, *e)
	}
	if l.isNew() || d.begins(l) {
		out.New = l.since
	}
	out.Grounds = d.grounds(l)
	out.Levels, out.Hours = l.levels, &l.usual
	if l.spaceLong.any() {
		out.Space, out.SpaceOK = l.spaceLong.last, d.spaceStands(l)
	}
	return out
}

// slowness is a LUN's, of each host where two used it at once.
func (d *data) slowness(l *lun) []*facts.Slowness {
	all := &facts.Slowness{Limit: d.limit(l)}
	var out []*facts.Slowness
	for _, p := range l.series {
		if l.apart != nil {
			one := &facts.Slowness{Host: p.key.Host, Limit: d.limit(l)}
			one.Merge(&p.slow)
			out = append(out, one)
		}
		all.Merge(&p.slow)
	}
	if out != nil {
		return out
	}
	return []*facts.Slowness{all}
}

// levelsEvery is how finely a LUN's levels are kept over a stretch: a run of HSM takes
// hours, and other filesystems fill up over days.
func (l *lun) levelsEvery(long time.Duration) time.Duration {
	every := time.Hour
	if r := l.role(); r == "primary" || r == "secondary" {
		every = 15 * time.Minute
	}
	const most = 10_000 // levels: a year of hours
	return max(every, (long / most).Truncate(time.Minute))
}

// stores are the mailstores with a primary and one secondary store, by group and host.
func (d *data) stores() []facts.Store {
	type whose struct{ host, group string }
	secondary, several := map[whose]int{}, map[whose]bool{}
	of := func(l *lun) whose { return whose{l.entry.Host, l.entry.LUN.Group} }
	for i, l := range d.luns {
		if l.role() != "secondary" {
			continue
		}
		if _, had := secondary[of(l)]; had {
			several[of(l)] = true
		}
		secondary[of(l)] = i
	}
	var out []facts.Store
	for i, l := range d.luns {
		if to, ok := secondary[of(l)]; ok && l.role() == "primary" && !several[of(l)] {
			out = append(out, facts.Store{Primary: i, Secondary: to})
		}
	}
	return out
}
