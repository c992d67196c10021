package render

import (
	"math"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// grid divides a stretch of time into the pixel columns of a frame.
type grid struct {
	from, to time.Time
	n        int
}

// x is the place of t, in columns from the left edge; outside the frame it goes on.
func (g grid) x(t time.Time) float64 {
	return float64(t.Sub(g.from)) / float64(g.to.Sub(g.from)) * float64(g.n)
}

// width is the time of one column.
func (g grid) width() time.Duration { return g.to.Sub(g.from) / time.Duration(g.n) }

// cells are what is gathered for the columns of a frame. Mostly they are the
// columns. Where a column is a good part of a day they are the zone's days, since
// half a day's mean beside the other half's would be a comb and no curve; where the
// days are more than the columns, weeks, and so on.
type cells struct {
	grid
	by    step        // of the calendar, where there are edges
	edges []time.Time // of the calendar's cells; nil: columns
}

// wholeDays is from how wide a column on days are drawn.
const wholeDays = 4 * time.Hour

func newCells(g grid) cells {
	c := cells{grid: g}
	if g.width() < wholeDays {
		return c
	}
	for _, s := range steps() {
		if s.unit >= days && g.to.Sub(g.from)/s.long <= time.Duration(g.n) {
			c.by, c.edges = s, s.edges(g.from, g.to)
			return c
		}
	}
	return c
}

func (c cells) len() int {
	if c.edges == nil {
		return c.n
	}
	return len(c.edges) - 1
}

// at is the place of t, counted in cells.
func (c cells) at(t time.Time) float64 {
	if c.edges == nil {
		return c.x(t)
	}
	i, _ := slices.BinarySearchFunc(c.edges, t, time.Time.Compare)
	i = min(max(i, 1), len(c.edges)-1)
	return float64(i-1) + float64(t.Sub(c.edges[i-1]))/float64(c.edges[i].Sub(c.edges[i-1]))
}

// columns spreads the cells' values over the columns.
func (c cells) columns(v []float64) []float64 {
	if c.edges == nil {
		return v
	}
	out := make([]float64, c.n)
	for i := range out {
		middle := c.from.Add(time.Duration(float64(c.to.Sub(c.from)) * (float64(i) + 0.5) / float64(c.n)))
		out[i] = v[int(c.at(middle))]
	}
	return out
}

// column gathers what falls into one cell.
type column struct {
	ratio
	max  float32 // the largest mean of what a column stands for; NaN: none
	peak float32 // the largest sub-sample; NaN: none
}

// curve is one metric of one series, by cells.
type curve []column

func newCurve(n int) curve {
	c := make(curve, n)
	for i := range c {
		c[i].max, c[i].peak = nan32, nan32
	}
	return c
}

var nan32 = float32(math.NaN())

// stretch is the cells over which an interval lies.
type stretch struct {
	x0, x1 float64
	first  int // cells [first, end)
	end    int
}

// stretch places an interval. It is empty where the interval lies outside.
func (c cells) stretch(start, end time.Time) stretch {
	s := stretch{x0: c.at(start), x1: c.at(end)}
	if s.x1 <= 0 || s.x0 >= float64(c.len()) || s.x1 <= s.x0 {
		return stretch{}
	}
	s.first = max(0, int(math.Floor(s.x0)))
	s.end = min(c.len(), int(math.Ceil(s.x1)))
	return s
}

// share is how much of the stretch lies in a column, 0 to 1.
func (s stretch) share(col int) float64 {
	lo, hi := max(s.x0, float64(col)), min(s.x1, float64(col+1))
	return max(0, hi-lo) / (s.x1 - s.x0)
}

// add spreads an interval's sums over its columns by time, so that a column's
// mean is that of its own time; the maxima stand in each column they may be of.
func (c curve) add(s stretch, r ratio, largest, peak float32) {
	if r.den <= 0 {
		return
	}
	for i := s.first; i < s.end; i++ {
		c[i].ratio.add(r.times(s.share(i)))
		c[i].max = larger(c[i].max, largest)
		c[i].peak = larger(c[i].peak, peak)
	}
}

// larger takes NaN for none.
func larger(a, b float32) float32 {
	if a != a || b > a {
		return b
	}
	return a
}

// means, maxima and peaks are what is drawn, NaN where there is nothing.
func (c curve) means() []float64 {
	out := make([]float64, len(c))
	for i := range c {
		out[i] = math.NaN()
		if v, ok := c[i].value(); ok {
			out[i] = v
		}
	}
	return out
}

func (c curve) maxima() []float64 {
	out := make([]float64, len(c))
	for i := range c {
		out[i] = float64(c[i].max)
	}
	return out
}

func (c curve) peaks() []float64 {
	out := make([]float64, len(c))
	for i := range c {
		out[i] = float64(c[i].peak)
	}
	return out
}

// line is what is drawn of one metric: by column, NaN where there is nothing; nil
// where there is nothing at all.
type line struct {
	mean, max, peak []float64
}

// lineOf makes one line of the series of one identity. Seen at disjoint times
// they follow each other; at the same time what can be added is. The rest is then
// shown apart (see [lun.views]), and the larger only marks that something was.
func lineOf(cells cells, curves []curve, m metric) line {
	empty := newCurve(cells.len())
	l := line{empty.means(), empty.maxima(), empty.peaks()}
	for _, c := range curves {
		join(l.mean, c.means(), m.adds())
		join(l.max, c.maxima(), m.adds())
		join(l.peak, c.peaks(), m.adds())
	}
	return line{cells.columns(l.mean), known(cells.columns(l.max)), known(cells.columns(l.peak))}
}

func join(into, from []float64, add bool) {
	for i, v := range from {
		switch {
		case math.IsNaN(v):
		case math.IsNaN(into[i]):
			into[i] = v
		case add:
			into[i] += v
		default:
			into[i] = max(into[i], v)
		}
	}
}

// largest is the largest value of some lines, 0 where there is none.
func largest(lines ...[]float64) float64 {
	top := 0.0
	for _, l := range lines {
		for _, v := range l {
			if v > top {
				top = v
			}
		}
	}
	return top
}

// sumLines adds up lines by column. A column in which all are absent stays so.
func sumLines(lines [][]float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
	}
	for _, l := range lines {
		join(out, l, true)
	}
	return out
}

