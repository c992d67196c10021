package draw

import (
	"image"
	"math"

	"gonum.org/v1/plot/vg"
)

// Stroke strokes a path of any number of points, in a time that is linear in their
// number. Each piece between two points is a rectangle and each joint is a wedge. All
// turn the same way, so that overlaps are covered once. Ends are straight and joints
// are round, as in vgimg.
func (c *Canvas) Stroke(p vg.Path) {
	c.line.set(&c.matrix, p)
	c.stroke()
}

// StrokeLine is Stroke of a path through points; see [Canvas.FillPolygon].
func (c *Canvas) StrokeLine(pts []vg.Point) {
	c.line.polyline(&c.matrix, pts, false)
	c.stroke()
}

// stroke strokes the outline.
func (c *Canvas) stroke() {
	h := c.width.Points() * c.size() / 2
	if !(h > 0) {
		return
	}
	h = min(h, float64(c.img.Rect.Dx()+c.img.Rect.Dy())) // that covers all there is
	c.dashes()
	area := c.line.bounds(h).Intersect(c.img.Rect)
	if area.Empty() {
		return
	}
	c.memory.raster.Reset(area.Dx(), area.Dy())
	pen := pen{Canvas: c, h: h, area: area, far: c.line.beyond(c.img.Rect)}
	for _, p := range c.line.parts {
		pen.part(c.line.pts[p.from:p.to], p.closed)
	}
	c.paint(area)
}

// pen strokes within an area.
type pen struct {
	*Canvas
	h    float64 // half its width
	area image.Rectangle
	far  bool // pieces have to be clipped
}

func (n *pen) part(pts []point, closed bool) {
	if closed {
		pts = append(pts[:len(pts):len(pts)], pts[0])
	}
	var first, last point // directions
	for i := 1; i < len(pts); i++ {
		dir, length := pts[i].minus(pts[i-1]).unit()
		if length == 0 {
			continue
		}
		n.piece(pts[i-1], pts[i], dir)
		if last != (point{}) {
			n.joint(pts[i-1], last, dir)
		} else {
			first = dir
		}
		last = dir
	}
	if closed && last != (point{}) {
		n.joint(pts[0], last, first)
	}
}

// piece is a straight line.
func (n *pen) piece(a, b, dir point) {
	if n.far {
		t0, t1, ok := within(a, b, n.area, n.h)
		if !ok {
			return
		}
		a, b = along(a, b, t0), along(a, b, t1)
	}
	side := point{-dir.y, dir.x}.times(n.h)
	n.polygon(n.area.Min, a.minus(side), b.minus(side), b.plus(side), a.plus(side))
}

// A joint that leaves less than this open on its outer side, in pixels, needs none.
const tight = 0.05

// joint fills the wedge that two pieces leave open on the outer side of a bend.
func (n *pen) joint(p, in, out point) {
	turn := in.cross(out)
	if in.dot(out) > 0 && math.Abs(turn)*n.h < tight {
		return
	}
	if n.far && !image.Pt(int(p.x), int(p.y)).In(n.area.Inset(-int(n.h)-2)) {
		return // out of sight
	}
	a, b := point{in.y, -in.x}, point{out.y, -out.x}
	if turn < 0 {
		a, b = point{-out.y, out.x}, point{-in.y, in.x}
	}
	var room [40]point
	wedge := append(room[:0], p, p.plus(a.times(n.h)))
	wedge = n.round(wedge, p, a, b, in.minus(out), 0)
	n.polygon(n.area.Min, append(wedge, p.plus(b.times(n.h)))...)
}

// round adds the points between two ends of an arc, halving it until its pieces are
// flat. Where the ends are opposite the tip says on which side it lies.
func (n *pen) round(wedge []point, p, a, b, tip point, depth int) []point {
	const most = 5
	if sagitta := n.h * (1 - math.Sqrt(max(0, (1+a.dot(b))/2))); sagitta < bend || depth == most {
		return wedge
	}
	middle, length := a.plus(b).unit()
	if length < 1e-6 {
		middle, _ = tip.unit()
	}
	wedge = n.round(wedge, p, a, middle, tip, depth+1)
	wedge = append(wedge, p.plus(middle.times(n.h)))
	return n.round(wedge, p, middle, b, tip, depth+1)
}

