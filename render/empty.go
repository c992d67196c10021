package render

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// EmptyRangeError says that there is nothing to draw between From and To. There are
// intervals between First and Last; both are zero if there are none at all.
type EmptyRangeError struct {
	From, To    time.Time
	First, Last time.Time
	Within      facts.Span // a long interval that contains the range; zero: there is none
	NoLUN       bool       // the collector ran, and saw no LUN
}

func (e *EmptyRangeError) Error() string {
	const stamp = "2006-01-02 15:04:05"
	text := fmt.Sprintf("no interval between %s and %s", e.From.Format(stamp), e.To.Format(stamp))
	switch {
	case e.NoLUN:
		return text + ": the collector ran, but saw no LUN"
	case e.First.IsZero():
		return text + "; there is none at all"
	case !e.Within.To.IsZero():
		return fmt.Sprintf("%s: one long interval, from %s to %s, has only the totals of it", text, e.Within.From.Format(stamp), e.Within.To.Format(stamp))
	}
	return fmt.Sprintf("%s; there are intervals from %s to %s", text, e.First.Format(stamp), e.Last.Format(stamp))
}

// Hint is the command for the range that has data.
func (e *EmptyRangeError) Hint() string {
	from, to := e.First, e.Last
	switch {
	case e.NoLUN:
		return "`lsblk` shows all devices; loop, ram and CD devices are LUNs only if luns: in the config names them"
	case e.First.IsZero():
		return "the second run of `lunstat collect` stores the first interval; with --source influx, --all-hosts shows all hosts"
	case !e.Within.To.IsZero():
		from, to = e.Within.From, e.Within.To
	}
	const form = "2006-01-02 15:04"
	return fmt.Sprintf("lunstat report --from %q --to %q", from.Add(-time.Minute).Format(form), to.Add(time.Minute).Format(form))
}

// empty is the error for a range without any data, with the reason if it is known.
func (d *data) empty(ctx context.Context, src Source) error {
	e := &EmptyRangeError{From: d.From, To: d.To}
	if d.first.IsZero() {
		e.NoLUN = d.neverSawOne(ctx, src)
		return e
	}
	e.First, e.Last = d.first.In(d.opt.Zone), d.last.In(d.opt.Zone)
	e.Within = d.covering(ctx, src)
	return e
}

// neverSawOne reports that the collector ran and the ledger has no LUN.
func (d *data) neverSawOne(ctx context.Context, src Source) bool {
	entries, err := src.LUNs(ctx, time.Time{}, d.To)
	if err != nil || len(entries) > 0 {
		return false
	}
	to := d.To
	if now := d.opt.Now; !now.IsZero() && now.Before(to) {
		to = now
	}
	// A day of runs is enough: years of them would fill the memory.
	runs, err := src.Runs(ctx, series.Query{From: to.AddDate(0, 0, -1), To: to.Add(time.Minute)})
	return err == nil && len(runs) > 1
}

// mostCovering is how long after the range the end of a long interval is looked for.
const mostCovering = 60 * 24 * time.Hour

// covering is an interval that began before the range and ended after it; zero if there
// is none.
func (d *data) covering(ctx context.Context, src Source) facts.Span {
	to := d.To.Add(mostCovering)
	if d.last.Before(to) {
		to = d.last
	}
	keys := d.keys()
	if !to.After(d.To) || len(keys) == 0 {
		return facts.Span{}
	}
	var found facts.Span
	enough := errors.New("enough")
	next := map[series.Key]bool{}
	_ = src.Intervals(ctx, series.Query{From: d.To, To: to, Keys: keys}, func(k series.Key, i *series.Interval) error {
		if next[k] {
			return nil
		}
		next[k] = true
		if i.Start().Before(d.From.Add(time.Second)) {
			found = facts.Span{From: i.Start().In(d.opt.Zone), To: i.End.In(d.opt.Zone)}
			return enough
		}
		if len(next) == len(keys) {
			return enough
		}
		return nil
	})
	return found
}
