package render

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// mostStalls is how many stalls of a LUN get their exact times.
const mostStalls = 20

// beyond is how far outside the range the beginning and the end of a stall are looked for.
func beyond() []time.Duration {
	return []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 35 * 24 * time.Hour}
}

// readStalls finds when stalls began and ended: a bin says only that there was one,
// one that the range begins with began before, and one that it ends with may be over.
func (d *data) readStalls(ctx context.Context, src Source) error {
	for _, l := range d.luns {
		if len(l.stalls) == 0 {
			continue
		}
		var exact []facts.Span
		for i, s := range l.stalls {
			if i == mostStalls {
				exact = append(exact, l.stalls[i:]...)
				break
			}
			found := []facts.Span{s}
			if d.width > 0 {
				within, _, err := d.rawStalls(ctx, src, l, s)
				if err != nil {
					return err
				}
				if len(within) > 0 { // else the raw intervals are gone
					found = within
				}
			}
			exact = append(exact, found...)
		}
		l.stalls = exact
		if err := d.stalledBefore(ctx, src, l); err != nil {
			return err
		}
		if err := d.stalledAfter(ctx, src, l); err != nil {
			return err
		}
	}
	return nil
}

// stalledBefore moves the beginning of a stall that the range begins with to where it
// began.
func (d *data) stalledBefore(ctx context.Context, src Source, l *lun) error {
	first := &l.stalls[0]
	if first.From.After(d.From.Add(d.edge())) {
		return nil
	}
	for _, back := range beyond() {
		begin := first.From.Add(-back)
		before, there, err := d.rawStalls(ctx, src, l, facts.Span{From: begin, To: first.From.Add(slack)})
		n := len(before)
		if err != nil || n == 0 || before[n-1].To.Before(first.From.Add(-slack)) {
			return err
		}
		first.From = before[n-1].From
		if n > 1 || there.From.Before(first.From) || !begin.After(d.first) {
			return nil
		}
	}
	return nil
}

// stalledAfter moves the end of a stall that the range, or what is known in it, ends with
// to where it ended. Without it a stall that was over at noon would last in a report of
// the morning.
func (d *data) stalledAfter(ctx context.Context, src Source, l *lun) error {
	last := &l.stalls[len(l.stalls)-1]
	if last.To.Before(d.To.Add(-d.edge())) && last.To.Before(l.lastData().Add(-slack)) {
		return nil
	}
	for _, ahead := range beyond() {
		end := last.To.Add(ahead)
		after, there, err := d.rawStalls(ctx, src, l, facts.Span{From: last.To.Add(-slack), To: end})
		if err != nil {
			return err
		}
		if there.To.After(l.until) {
			l.until = there.To
		}
		if !there.To.After(last.To) && end.Before(d.last) {
			continue // a long interval may end farther away
		}
		if len(after) == 0 || after[0].From.After(last.To.Add(slack)) {
			return nil
		}
		last.To = after[0].To
		if len(after) > 1 || there.To.After(last.To) || !end.Before(d.last) {
			return nil
		}
	}
	return nil
}

// rawStalls are a LUN's stalls in a range by its raw intervals, and the stretch in
// which there are any.
func (d *data) rawStalls(ctx context.Context, src Source, l *lun, in facts.Span) (out []facts.Span, there facts.Span, err error) {
	q := series.Query{From: in.From, To: in.To, Keys: slices.DeleteFunc(slices.Clone(l.keys), func(k series.Key) bool { return !d.opt.of(k.Host) })}
	err = src.Intervals(ctx, q, func(_ series.Key, i *series.Interval) error {
		if there.From.IsZero() || i.Start().Before(there.From) {
			there.From = i.Start()
		}
		if i.End.After(there.To) {
			there.To = i.End
		}
		if stalledIn(i) {
			out = extend(out, facts.Span{From: i.Start(), To: i.End})
		}
		return nil
	})
	if err != nil {
		return nil, there, fmt.Errorf("reading when %s stalled: %w", l.entry.LUN.Name(), err)
	}
	return union(out), there, nil
}

// stalledIn reports that no I/O completed in an interval though some was in flight. The
// counters tell that of a long one, too.
func stalledIn(i *series.Interval) bool { return i.Quality.Has(series.Stalled) }

// stalledFor is how long a LUN was stalled within the range.
func (d *data) stalledFor(l *lun) time.Duration { return covered(l.stalls, d.Span) }

// stallWords say from when to when a LUN was stalled, or since when where that goes on
// at the end of what is known.
func (d *data) stallWords(l *lun) string {
	const form = "Mon 2 Jan 15:04"
	last, longest := l.stalls[len(l.stalls)-1], l.stalls[0]
	var all time.Duration
	for _, s := range l.stalls {
		all += s.Long()
		if s.Long() > longest.Long() {
			longest = s
		}
	}
	words := func(s facts.Span) string {
		from, to := s.From.In(d.opt.Zone), s.To.In(d.opt.Zone)
		end := to.Format("15:04")
		if from.Format("2 Jan 2006") != to.Format("2 Jan 2006") {
			end = to.Format(form)
		}
		return from.Format(form) + "\u2013" + end
	}
	switch {
	case !last.To.Before(l.lastData().Add(-slack)):
		return fmt.Sprintf("stalled since %s: no I/O completed for %s", last.From.In(d.opt.Zone).Format(form), facts.Long(last.Long()))
	case len(l.stalls) > 1:
		return fmt.Sprintf("stalled %d times, for %s in all; longest %s", len(l.stalls), facts.Long(all), words(longest))
	}
	return fmt.Sprintf("stalled %s: no I/O completed for %s", words(last), facts.Long(last.Long()))
}

// lastData is the end of the last data of a LUN: in the range or, if the range ends
// within a stall of it, after the range.
func (l *lun) lastData() time.Time {
	last := l.until
	for _, p := range l.series {
		if n := len(p.spans); n > 0 && p.spans[n-1].To.After(last) {
			last = p.spans[n-1].To
		}
	}
	return last
}
