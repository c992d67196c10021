package render

import "math"

// column gathers what falls into one cell.
type column struct {
	ratio
	max  float32 // the largest mean in a column's time; NaN: none
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

// add spreads an interval's sums over its columns by time, so that a column's
// mean is that of its own time; the maxima are in each column that they may belong to.
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
	if len(curves) == 0 {
		curves = []curve{newCurve(cells.len())}
	}
	var l line
	for i, c := range curves {
		one := line{c.means(), c.maxima(), c.peaks()}
		if i == 0 {
			l = one
			continue
		}
		join(l.mean, one.mean, m.adds())
		join(l.max, one.max, m.adds())
		join(l.peak, one.peak, m.adds())
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
