package render

import "math"

// curve is one metric of one series, by cells. Maxima take no memory before there is
// one.
type curve struct {
	ratios []ratio
	max    tops // the largest mean in a cell's time
	peak   tops // the largest sub-sample
}

func newCurve(n int) curve { return curve{ratios: make([]ratio, n)} }

// ratioRoom is the room of curves that were made into lines, for the next ones.
type ratioRoom struct{ free [][]ratio }

// curve is a new one of n cells, which are as many each time.
func (r *ratioRoom) curve(n int) curve {
	if r == nil || len(r.free) == 0 {
		return newCurve(n)
	}
	last := len(r.free) - 1
	ratios := r.free[last]
	r.free = r.free[:last]
	clear(ratios)
	return curve{ratios: ratios}
}

// done takes the room of a curve that is no longer used.
func (r *ratioRoom) done(c curve) {
	if r != nil {
		r.free = append(r.free, c.ratios)
	}
}

// add spreads an interval's sums over its cells by time, so that a cell's mean is that
// of its own time; the maxima are in each cell that they may belong to.
func (c *curve) add(s stretch, r ratio, largest, peak float32) {
	if r.den <= 0 {
		return
	}
	for i := s.first; i < s.end; i++ {
		c.ratios[i].add(r.times(s.share(i)))
	}
	c.max.add(s, largest, len(c.ratios))
	c.peak.add(s, peak, len(c.ratios))
}

// means are what is drawn, NaN where there is nothing.
func (c *curve) means() []float64 {
	out := make([]float64, len(c.ratios))
	for i := range c.ratios {
		out[i] = math.NaN()
		if v, ok := c.ratios[i].value(); ok {
			out[i] = v
		}
	}
	return out
}

// tops are the largest values by cells, NaN where there is none; nil: there is none at
// all.
type tops []float32

var nan32 = float32(math.NaN())

// add puts a value into the cells of a stretch, if it is larger. n is the number of all
// cells; NaN is no value.
func (t *tops) add(s stretch, v float32, n int) {
	if v != v || s.first >= s.end {
		return
	}
	if *t == nil {
		*t = make(tops, n)
		for i := range *t {
			(*t)[i] = nan32
		}
	}
	for i := s.first; i < s.end; i++ {
		if had := (*t)[i]; had != had || v > had {
			(*t)[i] = v
		}
	}
}

// values are what is drawn; nil: nothing.
func (t tops) values() []float64 {
	if t == nil {
		return nil
	}
	out := make([]float64, len(t))
	for i, v := range t {
		out[i] = float64(v)
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
	for i := range curves {
		c := &curves[i]
		l.mean = join(l.mean, c.means(), m.adds())
		l.max = join(l.max, c.max.values(), m.adds())
		l.peak = join(l.peak, c.peak.values(), m.adds())
	}
	return line{cells.columns(l.mean), cells.columns(l.max), cells.columns(l.peak)}
}

// join adds values to others, or keeps the larger one, and fills in where there was none.
func join(into, from []float64, add bool) []float64 {
	if into == nil {
		return from
	}
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
	return into
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

// absent is a line of n columns without a value.
func absent(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
	}
	return out
}
