package render

import (
	"image/color"
	"math"
)

// run is a stretch of columns with values in all of them.
type run struct{ from, to int } // [from, to)

// runsOf splits values at their gaps.
func runsOf(v []float64) []run {
	var out []run
	for i := 0; i < len(v); i++ {
		if math.IsNaN(v[i]) {
			continue
		}
		r := run{from: i}
		for i < len(v) && !math.IsNaN(v[i]) {
			i++
		}
		r.to = i
		out = append(out, r)
	}
	return out
}

// points are a run's values as pixels, from the left edge of its first column to
// the right edge of its last one.
func (f frame) points(v []float64, r run) []point {
	pts := make([]point, 0, r.to-r.from+2)
	x := func(i float64) float64 { return float64(f.Min.X) + i }
	pts = append(pts, point{x(float64(r.from)), f.at(v[r.from])})
	for i := r.from; i < r.to; i++ {
		pts = append(pts, point{x(float64(i) + 0.5), f.at(v[i])})
	}
	return append(pts, point{x(float64(r.to)), f.at(v[r.to-1])})
}

// curve draws values as a line, with gaps as gaps.
func (ch *chart) curve(f frame, v []float64, width float64, l look) {
	for _, r := range runsOf(v) {
		ch.dashed(f.Rectangle, f.points(v, r), width, l.colour, l.dash)
	}
}

// area fills from the zero line up to the values.
func (ch *chart) area(f frame, v []float64, col color.RGBA) {
	for _, r := range runsOf(v) {
		pts := f.points(v, r)
		zero := []point{{pts[0].x, f.at(0)}, {pts[len(pts)-1].x, f.at(0)}}
		ch.band(f.Rectangle, pts, zero, col)
	}
}

// between fills from the lower values up to the upper ones, where both are.
func (ch *chart) between(f frame, lower, upper []float64, col color.RGBA) {
	top := make([]float64, len(upper))
	for i := range top {
		top[i] = max(upper[i], lower[i])
		if math.IsNaN(upper[i]) || math.IsNaN(lower[i]) {
			top[i] = nan
		}
	}
	for _, r := range runsOf(top) {
		ch.band(f.Rectangle, f.points(top, r), f.points(lower, r), col)
	}
}

// flats draws long intervals as pale flat steps: of what happened inside of them
// only the total is known. They are of one host, or of all ("").
func (ch *chart) flats(f frame, l *lun, host string, m metric, col color.RGBA) {
	for _, p := range l.parts {
		if host != "" && p.key.Host != host {
			continue
		}
		for _, g := range p.longs {
			v := g.v[m]
			if math.IsNaN(v) || !g.to.After(ch.grid.from) {
				continue
			}
			x0, x1, y := ch.x(g.from), ch.x(g.to), f.at(v)
			ch.polyline(f.Rectangle, []point{{x0, y}, {x1, y}}, 2, tint(col, 0.45))
		}
	}
}

// stalled marks when I/O was in flight and none completed.
func (ch *chart) stalled(f frame, l *lun) {
	for _, s := range l.stalls {
		x0, x1 := int(ch.x(s.from)), int(math.Ceil(ch.x(s.to)))
		ch.rect(x0, f.Max.Y-4, max(x1, x0+3), f.Max.Y, ch.alarm)
	}
}

// slow marks the columns in which await was above the limit, in full where it was
// all the time.
func (ch *chart) slow(f frame, when line) {
	for i, v := range when.mean {
		if v > 0 {
			x := f.Min.X + i
			ch.rect(x, f.Max.Y-3, x+1, f.Max.Y, tint(ch.alarm, max(0.35, min(v/100, 1))))
		}
	}
}

// level draws a dashed line at a value, if it is within the frame.
func (ch *chart) level(f frame, v float64, col color.RGBA) {
	if v <= 0 || v > f.top {
		return
	}
	y := math.Round(f.at(v)) + 0.5
	ch.segment(point{float64(f.Min.X), y}, point{float64(f.Max.X), y}, 1, col, 5, 3)
}
