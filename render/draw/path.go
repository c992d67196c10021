package draw

import (
	"image"
	"math"

	"gonum.org/v1/plot/vg"
)

// point is a place in pixels from the upper left corner; whole numbers are the edges
// between pixels.
type point struct{ x, y float64 }

func (p point) plus(q point) point      { return point{p.x + q.x, p.y + q.y} }
func (p point) times(f float64) point   { return point{p.x * f, p.y * f} }
func (p point) minus(q point) point     { return point{p.x - q.x, p.y - q.y} }
func (p point) dot(q point) float64     { return p.x*q.x + p.y*q.y }
func (p point) cross(q point) float64   { return p.x*q.y - p.y*q.x }
func along(a, b point, t float64) point { return point{a.x + (b.x-a.x)*t, a.y + (b.y-a.y)*t} }

func (p point) unit() (u point, length float64) {
	length = math.Hypot(p.x, p.y)
	if length == 0 {
		return p, 0
	}
	return p.times(1 / length), length
}

// matrix turns points of a canvas into pixels: x' = m0 x + m1 y + m2, y' = m3 x + m4 y + m5.
type matrix [6]float64

func (m *matrix) times(o matrix) matrix {
	return matrix{
		m[0]*o[0] + m[1]*o[3], m[0]*o[1] + m[1]*o[4], m[0]*o[2] + m[1]*o[5] + m[2],
		m[3]*o[0] + m[4]*o[3], m[3]*o[1] + m[4]*o[4], m[3]*o[2] + m[4]*o[5] + m[5],
	}
}

func (m *matrix) at(p vg.Point) point {
	x, y := p.X.Points(), p.Y.Points()
	return point{m[0]*x + m[1]*y + m[2], m[3]*x + m[4]*y + m[5]}
}

// size is how many pixels a point's length has, on average over the directions.
func (m *matrix) size() float64 { return math.Sqrt(math.Abs(m[0]*m[4] - m[1]*m[3])) }

// upright reports that text isn't turned, mirrored or stretched.
func (m *matrix) upright() bool {
	return m[1] == 0 && m[3] == 0 && m[0] > 0 && math.Abs(m[0]+m[4]) < 1e-9*m[0]
}

// outline is a path in pixels, of straight lines only.
type outline struct {
	pts   []point
	parts []part
	at    point // where the pen is
	has   bool  // it is anywhere
	open  bool  // it drew something since the last move
}

// part is a stretch of points without a break.
type part struct {
	from, to int
	closed   bool
}

// set takes over a path. A point that isn't finite is left out, and the pen continues
// from there: a plot with such a value has a gap or a straight line, never nonsense.
func (o *outline) set(m *matrix, p vg.Path) {
	o.clear()
	for i := range p {
		switch c := &p[i]; c.Type {
		case vg.MoveComp:
			o.move(m.at(c.Pos))
		case vg.LineComp:
			o.to(m.at(c.Pos))
		case vg.ArcComp:
			o.arc(m, c)
		case vg.CurveComp:
			o.curve(m, c)
		case vg.CloseComp:
			o.close()
		}
	}
	o.end(false)
}

// polyline takes in straight lines through points, and back to the first if it is closed.
func (o *outline) polyline(m *matrix, pts []vg.Point, closed bool) {
	o.clear()
	for i, p := range pts {
		if i == 0 {
			o.move(m.at(p))
		} else {
			o.to(m.at(p))
		}
	}
	if closed {
		o.close()
	}
	o.end(false)
}

func (o *outline) clear() { *o = outline{pts: o.pts[:0], parts: o.parts[:0]} }

// farthest is how far out points are drawn, in pixels. Beyond it they move towards the
// middle: no slope changes that anybody sees, and all sums stay exact enough.
const farthest = 1e7

func near(p point) (q point, finite bool) {
	if far := max(math.Abs(p.x), math.Abs(p.y)); far > farthest {
		p = p.times(farthest / far)
	}
	return p, p.x-p.x == 0 && p.y-p.y == 0
}

func (o *outline) move(p point) {
	o.end(false)
	if p, ok := near(p); ok {
		o.at, o.has = p, true
	}
}

func (o *outline) to(p point) {
	p, ok := near(p)
	if !ok {
		return
	}
	if !o.has {
		o.at, o.has = p, true
	}
	if !o.open {
		o.parts = append(o.parts, part{from: len(o.pts)})
		o.pts = append(o.pts, o.at)
		o.open = true
	}
	o.pts = append(o.pts, p)
	o.at = p
}

// end closes the part that is open.
func (o *outline) end(closed bool) {
	if o.open {
		last := &o.parts[len(o.parts)-1]
		last.to, last.closed = len(o.pts), closed
		o.open = false
	}
}

func (o *outline) close() {
	if o.open {
		start := o.pts[o.parts[len(o.parts)-1].from]
		o.end(true)
		o.at = start
	}
}

// bend is how far, in pixels, a straight line may lie from the curve that it replaces.
const bend = 0.1

