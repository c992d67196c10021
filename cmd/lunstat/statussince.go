package main

import (
	"context"
	"time"

	"lunstat/collector/health"
	"lunstat/collector/series"
)

// pastReader is what both stores give of the past.
type pastReader interface {
	Intervals(ctx context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error
	Spaces(ctx context.Context, q series.Query, fn func(series.Key, *series.Space) error) error
}

// beganLooksBack is how far back status looks for the beginning of a problem: further
// back only if the problem lasted all that time. Raw intervals are kept for 35 days.
var beganLooksBack = [...]time.Duration{2 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 35 * 24 * time.Hour}

// began finds when what is wrong with a LUN began, as far back as there are data.
type began struct {
	ctx context.Context
	src pastReader
	to  time.Time // the last run
}

// Load is the start of the first of the intervals that were all wrong.
func (b began) Load(k series.Key, judge func(*series.Interval) health.Judgement) time.Time {
	return b.look(func(q series.Query, step func(time.Time, health.Judgement)) error {
		return b.src.Intervals(b.ctx, q, func(got series.Key, i *series.Interval) error {
			if got == k {
				step(i.Start(), judge(i))
			}
			return nil
		})
	}, k)
}

// Space is the time of the first of the answers that were all wrong.
func (b began) Space(k series.Key, judge func(*series.Space) health.Judgement) time.Time {
	return b.look(func(q series.Query, step func(time.Time, health.Judgement)) error {
		return b.src.Spaces(b.ctx, q, func(got series.Key, s *series.Space) error {
			if got == k {
				step(s.At, judge(s))
			}
			return nil
		})
	}, k)
}

// look reads further and further back. What can't be read is not known.
func (b began) look(read func(series.Query, func(time.Time, health.Judgement)) error, k series.Key) (since time.Time) {
	for _, back := range beganLooksBack {
		was, well := time.Time{}, false
		q := series.Query{From: b.to.Add(-back), To: b.to.Add(time.Second), Keys: []series.Key{k}}
		err := read(q, func(at time.Time, j health.Judgement) {
			switch {
			case j == health.Well:
				was, well = time.Time{}, true
			case j == health.Wrong && was.IsZero():
				was = at
			}
		})
		if err != nil {
			return since
		}
		if since = was; well {
			return since
		}
	}
	return since
}
