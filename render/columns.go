package render

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
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

// columns are values by pixel column; NaN: there is none.
type columns []float64

// points are a run's values on the canvas as a line of some width, from the left edge of
// its first column to the right edge of its last one. For a level stretch its two ends are
// enough.
func (v columns) points(c *vgdraw.Canvas, p *plot.Plot, r run, width vg.Length) []vg.Point {
	at := v.levels(c, p, r, width)
	x := func(i float64) vg.Length { return c.X((float64(r.from) + i) / float64(len(v))) }
	pts := make([]vg.Point, 0, len(at)+2)
	pts = append(pts, vg.Point{X: x(0), Y: at[0]})
	for i := range at {
		if i > 0 && i+1 < len(at) && at[i] == at[i-1] && at[i] == at[i+1] {
			continue
		}
		pts = append(pts, vg.Point{X: x(float64(i) + 0.5), Y: at[i]})
	}
	return append(pts, vg.Point{X: x(float64(len(at))), Y: at[len(at)-1]})
}

// calm is how far a line may be from its value, in pixels, before it leaves its level:
// more than the half that rounding takes, so that a value between two doesn't flicker.
const calm = 0.75

// levels are the heights of a run's values. The upper edge of a line that goes through
// them lies between two pixels.
func (v columns) levels(c *vgdraw.Canvas, p *plot.Plot, r run, width vg.Length) []vg.Length {
	_, y := p.Transforms(c)
	px := pixel(c)
	at := make([]vg.Length, r.to-r.from)
	for i := range at {
		exact := y(v[r.from+i])
		at[i] = sharp(exact+width/2, px) - width/2
		if i > 0 && math.Abs(float64(exact-at[i-1])) < calm*float64(px) {
			at[i] = at[i-1]
		}
	}
	return at
}

// stairs are the edge of an area: each column goes up to its own value. On paper a slope
// takes half the points.
func (v columns) stairs(c *vgdraw.Canvas, p *plot.Plot, r run) []vg.Point {
	px := pixel(c)
	if px == 0 {
		return v.points(c, p, r, 0)
	}
	_, y := p.Transforms(c)
	x := func(i int) vg.Length { return sharp(c.X(float64(i)/float64(len(v))), px) }
	last := sharp(y(v[r.from]), px)
	pts := []vg.Point{{X: x(r.from), Y: last}}
	for i := r.from + 1; i < r.to; i++ {
		if at := sharp(y(v[i]), px); at != last {
			pts = append(pts, vg.Point{X: x(i), Y: last}, vg.Point{X: x(i), Y: at})
			last = at
		}
	}
	return append(pts, vg.Point{X: x(r.to), Y: last})
}

// pixel is how high a canvas's pixels are; 0: it has none, as paper.
func pixel(c *vgdraw.Canvas) vg.Length {
	if c, ok := below(c).(interface{ Pixel() vg.Length }); ok {
		return c.Pixel()
	}
	return 0
}

// sharp is the nearest edge between two pixels. What ends there has no shades, and the
// same bytes again in the next column: curves take half as many as with smooth edges.
func sharp(l, px vg.Length) vg.Length {
	if px == 0 {
		return l
	}
	return vg.Length(math.Round(float64(l/px))) * px
}
