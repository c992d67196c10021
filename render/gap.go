package render

import (
	"slices"
	"sort"
	"time"

	"lunstat/collector/series"
)

// span is a stretch of time.
type span struct{ from, to time.Time }

func (s span) long() time.Duration { return s.to.Sub(s.from) }

func (s span) overlaps(o span) bool { return s.from.Before(o.to) && o.from.Before(s.to) }

func (s span) clip(to span) span {
	if s.from.Before(to.from) {
		s.from = to.from
	}
	if s.to.After(to.to) {
		s.to = to.to
	}
	return s
}

// slack is how far two neighbours may lie apart: ends are whole seconds.
const slack = 2 * time.Second

// extend puts s at the end of spans, as part of the last one where they touch.
func extend(spans []span, s span) []span {
	if n := len(spans); n > 0 && !s.from.After(spans[n-1].to.Add(slack)) {
		if s.to.After(spans[n-1].to) {
			spans[n-1].to = s.to
		}
		return spans
	}
	return append(spans, s)
}

// union is when any of some lists has data.
func union(lists ...[]span) []span {
	var all, out []span
	for _, l := range lists {
		all = append(all, l...)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].from.Before(all[j].from) })
	for _, s := range all {
		out = extend(out, s)
	}
	return out
}

// holes is what a range lacks.
func holes(have []span, in span) []span {
	var out []span
	at := in.from
	for _, s := range have {
		if s.from.Sub(at) > slack {
			out = append(out, span{at, s.from})
		}
		if s.to.After(at) {
			at = s.to
		}
	}
	if in.to.Sub(at) > slack {
		out = append(out, span{at, in.to})
	}
	return out
}

// covered is how long there is data within a range.
func covered(have []span, in span) (sum time.Duration) {
	for _, s := range have {
		if s.overlaps(in) {
			sum += s.clip(in).long()
		}
	}
	return sum
}

// Why there is no data, or none finer than one long interval.
const (
	causeDown      = "host down"
	causeSuspended = "host suspended"
	causeNotRun    = "collector not run"
	causeAfterBoot = "collector not run after the boot"
	causeAbsent    = "LUN absent"
	causeBefore    = "before the first run"
	causeAfter     = "after the last run"
)

// gap is a stretch without data, or with no more than one long interval's.
type gap struct {
	span
	cause string
	flat  bool // totals are known: one long interval
}

// boot is a start of the host.
type boot struct {
	host string
	at   time.Time
}

// boots are the starts of the hosts in a range, by their run records.
func boots(runs []series.Run, in span) []boot {
	var out []boot
	last := map[string]string{} // host → boot id
	for i := range runs {
		r := &runs[i]
		had, seen := last[r.Host]
		last[r.Host] = r.At.BootID
		if r.At.BootID == "" || had == r.At.BootID {
			continue
		}
		up := max(r.At.Boot, r.At.Mono)
		at := r.At.Wall.Add(-up)
		if (seen || up > 0) && at.After(in.from) && at.Before(in.to) {
			out = append(out, boot{r.Host, at})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].at.Before(out[j].at) })
	return out
}

// suspensions are when the hosts slept, as far as two run records show: the boot
// clock then ran ahead of the monotonic one.
func suspensions(runs []series.Run) []span {
	var out []span
	last := map[string]series.Instant{}
	for i := range runs {
		at := runs[i].At
		had, ok := last[runs[i].Host]
		last[runs[i].Host] = at
		slept := (at.Boot - had.Boot) - (at.Mono - had.Mono)
		if ok && had.BootID == at.BootID && slept > time.Second {
			// The record after the sleep is from the minute in which it ended.
			out = append(out, span{at.Wall.Add(-slept - time.Minute), at.Wall})
		}
	}
	return out
}

// hostGaps finds what all LUNs lack, and why.
func (d *data) hostGaps() []gap {
	var lists [][]span
	for _, l := range d.luns {
		for _, p := range l.parts {
			lists = append(lists, p.spans)
		}
	}
	var out []gap
	for _, h := range d.holes(union(lists...)) {
		out = append(out, gap{span: h, cause: d.cause(h)})
	}
	return append(out, d.hiddenGaps()...)
}

// thin is a bin with a hole inside: missing of its span it knows nothing.
type thin struct {
	span
	missing time.Duration
}

// hiddenGaps are those that lie within one bin: where in it is known from a boot,
// before which the host was down.
func (d *data) hiddenGaps() []gap {
	var out []gap
	for _, b := range d.boots {
		var least time.Duration
		for _, l := range d.luns {
			for _, p := range l.parts {
				for _, t := range p.thins {
					inside := p.key.Host == b.host && !b.at.Before(t.from) && !b.at.After(t.to)
					if inside && (least == 0 || t.missing < least) {
						least = t.missing
					}
				}
			}
		}
		if least > 0 {
			out = append(out, gap{span: span{b.at.Add(-least), b.at}, cause: causeDown})
		}
	}
	return out
}

// holes are what the report's range lacks. At its ends a bin or a minute that
// only begins or ends within is none.
func (d *data) holes(have []span) []span {
	edge := max(d.width, time.Minute) + slack
	return slices.DeleteFunc(holes(have, d.span), func(h span) bool {
		return h.long() <= edge && (h.from.Equal(d.from) || h.to.Equal(d.to))
	})
}

// cause says why a host gave no data in a stretch.
func (d *data) cause(h span) string {
	wide := span{h.from.Add(-time.Minute), h.to.Add(time.Minute)}
	for _, b := range d.boots {
		if !b.at.Before(wide.from) && !b.at.After(wide.to) {
			return causeDown
		}
	}
	for _, s := range d.slept {
		if s.overlaps(h) {
			return causeSuspended
		}
	}
	switch {
	case !h.to.After(d.first):
		return causeBefore
	case !h.from.Before(d.last.Add(-time.Minute)):
		return causeAfter
	}
	return causeNotRun
}

// gapsOf are one LUN's gaps: its host's, those of its own, and long intervals.
func (d *data) gapsOf(l *lun) []gap {
	var lists [][]span
	var out []gap
	for _, p := range l.parts {
		lists = append(lists, p.spans)
		for _, g := range p.longs {
			if s := (span{g.from, g.to}); s.overlaps(d.span) {
				out = append(out, gap{span: s.clip(d.span), cause: g.cause, flat: true})
			}
		}
	}
	for _, h := range d.holes(union(lists...)) {
		cause := causeAbsent
		for _, g := range d.gaps {
			if g.overlaps(h) {
				cause = g.cause
			}
		}
		out = append(out, gap{span: h, cause: cause})
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].from.Before(out[j].from) })
	return out
}
