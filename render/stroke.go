package render

import (
	"image"
	"image/color"
	"math"
)

// polyline strokes a line of any number of points within a frame, in a time
// linear in their number: each piece between two points is a rectangle, each
// joint a small octagon, all turned the same way, so that where they overlap
// they cover once.
func (c *canvas) polyline(frame image.Rectangle, pts []point, width float64, col color.RGBA) {
	h := width / 2
	frame = crop(frame, h, pts)
	c.begin(frame)
	for i, p := range pts {
		p = local(frame, p)
		if i == 0 || i == len(pts)-1 || width > 1.2 {
			c.octagon(p, h)
		}
		if i > 0 {
			c.piece(local(frame, pts[i-1]), p, h)
		}
	}
	c.fill(frame, col)
}

// begin clears the rasteriser for a frame.
func (c *canvas) begin(frame image.Rectangle) { c.raster.Reset(frame.Dx(), frame.Dy()) }

// fill puts what was gathered on the image.
func (c *canvas) fill(frame image.Rectangle, col color.RGBA) {
	c.raster.Draw(c.img, frame, image.NewUniform(c.ink(col)), image.Point{})
}

// crop is the part of a frame that points reach with a pen of half a width h: the
// rasteriser goes over every pixel of it, which counts where a line has many gaps.
func crop(frame image.Rectangle, h float64, lists ...[]point) image.Rectangle {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, pts := range lists {
		for _, p := range pts {
			x0, y0, x1, y1 = min(x0, p.x), min(y0, p.y), max(x1, p.x), max(y1, p.y)
		}
	}
	if x0 > x1 {
		return image.Rectangle{}
	}
	clip := func(v float64) int { return int(min(max(v, -1<<20), 1<<20)) } // a conversion of more is undefined
	return frame.Intersect(image.Rect(clip(math.Floor(x0-h)), clip(math.Floor(y0-h)), clip(math.Ceil(x1+h)), clip(math.Ceil(y1+h))))
}

// local is a point within the frame, clipped some pixels outside of it.
func local(frame image.Rectangle, p point) point {
	const margin = 8
	return point{
		min(max(p.x-float64(frame.Min.X), -margin), float64(frame.Dx())+margin),
		min(max(p.y-float64(frame.Min.Y), -margin), float64(frame.Dy())+margin),
	}
}

func (c *canvas) piece(a, b point, h float64) {
	dx, dy := b.x-a.x, b.y-a.y
	l := math.Hypot(dx, dy)
	if l == 0 {
		return
	}
	nx, ny := -dy/l*h, dx/l*h
	c.polygon(point{a.x - nx, a.y - ny}, point{b.x - nx, b.y - ny}, point{b.x + nx, b.y + ny}, point{a.x + nx, a.y + ny})
}

func (c *canvas) octagon(p point, h float64) {
	k := h * (math.Sqrt2 - 1)
	c.polygon(
		point{p.x - k, p.y - h}, point{p.x + k, p.y - h}, point{p.x + h, p.y - k}, point{p.x + h, p.y + k},
		point{p.x + k, p.y + h}, point{p.x - k, p.y + h}, point{p.x - h, p.y + k}, point{p.x - h, p.y - k},
	)
}

func (c *canvas) polygon(pts ...point) {
	for i, p := range pts {
		if i == 0 {
			c.raster.MoveTo(float32(p.x), float32(p.y))
		} else {
			c.raster.LineTo(float32(p.x), float32(p.y))
		}
	}
	c.raster.ClosePath()
}

// band fills between two edges.
func (c *canvas) band(frame image.Rectangle, upper, lower []point, col color.RGBA) {
	frame = crop(frame, 0, upper, lower)
	c.begin(frame)
	pts := make([]point, 0, len(upper)+len(lower))
	for _, p := range upper {
		pts = append(pts, local(frame, p))
	}
	for i := len(lower) - 1; i >= 0; i-- {
		pts = append(pts, local(frame, lower[i]))
	}
	c.polygon(pts...)
	c.fill(frame, col)
}

// dashed strokes a line with dashes by its length.
func (c *canvas) dashed(frame image.Rectangle, pts []point, width float64, col color.RGBA, dash []float64) {
	if len(dash) == 0 {
		c.polyline(frame, pts, width, col)
		return
	}
	frame = crop(frame, width/2, pts)
	c.begin(frame)
	left, k := dash[0], 0
	for i := 1; i < len(pts); i++ {
		a, b := local(frame, pts[i-1]), local(frame, pts[i])
		l := math.Hypot(b.x-a.x, b.y-a.y)
		for done := 0.0; done < l; {
			step := min(left, l-done)
			if k%2 == 0 {
				c.piece(along(a, b, done/l), along(a, b, (done+step)/l), width/2)
			}
			done += step
			if left -= step; left <= 1e-9 {
				k++
				left = dash[k%len(dash)]
			}
		}
	}
	c.fill(frame, col)
}

func along(a, b point, share float64) point {
	return point{a.x + (b.x-a.x)*share, a.y + (b.y-a.y)*share}
}
