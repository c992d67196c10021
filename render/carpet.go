package render

import (
	"math"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// carpet is how long the I/Os of a LUN took: their counts by cell of the time axis and
// bucket. All that it keeps is counts, so a year takes no more memory than a day. Counts
// of several hosts are added.
type carpet struct {
	known  []bool                       // by cell: there is a histogram, if only one of nothing; nil: none is known
	rows   [series.NumBuckets][]float32 // by bucket, its counts by cell; nil: it has none
	steps  []series.Histogram           // by column of week.png, for percentiles; nil with known
	all    series.Histogram             // of the range
	ios    uint64                       // that diskstats counted in the intervals with a histogram
	others int                          // intervals whose counts have other bounds
	window time.Duration                // the longest of the windows whose means these are; 0: each I/O is counted

	// stepLong is the longest bin that is wider than a column of week.png, as in an old and
	// short range; 0: there is none. Its percentiles are those of all its columns.
	stepLong time.Duration
}

// tailsUpTo is the longest range whose hours are kept apart: they take 4 kB of memory for
// each day and LUN.
const tailsUpTo = weekendsUpTo

func (cp *carpet) any() bool { return cp.known != nil }

// add adds an interval or bin. Its counts are spread over the cells by time, as for a
// curve. A long one is left out, because nobody knows when in it the I/Os were.
func (cp *carpet) add(c cells, hc *hourColumns, i *series.Interval) {
	if i.Latency == nil || i.Quality.Has(series.Long) {
		return
	}
	h := *i.Latency
	if !series.KnownBounds(uint64(h.Version)) {
		cp.others++
		return
	}
	if !cp.takes(&h, i.Peak.WindowMS) {
		return
	}
	h.Version = series.BoundsVersion // the carpet says itself what they are of
	if cp.known == nil {
		cp.known, cp.steps = make([]bool, c.len()), make([]series.Histogram, hc.n())
		cp.all.Version = h.Version
	}
	cp.all, _ = cp.all.Add(&h)
	ios, _ := i.Total()
	cp.ios += ios
	first, end := hc.of(i.Start(), i.End)
	for at := first; at < end; at++ { // a bin that is wider than columns is all that is known of them
		cp.steps[at].Version = h.Version
		cp.steps[at], _ = cp.steps[at].Add(&h)
	}
	if end > first+1 {
		cp.stepLong = max(cp.stepLong, i.End.Sub(i.Start()))
	}
	s := c.stretch(i.Start(), i.End)
	for at := s.first; at < s.end; at++ {
		cp.known[at] = true
	}
	for b, n := range h.Counts {
		if n == 0 {
			continue
		}
		if cp.rows[b] == nil {
			cp.rows[b] = make([]float32, c.len())
		}
		for at := s.first; at < s.end; at++ {
			cp.rows[b][at] += float32(n) * float32(s.share(at))
		}
	}
}

// takes reports whether a histogram belongs in the carpet. Means are drawn only if the
// range has no histogram of each I/O: the first one of those drops the means.
func (cp *carpet) takes(h *series.Histogram, windowMS uint32) bool {
	if !h.FromMeans() {
		if cp.ofMeans() {
			*cp = carpet{others: cp.others}
		}
		return true
	}
	if cp.any() && !cp.ofMeans() {
		return false
	}
	cp.window = max(cp.window, time.Duration(windowMS)*time.Millisecond, time.Millisecond)
	return true
}

// each is what a percentile is of: "hour", "15 min".
func (cp *carpet) each(hc *hourColumns) string {
	if cp.stepLong > 0 {
		return facts.Long(cp.stepLong.Round(time.Minute))
	}
	return hc.each()
}

// ofMeans reports that the counts are by windows' means.
func (cp *carpet) ofMeans() bool { return cp.window > 0 }

// meansWords name the means: "one-second means".
func (cp *carpet) meansWords() string {
	if cp.window == time.Second {
		return "one-second means"
	}
	return number(cp.window.Seconds(), -1) + "-second means"
}

// cell is the cell that a pixel column shows.
func (c cells) cell(column int) int {
	if c.edges == nil {
		return column
	}
	middle := c.from.Add(time.Duration(float64(c.to.Sub(c.from)) * (float64(column) + 0.5) / float64(c.n)))
	return int(c.at(middle))
}

// largest is the count of the fullest cell.
func (cp *carpet) largest() float64 {
	most := float32(0)
	for _, row := range cp.rows {
		for _, n := range row {
			most = max(most, n)
		}
	}
	return float64(most)
}

// covers is how many of the I/Os that diskstats counted are in the histograms, in percent.
func (cp *carpet) covers() float64 {
	if cp.ios == 0 {
		return 100
	}
	return 100 * float64(cp.all.Total()) / float64(cp.ios)
}

// above is how many of the I/Os took so long or longer, in percent. ok is false if limit
// isn't a bound, or if there is no I/O.
func (cp *carpet) above(limit time.Duration) (percent float64, ok bool) {
	over, is := uint64(0), false
	for i, b := range series.Bounds() {
		if b == limit {
			is = true
		}
		if is {
			over += cp.all.Counts[i+1]
		}
	}
	total := cp.all.Total()
	return 100 * float64(over) / float64(max(total, 1)), is && total > 0
}

// unknown are the stretches without a histogram, whether there is other data or not.
func (cp *carpet) unknown(c cells) []facts.Span {
	return c.spans(func(i int) bool { return !cp.known[c.cell(i)] })
}

// percentiles are those that a carpet has as lines, the lowest first.
func percentiles() []float64 { return []float64{0.50, 0.95, 0.99} }

// latencyY is the height of a latency in a carpet, in rows: each bucket is a row, and a
// row is logarithmic.
func latencyY(d time.Duration) float64 {
	bounds := series.Bounds()
	b := series.BucketOf(d)
	switch {
	case b == 0:
		return max(0, float64(d)/float64(bounds[0]))
	case b == series.NumBuckets-1:
		return float64(b)
	}
	return float64(b) + math.Log(float64(d)/float64(bounds[b-1]))/math.Log(float64(bounds[b])/float64(bounds[b-1]))
}

// stepQuantile is a percentile of a column of week.png. There is none if the I/Os are so
// few that it would be the longest of them.
func stepQuantile(h *series.Histogram, p float64) (series.Bound, bool) {
	if float64(h.Total())*(1-p) < 1-1e-9 {
		return series.Bound{}, false
	}
	return h.Quantile(p)
}

// worst is the longest that a percentile was in a column of week.png.
func (cp *carpet) worst(p float64) (worst series.Bound, ok bool) {
	for i := range cp.steps {
		if b, is := stepQuantile(&cp.steps[i], p); is && (!ok || b.Lower > worst.Lower) {
			worst, ok = b, true
		}
	}
	return worst, ok
}

// percentileY is the upper edge of the row in which a percentile of a column lies, NaN
// where there is none.
func percentileY(h *series.Histogram, p float64) float64 {
	b, ok := stepQuantile(h, p)
	switch {
	case !ok:
		return math.NaN()
	case b.Above():
		return series.NumBuckets
	}
	return latencyY(b.Upper)
}
