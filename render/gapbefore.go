package render

import (
	"context"
	"fmt"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// How much is read to find when a gap began that the range begins with. The data of a host's
// LUNs ends together, but one of them may have gone before.
const (
	mostFollowed = 20 // hosts
	mostAsked    = 8  // series of each
)

// followGaps finds when the gaps began that the range begins with.
func (d *data) followGaps(ctx context.Context, src Source, gaps []facts.Gap) error {
	followed := 0
	for i := range gaps {
		g := &gaps[i]
		if g.Flat || !g.From.Equal(d.From) || followed == mostFollowed {
			continue
		}
		followed++
		var keys []series.Key
		for _, k := range d.keys() {
			if k.Host == g.Host && len(keys) < mostAsked {
				keys = append(keys, k)
			}
		}
		began, err := d.lastBefore(ctx, src, keys)
		if err != nil {
			return fmt.Errorf("reading when the data of %s ended: %w", g.Host, err)
		}
		if !began.IsZero() && began.Before(g.From.Add(-slack)) {
			g.Began = began
		}
	}
	return nil
}

// lastBefore is the end of the last interval of some series before the range; zero: there
// is none in the weeks before it.
func (d *data) lastBefore(ctx context.Context, src Source, keys []series.Key) (last time.Time, err error) {
	for _, back := range beyond() {
		q := series.Query{From: d.From.Add(-back), To: d.From, Width: 15 * time.Minute, Keys: keys}
		err := src.Intervals(ctx, q, func(_ series.Key, i *series.Interval) error {
			if i.End.After(last) {
				last = i.End
			}
			return nil
		})
		if err != nil || !last.IsZero() || len(keys) == 0 || !q.From.After(d.first) {
			return last, err
		}
	}
	return last, nil
}
