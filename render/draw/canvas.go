// Package draw is a canvas on which gonum's plots are drawn fast, sharp and small.
//
// [Memory.New] makes a [Canvas]: a vg.Canvas that any plot.Plot can draw on, and that writes
// itself as a PNG. It differs from gonum's own vgimg in four ways:
//
//   - it strokes a line piece by piece, in a time that is linear in the number of
//     points; vgimg takes seconds for a thousand points of noise;
//   - the baselines of text are at whole pixels, and a glyph is drawn once for a report,
//     not once for each word;
//   - the picture has a palette of the colours used and their tints, which takes a third
//     of the bytes and of the time of true colour;
//   - a point of gonum's is one pixel, or two for a sharp screen, so no lengths need to
//     be converted.
//
// [Fonts] is the text.Handler for this canvas, for axes, labels and everything else with
// a text.Style. If a font lacks a letter, the next font draws it. If no font has it, it
// becomes a box and does not vanish.
//
// [NewSVG] and [NewPDF] are gonum's canvases for these formats. They are adapted so that
// the files are readable without our fonts and have the same bytes each time.
//
// The package knows nothing of LUNs, and imports nothing else of lunstat.
package draw

import (
	"image"
	"image/color"
	stddraw "image/draw"
	"image/png"
	"math"
	"slices"

	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
	"gonum.org/v1/plot/vg"
)

// Canvas is a vg.Canvas of pixels. Its background is white.
type Canvas struct {
	state
	stack  []state
	img    *image.RGBA
	w, h   vg.Length
	scale  float64 // pixels a point
	glyphs *glyphs
	line   outline // of the path that is being drawn
	spare  outline // its memory, for another
	inks   inks

	memory *Memory

	// Encoder writes the PNG: a small one, or one that is written fast.
	Encoder png.Encoder
	// Shades are the steps of an edge from nothing to the full colour; 0: as smooth as can be.
	// Of three, the same letter or slope has the same bytes elsewhere, which takes a third
	// off a picture, and even in small text the eye sees hardly any difference.
	Shades int
	// Most is how many bytes the PNG should have at most; 0: any. A larger one is compressed
	// again and harder, which makes it a tenth smaller and takes several times as long.
	Most int
}

var _ vg.CanvasWriterTo = (*Canvas)(nil)

// state is what Push saves.
type state struct {
	matrix
	width  vg.Length
	dash   []vg.Length
	offset vg.Length
	col    color.RGBA
}

// Image is what has been drawn so far.
func (c *Canvas) Image() *image.RGBA { return c.img }

// Size is the width and height, in points. It and the methods from SetLineWidth to Pop are
// those of vg.Canvas.
func (c *Canvas) Size() (w, h vg.Length) { return c.w, c.h }

// Pixel is how wide and high a pixel is, in points.
func (c *Canvas) Pixel() vg.Length { return vg.Length(1 / c.scale) }

func (c *Canvas) SetLineWidth(w vg.Length) { c.width = w }

func (c *Canvas) SetLineDash(pattern []vg.Length, offset vg.Length) {
	c.dash, c.offset = pattern, offset
}

func (c *Canvas) SetColor(col color.Color) {
	if col == nil {
		col = color.Black
	}
	c.col = color.RGBAModel.Convert(col).(color.RGBA)
}

func (c *Canvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	c.matrix = c.times(matrix{cos, -sin, 0, sin, cos, 0})
}

func (c *Canvas) Translate(pt vg.Point) {
	c.matrix = c.times(matrix{1, 0, pt.X.Points(), 0, 1, pt.Y.Points()})
}

func (c *Canvas) Scale(x, y float64) { c.matrix = c.times(matrix{x, 0, 0, 0, y, 0}) }

func (c *Canvas) Push() { c.stack = append(c.stack, c.state) }

// Pop without a Push changes nothing.
func (c *Canvas) Pop() {
	if n := len(c.stack); n > 0 {
		c.state, c.stack = c.stack[n-1], c.stack[:n-1]
	}
}

// Fill fills a path. A part that lies inside another one and turns the other way is a
// hole.
func (c *Canvas) Fill(p vg.Path) {
	c.line.set(&c.matrix, p)
	c.fill()
}

// FillPolygon is Fill of a path through points. A path of a thousand points takes 70 kB
// to build, and this takes nothing.
func (c *Canvas) FillPolygon(pts []vg.Point) {
	c.line.polyline(&c.matrix, pts, true)
	c.fill()
}

// fill fills the outline.
func (c *Canvas) fill() {
	if r, ok := c.line.rectangle(); ok { // exact, and by far the fastest
		c.inks.add(c.col)
		stddraw.Draw(c.img, r, image.NewUniform(c.col), image.Point{}, stddraw.Over)
		return
	}
	area := c.line.bounds(0).Intersect(c.img.Rect)
	if area.Empty() {
		return
	}
	c.memory.raster.Reset(area.Dx(), area.Dy())
	far := c.line.beyond(c.img.Rect)
	for _, p := range c.line.parts {
		pts := c.line.pts[p.from:p.to]
		if far {
			pts = clip(pts, area)
		}
		c.polygon(area.Min, pts...)
	}
	c.paint(area)
}

// polygon adds one to what is to be painted in an area that begins at a corner.
func (c *Canvas) polygon(corner image.Point, pts ...point) {
	x, y := float64(corner.X), float64(corner.Y)
	for i, p := range pts {
		if i == 0 {
			c.memory.raster.MoveTo(float32(p.x-x), float32(p.y-y))
		} else {
			c.memory.raster.LineTo(float32(p.x-x), float32(p.y-y))
		}
	}
	c.memory.raster.ClosePath()
}

// paint puts what the rasteriser has on the image. By way of a mask, since of the area
// of a line most is empty: the rasteriser itself would blend all of it.
func (c *Canvas) paint(area image.Rectangle) {
	c.inks.add(c.col)
	c.memory.mask.Rect, c.memory.mask.Stride = image.Rectangle{Max: area.Size()}, area.Dx()
	c.memory.mask.Pix = slices.Grow(c.memory.mask.Pix[:0], area.Dx()*area.Dy())[:area.Dx()*area.Dy()]
	c.memory.raster.DrawOp = stddraw.Src
	c.memory.raster.Draw(&c.memory.mask, c.memory.mask.Rect, image.Opaque, image.Point{})
	c.stamp(&mask{&c.memory.mask, area.Min}, image.Point{})
}

// DrawImage draws an image, scaled to a rectangle.
func (c *Canvas) DrawImage(r vg.Rectangle, img image.Image) {
	size, b := r.Size(), img.Bounds()
	if b.Empty() {
		return
	}
	m := c.times(matrix{1, 0, r.Min.X.Points(), 0, 1, r.Max.Y.Points()})
	m = m.times(matrix{size.X.Points() / float64(b.Dx()), 0, 0, 0, -size.Y.Points() / float64(b.Dy()), 0})
	m = m.times(matrix{1, 0, -float64(b.Min.X), 0, 1, -float64(b.Min.Y)})
	draw.BiLinear.Transform(c.img, f64.Aff3(m), img, b, draw.Over, nil)
	c.inks.many = true
}