// mostSteps bounds a curve: a circle a million pixels wide doesn't need more.
const mostSteps = 2000

func (o *outline) arc(m *matrix, c *vg.PathComp) {
	r := math.Abs(c.Radius.Points()) * m.size()
	steps := math.Abs(c.Angle) / math.Sqrt(8*bend/max(r, bend))
	n := int(math.Ceil(min(max(steps, 1), mostSteps)))
	for i := range n + 1 {
		sin, cos := math.Sincos(c.Start + c.Angle*float64(i)/float64(n))
		p := m.at(vg.Point{X: c.Pos.X + c.Radius*vg.Length(cos), Y: c.Pos.Y + c.Radius*vg.Length(sin)})
		if i == 0 && !o.has {
			o.move(p) // a path may begin with an arc
		}
		o.to(p)
	}
}

// curve is a quadratic or cubic one, by its number of control points.
func (o *outline) curve(m *matrix, c *vg.PathComp) {
	ctl := [4]point{0: o.at}
	k := 1
	for _, p := range c.Control[:min(len(c.Control), 2)] {
		ctl[k] = m.at(p)
		k++
	}
	ctl[k] = m.at(c.Pos)
	pts := ctl[:k+1]
	bulge := 0.0
	for i := 1; i < k; i++ {
		bulge = max(bulge, math.Hypot(pts[i-1].x-2*pts[i].x+pts[i+1].x, pts[i-1].y-2*pts[i].y+pts[i+1].y))
	}
	n := int(math.Ceil(min(max(math.Sqrt(bulge/bend), 1), mostSteps)))
	for i := 1; i <= n; i++ {
		o.to(casteljau(ctl, k, float64(i)/float64(n)))
	}
}

func casteljau(p [4]point, degree int, t float64) point {
	for d := degree; d > 0; d-- {
		for i := range d {
			p[i] = along(p[i], p[i+1], t)
		}
	}
	return p[0]
}

// whole is how near to a whole number of pixels an edge has to be for a rectangle to
// be filled without a rasteriser: nearer than any shade shows.
const whole = 1.0 / 512

// rectangle reports that the outline is one whose edges lie between pixels.
func (o *outline) rectangle() (r image.Rectangle, ok bool) {
	if len(o.parts) != 1 || len(o.pts) < 4 || len(o.pts) > 5 {
		return r, false
	}
	p := o.pts
	if len(p) == 5 && p[4] != p[0] {
		return r, false
	}
	turned := p[0].x == p[1].x && p[1].y == p[2].y && p[2].x == p[3].x && p[3].y == p[0].y
	if !turned && !(p[0].y == p[1].y && p[1].x == p[2].x && p[2].y == p[3].y && p[3].x == p[0].x) {
		return r, false
	}
	for _, q := range []point{p[0], p[2]} {
		if math.Abs(q.x-math.Round(q.x)) > whole || math.Abs(q.y-math.Round(q.y)) > whole {
			return r, false
		}
	}
	return image.Rect(int(math.Round(p[0].x)), int(math.Round(p[0].y)), int(math.Round(p[2].x)), int(math.Round(p[2].y))), true
}

// bounds are the pixels that the outline touches with a pen of half a width h.
func (o *outline) bounds(h float64) image.Rectangle {
	if len(o.pts) == 0 {
		return image.Rectangle{}
	}
	a, b := o.pts[0], o.pts[0]
	for _, p := range o.pts[1:] {
		a.x, a.y, b.x, b.y = min(a.x, p.x), min(a.y, p.y), max(b.x, p.x), max(b.y, p.y)
	}
	return image.Rect(int(math.Floor(a.x-h)), int(math.Floor(a.y-h)), int(math.Ceil(b.x+h)), int(math.Ceil(b.y+h)))
}

// beyond reports that the outline goes so far out that the rasteriser, which counts
// in 32 bits and goes over every row, has to be spared it.
func (o *outline) beyond(img image.Rectangle) bool {
	const margin = 1000
	return !o.bounds(0).In(img.Inset(-margin))
}

// clip is the part of a polygon within a rectangle.
func clip(pts []point, r image.Rectangle) []point {
	for _, e := range []struct{ a, b, c float64 }{ // a x + b y + c is above 0 inside
		{1, 0, -float64(r.Min.X) + 1}, {-1, 0, float64(r.Max.X) + 1},
		{0, 1, -float64(r.Min.Y) + 1}, {0, -1, float64(r.Max.Y) + 1},
	} {
		var out []point
		for i, p := range pts {
			q := pts[(i+1)%len(pts)]
			dp, dq := e.a*p.x+e.b*p.y+e.c, e.a*q.x+e.b*q.y+e.c
			if dp >= 0 {
				out = append(out, p)
			}
			if dp >= 0 != (dq >= 0) {
				out = append(out, along(p, q, dp/(dp-dq)))
			}
		}
		pts = out
	}
	return pts
}
