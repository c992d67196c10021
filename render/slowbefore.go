package render

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// slowBefore looks before the range for the beginning of slow time that the range begins
// with, and reports whether there was such.
func (d *data) slowBefore(ctx context.Context, src Source, l *lun, s *facts.Slowness) (looked bool, err error) {
	if !s.SlowAt(d.From) {
		return false, nil
	}
	for _, back := range beyond() {
		since := d.From.Add(-back)
		b, seen, err := d.slownessIn(ctx, src, facts.Span{From: since, To: d.From}, d.keysOf(l, s))
		if err != nil {
			return false, fmt.Errorf("reading when %s became slow: %w", l.entry.LUN.Name(), err)
		}
		if !s.Precede(b, seen, since) || !since.After(d.first) {
			break
		}
	}
	return true, nil
}

// slownessIn is how slow some series were in a stretch before the range, and when that was
// counted. It is read by bins: of a range of intervals, the last bin may reach into the range, so
// there the last intervals are read as well.
func (d *data) slownessIn(ctx context.Context, src Source, in facts.Span, keys []series.Key) (*facts.Slowness, []facts.Span, error) {
	of := map[series.Key]*facts.Slowness{}
	var seen []facts.Span
	last := map[series.Key]time.Time{}
	take := func(k series.Key, i *series.Interval) error {
		switch {
		case of[k] == nil:
			of[k] = &facts.Slowness{}
		case !i.End.After(last[k]):
			return nil
		}
		of[k].Add(i)
		last[k] = i.End
		if i.Has(series.SlowMS) && !i.Quality.Has(series.Long) {
			seen = append(seen, facts.Span{From: i.Start(), To: i.End})
		}
		return nil
	}
	width := cmp.Or(d.width, 15*time.Minute)
	err := src.Intervals(ctx, series.Query{From: in.From, To: in.To, Width: width, Keys: keys}, take)
	if err == nil && d.width == 0 {
		err = src.Intervals(ctx, series.Query{From: in.To.Add(-width), To: in.To, Keys: keys}, take)
	}
	all := &facts.Slowness{}
	for _, k := range keys {
		if s := of[k]; s != nil {
			all.Merge(s)
		}
	}
	return all, union(seen), err
}

// keysOf are a LUN's series that some slowness is of.
func (d *data) keysOf(l *lun, s *facts.Slowness) []series.Key {
	return slices.DeleteFunc(slices.Clone(l.keys), func(k series.Key) bool {
		return !d.opt.of(k.Host) || s.Host != "" && k.Host != s.Host
	})
}

// sharpen reads the minutes that say when a LUN's slow time began, was worst and ended.
func (d *data) sharpen(ctx context.Context, src Source, l *lun, s *facts.Slowness) error {
	var minutes []series.Interval
	for _, in := range s.Doubtful() {
		q := series.Query{From: in.From, To: in.To, Keys: d.keysOf(l, s)}
		err := src.Intervals(ctx, q, func(_ series.Key, i *series.Interval) error {
			minutes = append(minutes, *i)
			return nil
		})
		if err != nil {
			return fmt.Errorf("reading when %s was slow: %w", l.entry.LUN.Name(), err)
		}
	}
	s.Sharpen(minutes)
	return nil
}
