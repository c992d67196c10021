package influx

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Retired is what Retire did, or would do.
type Retired struct {
	LUNs int       // whose entries in the ledger end
	Last time.Time // the end of its last interval, which is when they end
}

// RunningError is a host that ran too recently to be retired.
type RunningError struct {
	Host string
	Ago  time.Duration
}

func (e *RunningError) Error() string {
	return fmt.Sprintf("%s ran %s ago", e.Host, e.Ago.Round(time.Second))
}

// Hint is what to do first.
func (e *RunningError) Hint() string {
	return "stop its collector (cron or the timer), wait an hour, and try again"
}

// Retire ends the ledger's entries of a host that no longer exists, at its last
// interval. Then status doesn't miss it, and reports of earlier weeks don't change. A
// host that forwards again comes back by itself, because its collector sends its ledger
// once a day and at each change. now is the time by the caller's clock.
func Retire(ctx context.Context, o Options, host string, now time.Time, dryRun bool) (r Retired, err error) {
	o.Hosts = []string{host}
	source, err := NewSource(o)
	if err != nil {
		return r, err
	}
	defer source.Close()
	_, last, known, err := source.Extent(ctx)
	if err != nil {
		return r, err
	}
	const silent = time.Hour
	if ago := now.Sub(last); known && ago < silent {
		return r, &RunningError{Host: host, Ago: max(ago, 0)}
	}
	if !known {
		last = now
	}
	found, err := source.ledger(ctx, now)
	if err != nil {
		return r, err
	}
	ends := found.ending(last, now)
	if len(ends) == 0 {
		return r, fmt.Errorf("InfluxDB has no host %q, or it is already retired", host)
	}
	r = Retired{LUNs: len(ends), Last: last}
	if dryRun {
		return r, nil
	}
	return r, writeEntries(ctx, o, ends)
}

// ending are the entries that hold, made to end at last, each after what was said of
// it before.
func (e *entries) ending(last, now time.Time) []placed {
	var ends []placed
	for _, p := range e.by {
		if !p.To.IsZero() {
			continue
		}
		p.To = last
		if p.From.After(last) {
			p.To = p.From
		}
		p.stamp = max(stampOf(now, 0), p.stamp+infoStep)
		ends = append(ends, p)
	}
	slices.SortFunc(ends, func(a, b placed) int { return cmp.Or(cmp.Compare(a.LUN.ID, b.LUN.ID), a.From.Compare(b.From)) })
	for i := 1; i < len(ends); i++ { // two of one identity are two points
		if ends[i].LUN.ID == ends[i-1].LUN.ID {
			ends[i].stamp = max(ends[i].stamp, ends[i-1].stamp+infoStep)
		}
	}
	return ends
}

// writeEntries writes ledger entries to both buckets, as a run's are.
func writeEntries(ctx context.Context, o Options, all []placed) error {
	sink, err := NewSink(o)
	if err != nil {
		return err
	}
	defer sink.Close()
	lines := &batch{}
	for i := range all {
		err := lines.add(0, func(b []byte) ([]byte, error) { return appendInfo(b, &all[i].OutEntry, all[i].stamp) })
		if err != nil {
			return fmt.Errorf("the ledger's entry of %s: %w", all[i].LUN.ID, err)
		}
	}
	buckets := []string{sink.raw, sink.rollup}
	if sink.raw == sink.rollup {
		buckets = buckets[:1]
	}
	for _, bucket := range buckets {
		refused, err := sink.send(ctx, bucket, lines.points)
		if err != nil {
			return err
		}
		if len(refused) > 0 {
			return fmt.Errorf("bucket %s refused the entry that ends the LUN: %s", bucket, refused[0].Reason)
		}
	}
	return nil
}
