package render

import (
	"context"
	"fmt"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// How long a range may be to be held against the weeks before it, and how many bins are
// read for that: what is more takes longer than the report itself.
const (
	usualUpTo = 8 * 24 * time.Hour
	mostUsual = 400_000
)

// usualFrom is where the weeks begin from which the usual is taken.
func (d *data) usualFrom() time.Time { return d.From.AddDate(0, 0, -7*facts.UsualWeeks) }

// readUsual reads what the LUNs did in the weeks before the range, by hours.
func (d *data) readUsual(ctx context.Context, src Source) error {
	from := d.usualFrom()
	enough := d.From.AddDate(0, 0, -7*facts.LeastUsual)
	if d.Long() > usualUpTo || d.first.After(enough.Add(rawBelow)) || readCount(from, d.From, time.Hour, len(d.keys())) > mostUsual {
		return nil
	}
	of := map[series.Key]*lun{}
	for _, l := range d.luns {
		for _, k := range l.keys {
			of[k] = l
		}
	}
	q := series.Query{From: from, To: d.From, Width: time.Hour, Keys: d.keys()}
	err := src.Intervals(ctx, q, func(k series.Key, i *series.Interval) error {
		if l := of[k]; l != nil {
			l.usual.Add(i)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the weeks before: %w", err)
	}
	return nil
}
