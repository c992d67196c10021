package render

import (
	"context"
	"fmt"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// How long a range may be to be compared with the weeks before it, and how many bins are
// read for that: more would take longer than the report itself.
const (
	usualUpTo = 36 * 24 * time.Hour
	mostUsual = 700_000
)

// usualFrom is where the weeks begin from which the usual is taken.
func (d *data) usualFrom() time.Time { return d.From.AddDate(0, 0, -7*facts.UsualWeeks) }

// readUsual reads what the LUNs did in the weeks before the range, by hours.
func (d *data) readUsual(ctx context.Context, src Source) error {
	from := d.usualFrom()
	enough := d.From.AddDate(0, 0, -7*facts.LeastUsual)
	switch {
	case d.Long() > usualUpTo:
		d.unread = "This range is longer than five weeks, so lunstat compares it only with the weeks in it."
	case readCount(from, d.From, time.Hour, len(d.keys())) > mostUsual:
		d.unread = "There are too many LUNs here to compare them with the weeks before. Ask for some of them: --group, --host or --lun."
	case d.first.After(enough.Add(rawBelow)):
		d.unread = "There are not yet two weeks of data before this range, so lunstat can't say what is usual."
	}
	if d.unread != "" {
		return nil
	}
	of := map[series.Key]*lun{}
	for _, l := range d.luns {
		for _, k := range l.keys {
			of[k] = l
		}
	}
	q := series.Query{From: from, To: d.From, Width: time.Hour, Keys: d.keys(), SumsOnly: true}
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
