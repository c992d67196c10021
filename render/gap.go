package render

import (
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
	causeNew       = "new" // before the LUN was first seen
	causeBefore    = "before the first run"
	causeAfter     = "after the last run"
)

// gap is a stretch without data, or with no more than one long interval's.
type gap struct {
	span
	cause string
	flat  bool   // totals are known: one long interval
	host  string // whose it is, where a report has several; else ""
}

// boot is a start of the host.
type boot struct {
	host string
	at   time.Time
}

// sleep is when a host was suspended.
type sleep struct {
	span
	host string
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
func suspensions(runs []series.Run) []sleep {
	var out []sleep
	last := map[string]series.Instant{}
	for i := range runs {
		at := runs[i].At
		had, ok := last[runs[i].Host]
		last[runs[i].Host] = at
		slept := series.Slept(had, at)
		if ok && had.BootID == at.BootID && slept > 0 {
			// The record after the sleep is from the minute in which it ended.
			out = append(out, sleep{span{at.Wall.Add(-slept - time.Minute), at.Wall}, runs[i].Host})
		}
	}
	return out
}
