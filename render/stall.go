package render

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// mostStalls is of how many stalls of a LUN the exact times are read.
const mostStalls = 20

// lookBack is how far before the range a stall's beginning is looked for.
func lookBack() []time.Duration {
	return []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 35 * 24 * time.Hour}
}

// readStalls finds when stalls began and ended: a bin says only that there was one,
// and one that the range begins with began before.
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
	for _, back := range lookBack() {
		begin := first.From.Add(-back)
		before, since, err := d.rawStalls(ctx, src, l, facts.Span{From: begin, To: first.From.Add(slack)})
		n := len(before)
		if err != nil || n == 0 || before[n-1].To.Before(first.From.Add(-slack)) {
			return err
		}
		first.From = before[n-1].From
		if n > 1 || since.Before(first.From) || !begin.After(d.first) {
			return nil
		}
	}
	return nil
}

// rawStalls are a LUN's stalls in a range by its raw intervals, and from when on
// there are any.
func (d *data) rawStalls(ctx context.Context, src Source, l *lun, in facts.Span) (out []facts.Span, since time.Time, err error) {
	q := series.Query{From: in.From, To: in.To, Keys: slices.DeleteFunc(slices.Clone(l.keys), func(k series.Key) bool { return !d.opt.of(k.Host) })}
	err = src.Intervals(ctx, q, func(_ series.Key, i *series.Interval) error {
		if since.IsZero() || i.Start().Before(since) {
			since = i.Start()
		}
		if stalledIn(i) {
			out = extend(out, facts.Span{From: i.Start(), To: i.End})
		}
		return nil
	})
	if err != nil {
		return nil, since, fmt.Errorf("reading when %s stalled: %w", l.entry.LUN.Name(), err)
	}
	return union(out), since, nil
}

func stalledIn(i *series.Interval) bool {
	return i.Quality.Has(series.Stalled) && !i.Quality.Has(series.Long)
}

// stalledFor is how long a LUN was stalled within the range.
func (d *data) stalledFor(l *lun) time.Duration { return covered(l.stalls, d.Span) }

// stallWords say when a LUN was stalled: since when where that goes on at the end of
// what is known, else when it was.
func (d *data) stallWords(l *lun) string {
	last := l.stalls[len(l.stalls)-1]
	at := last.From.In(d.opt.Zone)
	switch {
	case !last.To.Before(l.lastData().Add(-slack)):
		return "stalled since " + at.Format("Mon 2 Jan 15:04:05")
	case len(l.stalls) > 1:
		return fmt.Sprintf("stalled %d times, for %s in all, last %s", len(l.stalls), facts.Long(d.stalledFor(l)), at.Format("Mon 2 Jan 15:04"))
	}
	return fmt.Sprintf("stalled for %s from %s on", facts.Long(last.Long()), at.Format("Mon 2 Jan 15:04"))
}

// lastData is the end of the last that is known of a LUN in the range.
func (l *lun) lastData() time.Time {
	var last time.Time
	for _, p := range l.series {
		if n := len(p.spans); n > 0 && p.spans[n-1].To.After(last) {
			last = p.spans[n-1].To
		}
	}
	return last
}