// within is which part of a line a pen of half a width h draws in an area, as shares
// of its length.
func within(a, b point, area image.Rectangle, h float64) (t0, t1 float64, ok bool) {
	margin := h + 2
	t0, t1 = 0, 1
	d := b.minus(a)
	for _, e := range [4][2]float64{
		{-d.x, a.x - (float64(area.Min.X) - margin)}, {d.x, float64(area.Max.X) + margin - a.x},
		{-d.y, a.y - (float64(area.Min.Y) - margin)}, {d.y, float64(area.Max.Y) + margin - a.y},
	} {
		switch t := e[1] / e[0]; {
		case e[0] == 0 && e[1] < 0:
			return 0, 0, false
		case e[0] < 0:
			t0 = max(t0, t)
		case e[0] > 0:
			t1 = min(t1, t)
		}
	}
	return t0, t1, t0 < t1
}

// dashes cuts the outline as the dash pattern says.
func (c *Canvas) dashes() {
	pattern, total := c.pattern()
	if total == 0 {
		return
	}
	c.line, c.spare = c.spare, c.line
	whole := &c.spare
	c.line.clear()
	d := dasher{out: &c.line, pattern: pattern, total: total, area: c.img.Rect, h: c.width.Points() * c.size()}
	for _, p := range whole.parts {
		pts := whole.pts[p.from:p.to]
		if p.closed {
			pts = append(pts[:len(pts):len(pts)], pts[0])
		}
		d.start(c.offset.Points() * c.size())
		for i := 1; i < len(pts); i++ {
			d.piece(pts[i-1], pts[i])
		}
		d.out.end(false)
	}
}

// pattern is the dash pattern in pixels and its length; 0 is a solid line. One that is
// finer than the eye can see, or has a negative length, is solid too.
func (c *Canvas) pattern() (pattern []float64, total float64) {
	const finest = 0.25
	for _, l := range c.dash {
		v := l.Points() * c.size()
		if !(v >= 0) {
			return nil, 0
		}
		pattern = append(pattern, v)
		total += v
	}
	if len(pattern)%2 == 1 {
		pattern, total = append(pattern, pattern...), 2*total
	}
	if !(total >= finest) || math.IsInf(total, 0) {
		return nil, 0
	}
	return pattern, total
}

// dasher walks along a line and puts down its dashes.
type dasher struct {
	out     *outline
	pattern []float64
	total   float64
	area    image.Rectangle
	h       float64
	k       int     // of the pattern; even: a dash
	left    float64 // of the k-th
}

// start goes to a place in the pattern.
func (d *dasher) start(offset float64) {
	d.k, d.left = 0, d.pattern[0]
	if offset = math.Mod(offset, d.total); offset < 0 {
		offset += d.total
	}
	d.skip(offset)
}

// skip moves on in the pattern without drawing.
func (d *dasher) skip(length float64) {
	length = math.Mod(length, d.total)
	for length >= d.left {
		length -= d.left
		d.next()
	}
	d.left -= length
}

func (d *dasher) next() {
	d.k = (d.k + 1) % len(d.pattern)
	d.left = d.pattern[d.k]
}

// piece dashes a straight line. Of one that leaves the picture the outer part is
// skipped, so that its length costs nothing.
func (d *dasher) piece(a, b point) {
	length := math.Hypot(b.x-a.x, b.y-a.y)
	t0, t1, ok := within(a, b, d.area, d.h)
	if !ok {
		t0, t1 = 1, 1
	}
	if t0 > 0 {
		d.out.end(false)
		d.skip(t0 * length)
	}
	a, b = along(a, b, t0), along(a, b, t1)
	seen := (t1 - t0) * length
	for done := 0.0; done < seen; {
		step := min(d.left, seen-done)
		if d.k%2 == 0 && step > 0 {
			if !d.out.open {
				d.out.move(along(a, b, done/seen))
			}
			d.out.to(along(a, b, (done+step)/seen))
		}
		done += step
		if d.left -= step; d.left <= 1e-9 {
			d.next()
			d.out.end(false)
		}
	}
	if t1 < 1 {
		d.out.end(false)
		d.skip((1 - t1) * length)
	}
}