// sample is one interval's or bin's figures, for percentiles.
type sample struct {
	end int64   // Unix second, or number of the bin
	ms  float32 // elapsed
	v   [numMetrics]float32
}

// long is an interval of which only the totals are known.
type long struct {
	from, to time.Time
	v        [numMetrics]float64 // NaN: absent
	cause    string
}

// part is one series: what one host saw of a LUN.
type part struct {
	key series.Key
	tally
	curves  [numMetrics]curve
	samples []sample
	spans   []span // when there is data, in order
	longs   []long
	thins   []thin // bins with a hole
	slow    facts.Slowness
}

func newPart(key series.Key, c cells) *part {
	p := &part{key: key}
	for m := range p.curves {
		p.curves[m] = newCurve(c.len())
	}
	return p
}

// add takes an interval or bin in.
func (p *part) add(c cells, width time.Duration, i *series.Interval) {
	r := ratios(i)
	p.tally.add(i, &r)
	p.spans = extend(p.spans, span{i.Start(), i.End})
	p.slow.Add(i)
	if i.Quality.Has(series.Long) {
		p.longs = append(p.longs, longOf(i, &r))
		return
	}
	if missing := time.Duration(i.SpanMS-i.ElapsedMS) * time.Millisecond; i.SpanMS > i.ElapsedMS && missing > slack {
		p.thins = append(p.thins, thin{span{i.Start(), i.End}, missing})
	}
	s := c.stretch(i.Start(), i.End)
	smp := sample{end: i.End.Unix(), ms: float32(i.ElapsedMS)}
	if width > 0 {
		smp.end = series.BinOf(i.End, width)
	}
	for m := range numMetrics {
		v, ok := r[m].value()
		smp.v[m] = nan32
		if ok {
			smp.v[m] = float32(v)
			p.curves[m].add(s, r[m], m.largest(i, v), m.peak(i))
		}
	}
	p.samples = append(p.samples, smp)
}

// largest is the largest one-minute mean of a bin, or a plain interval's own.
// Of what a bin keeps no maximum there is none.
func (m metric) largest(i *series.Interval, own float64) float32 {
	if i.Mean.WindowMS == 0 {
		return float32(own)
	}
	if v, ok := m.of(&i.Mean); ok {
		return float32(v)
	}
	return nan32
}

func (m metric) peak(i *series.Interval) float32 {
	if v, ok := m.of(&i.Peak); ok {
		return float32(v)
	}
	return nan32
}

func longOf(i *series.Interval, r *[numMetrics]ratio) long {
	l := long{from: i.Start(), to: i.End, cause: causeNotRun}
	switch {
	case i.Quality.Has(series.Suspended):
		l.cause = causeSuspended
	case i.Quality.Has(series.Reset):
		l.cause = causeAfterBoot
	}
	for m := range numMetrics {
		l.v[m] = math.NaN()
		if v, ok := r[m].value(); ok {
			l.v[m] = v
		}
	}
	return l
}
