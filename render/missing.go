package render

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// findMissing finds what each host lacks and why, and what all of them do.
func (d *data) findMissing() {
	d.hostGaps = map[string][]gap{}
	for _, h := range d.hosts {
		d.hostGaps[h] = d.gapsOfHost(h)
	}
	if len(d.hosts) == 1 {
		d.gaps = d.hostGaps[d.hosts[0]]
		return
	}
	for _, h := range d.holes(d.withData("")) {
		cause := d.cause(h, "")
		if d.nobodys(h, "") {
			if d.unborn(h) {
				continue
			}
			cause = causeAbsent
		}
		d.gaps = append(d.gaps, gap{Span: h, cause: cause})
	}
}

// withData is when there is data of a host's LUNs; of "", of any.
func (d *data) withData(host string) []facts.Span {
	var lists [][]facts.Span
	for _, l := range d.luns {
		for _, p := range l.series {
			if host == "" || p.key.Host == host {
				lists = append(lists, p.spans)
			}
		}
	}
	return union(lists...)
}

// gapsOfHost are what all LUNs of a host lack, but for when all of them were
// elsewhere, or none was there yet.
func (d *data) gapsOfHost(host string) []gap {
	var out []gap
	for _, h := range d.holes(d.withData(host)) {
		if !d.elsewhere(h, host) && !d.nobodys(h, host) {
			out = append(out, gap{Span: h, cause: d.cause(h, host), host: d.named(host)})
		}
	}
	return append(out, d.hiddenGaps(host)...)
}

// named is a host as a gap has it: only where a report has several.
func (d *data) named(host string) string {
	if len(d.hosts) == 1 {
		return ""
	}
	return host
}

// elsewhere reports that each LUN of a host was on another host in a stretch.
func (d *data) elsewhere(h facts.Span, host string) bool {
	for _, l := range d.luns {
		if !slices.ContainsFunc(l.keys, func(k series.Key) bool { return k.Host == host }) {
			continue
		}
		var others [][]facts.Span
		for _, p := range l.series {
			if p.key.Host != host {
				others = append(others, p.spans)
			}
		}
		if covered(union(others...), h) < h.Long()/2 {
			return false
		}
	}
	return true
}

// nobodys reports that in a stretch a host, or with "" any, had none of the LUNs by
// its ledger, though the ledger had begun: nothing is missing of them.
func (d *data) nobodys(h facts.Span, host string) bool {
	begun := false
	for name, since := range d.since {
		begun = begun || (host == "" || name == host) && h.To.After(since.Add(slack))
	}
	var had []facts.Span
	for _, l := range d.luns {
		for _, k := range l.known {
			if host == "" || k.host == host {
				had = append(had, k.Span)
			}
		}
	}
	return begun && covered(union(had), h) <= min(d.edge(), h.Long()/2)
}

// unborn reports that a stretch is before any LUN was first seen.
func (d *data) unborn(h facts.Span) bool {
	return !slices.ContainsFunc(d.luns, func(l *lun) bool { return !l.newAfter(h) })
}

// newAfter reports that a stretch ends where the LUN was seen first.
func (l *lun) newAfter(h facts.Span) bool { return !h.To.After(l.since.Add(slack)) }

// isNew reports that the range begins before the LUN does.
func (l *lun) isNew() bool {
	return slices.ContainsFunc(l.gaps, func(g gap) bool { return g.cause == causeNew })
}

// begins reports that the first interval of a LUN in the range is its first at all, though
// its host was there before: also where no gap shows it, because the LUN came in the first
// minutes, or in the minute before the range.
func (d *data) begins(l *lun) bool {
	return d.since[l.entry.Host].Add(slack).Before(l.since) && slices.ContainsFunc(l.series, func(p *hostSeries) bool {
		return len(p.spans) > 0 && p.spans[0].From.Sub(l.since).Abs() <= slack
	})
}

// newness says since when a new LUN exists.
func (d *data) newness(l *lun) string {
	if !l.isNew() {
		return ""
	}
	return " · new since " + l.since.In(d.opt.Zone).Format("Mon 2 Jan 15:04")
}

// thin is a bin with a hole inside: it has no data for part of its span.
type thin struct {
	facts.Span
	missing time.Duration
}

// hiddenGaps are those that lie within one bin: where in it is known from a boot,
// before which the host was down.
func (d *data) hiddenGaps(host string) []gap {
	var out []gap
	for _, b := range d.boots {
		if b.host != host {
			continue
		}
		var least time.Duration
		for _, l := range d.luns {
			for _, p := range l.series {
				for _, t := range p.thins {
					inside := p.key.Host == b.host && !b.at.Before(t.From) && !b.at.After(t.To)
					if inside && (least == 0 || t.missing < least) {
						least = t.missing
					}
				}
			}
		}
		if least > 0 {
			out = append(out, gap{Span: facts.Span{From: b.at.Add(-least), To: b.at}, cause: causeDown, host: d.named(host)})
		}
	}
	return out
}

// holes are what the report's range lacks. At its ends a bin or a minute that
// only begins or ends within is none.
func (d *data) holes(have []facts.Span) []facts.Span {
	edge := d.edge()
	return slices.DeleteFunc(holes(have, d.past()), func(h facts.Span) bool {
		return h.Long() <= edge && (h.From.Equal(d.From) || h.To.Equal(d.now))
	})
}

