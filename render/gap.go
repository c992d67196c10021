package render

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// slack is how far apart two neighbours may be: ends are whole seconds.
const slack = 2 * time.Second

// extend puts s at the end of spans, as part of the last one where they touch.
func extend(spans []facts.Span, s facts.Span) []facts.Span {
	if n := len(spans); n > 0 && !s.From.After(spans[n-1].To.Add(slack)) {
		if s.To.After(spans[n-1].To) {
			spans[n-1].To = s.To
		}
		return spans
	}
	return append(spans, s)
}

// union is when any of some lists has data.
func union(lists ...[]facts.Span) []facts.Span {
	var all, out []facts.Span
	for _, l := range lists {
		all = append(all, l...)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].From.Before(all[j].From) })
	for _, s := range all {
		out = extend(out, s)
	}
	return out
}

// holes is what a range lacks.
func holes(have []facts.Span, in facts.Span) []facts.Span {
	var out []facts.Span
	at := in.From
	for _, s := range have {
		if s.From.Sub(at) > slack {
			out = append(out, facts.Span{From: at, To: s.From})
		}
		if s.To.After(at) {
			at = s.To
		}
	}
	if in.To.Sub(at) > slack {
		out = append(out, facts.Span{From: at, To: in.To})
	}
	return out
}

// covered is how long there is data within a range.
func covered(have []facts.Span, in facts.Span) (sum time.Duration) {
	for _, s := range have {
		if s.Overlaps(in) {
			sum += s.Clip(in).Long()
		}
	}
	return sum
}

// Why there is no data, or none finer than one long interval.
const (
	causeDown      = "host down"
	causeSuspended = "host suspended"
	causeSetAhead  = "clock set forward" // no time passed
	causeNotRun    = "collector not run"
	causeAfterBoot = "collector not run after the boot"
	causeAbsent    = "LUN absent"
	causeNew       = "new" // before the LUN was first seen
	causeBefore    = "before the first run"
	causeAfter     = "after the last run"
)

// gap is a stretch without data, or with no more than one long interval's.
type gap struct {
	facts.Span
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
	facts.Span
	host string
}

// clockStep is between which two runs a host's clock was set forward, and by how much.
type clockStep struct {
	facts.Span
	host string
	by   time.Duration
}

// boots are the starts of the hosts in a range, by their run records.
func boots(runs []series.Run, in facts.Span) []boot {
	var out []boot
	had := map[[2]string]bool{} // host and boot id: after a step back of the clock, two boots may come in turn
	any := map[string]bool{}    // host
	for i := range runs {
		r := &runs[i]
		seen := any[r.Host]
		any[r.Host] = true
		if r.At.BootID == "" || had[[2]string{r.Host, r.At.BootID}] {
			continue
		}
		had[[2]string{r.Host, r.At.BootID}] = true
		up := max(r.At.Boot, r.At.Mono)
		at := r.At.Wall.Add(-up)
		if (seen || up > 0) && at.After(in.From) && at.Before(in.To) {
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
			out = append(out, sleep{facts.Span{From: at.Wall.Add(-slept - time.Minute), To: at.Wall}, runs[i].Host})
		}
	}
	return out
}

// clockSteps are when the hosts' clocks were set forward, by the run records: from what the
// clock showed before to what it showed after.
func clockSteps(runs []series.Run) []clockStep {
	order := make([]*series.Run, len(runs))
	for i := range runs {
		order[i] = &runs[i]
	}
	slices.SortStableFunc(order, func(a, b *series.Run) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.At.BootID, b.At.BootID), cmp.Compare(a.At.Boot, b.At.Boot))
	})
	var out []clockStep
	for i := 1; i < len(order); i++ {
		was, is := order[i-1], order[i]
		if was.Host != is.Host || was.At.BootID != is.At.BootID || is.At.Boot <= was.At.Boot {
			continue
		}
		if by := series.ClockStep(was.At, is.At); by > 0 {
			out = append(out, clockStep{facts.Span{From: was.At.Wall, To: is.At.Wall}, is.Host, by})
		}
	}
	return out
}