// edge is how much of a bin or a minute may be outside the range that it is counted for.
func (d *data) edge() time.Duration { return max(d.width, time.Minute) + slack }

// cause says why a host gave no data in a stretch; of "", why none did.
func (d *data) cause(h facts.Span, host string) string {
	// The host's boot may lie within, and yet nobody looked before.
	if since, ok := d.since[host]; !h.To.After(d.first) || ok && !h.To.After(since.Add(slack)) {
		return causeBefore
	}
	wide := facts.Span{From: h.From.Add(-time.Minute), To: h.To.Add(time.Minute)}
	of := func(name string) bool { return host == "" || name == host }
	for _, s := range d.steps {
		if of(s.host) && s.Overlaps(h) && s.by >= h.Long()/2 {
			return causeSetAhead
		}
	}
	for _, b := range d.boots {
		if of(b.host) && !b.at.Before(wide.From) && !b.at.After(wide.To) {
			return causeDown
		}
	}
	for _, s := range d.slept {
		if of(s.host) && s.Overlaps(h) {
			return causeSuspended
		}
	}
	if !h.From.Before(d.last.Add(-time.Minute)) {
		return causeAfter
	}
	return causeNotRun
}

// gapsOf are one LUN's gaps: its host's, those of its own, and long intervals.
func (d *data) gapsOf(l *lun) []gap {
	var lists [][]facts.Span
	var out []gap
	for _, p := range l.series {
		lists = append(lists, p.spans)
		for i := range p.longs {
			g := &p.longs[i]
			s := facts.Span{From: g.from, To: g.to}
			if l.away(p.key.Host, s) {
				g.cause = causeAbsent
			}
			if s.Overlaps(d.Span) {
				out = append(out, gap{Span: s.Clip(d.Span), cause: g.cause, flat: g.cause != causeAbsent})
			}
		}
	}
	for _, h := range d.holes(union(lists...)) {
		cause := causeAbsent
		if l.newAfter(h) {
			cause = causeNew
		}
		for _, g := range d.hostGaps[l.hostAt(h.From)] {
			// A LUN that went away is gone, even if its host was down for a while since
			// then.
			most := g.Overlaps(h) && covered([]facts.Span{g.Span}, h) >= h.Long()/2
			if most && (cause != causeNew || g.cause == causeBefore && !g.To.Before(h.To.Add(-slack))) {
				cause = g.cause
			}
		}
		out = append(out, gap{Span: h, cause: cause})
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].From.Before(out[j].From) })
	return out
}

// away reports that by its ledger a host did not have the LUN for most of a stretch. The
// interval after which it came back reaches over it.
func (l *lun) away(host string, in facts.Span) bool {
	var had []facts.Span
	for _, k := range l.known {
		if k.host == host {
			had = append(had, k.Span)
		}
	}
	return len(had) > 0 && covered(union(had), in) < in.Long()/2
}

// hostAt is the host that had the LUN last at a moment, or the first to have it.
func (l *lun) hostAt(t time.Time) string {
	host, at := l.entry.Host, time.Time{}
	first := time.Time{}
	for _, p := range l.series {
		for _, s := range p.spans {
			switch {
			case !s.From.After(t) && s.From.After(at):
				host, at = p.key.Host, s.From
			case at.IsZero() && (first.IsZero() || s.From.Before(first)):
				host, first = p.key.Host, s.From
			}
		}
	}
	return host
}

// allMissing are the hosts' gaps and the long intervals that the LUNs of a host
// share, in order of time.
func (d *data) allMissing() []gap {
	var out []gap
	for _, host := range d.hosts {
		own := slices.Clone(d.hostGaps[host])
		var luns []*lun
		for _, l := range d.luns {
			if slices.ContainsFunc(l.series, func(p *hostSeries) bool { return p.key.Host == host }) {
				luns = append(luns, l)
			}
		}
		for _, l := range luns {
			for _, g := range l.gaps {
				known := slices.ContainsFunc(own, func(o gap) bool { return o.Overlaps(g.Span) })
				if g.flat && !known && shared(luns, g) {
					g.host = d.named(host)
					own = append(own, g)
				}
			}
		}
		out = append(out, own...)
	}
	for _, g := range d.gaps { // between two hosts that had the LUNs one after the other
		if !slices.ContainsFunc(out, func(o gap) bool { return o.Overlaps(g.Span) }) {
			out = append(out, g)
		}
	}
	slices.SortStableFunc(out, func(a, b gap) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.host, b.host)) })
	return out
}

// blank are the stretches in which no LUN has a curve: gaps, and one host's long intervals.
func (d *data) blank() []gap {
	out := slices.Clone(d.gaps)
	for _, g := range d.missing {
		if g.flat && len(d.hosts) == 1 {
			out = append(out, g)
		}
	}
	return out
}

// shared reports that no LUN has more to show in a gap.
func shared(luns []*lun, g gap) bool {
	return !slices.ContainsFunc(luns, func(l *lun) bool {
		return !slices.ContainsFunc(l.gaps, func(o gap) bool { return o.Overlaps(g.Span) })
	})
}
