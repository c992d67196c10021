package render

import (
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/vector"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// canvas is gonum's, with curves and text of our own on the same image. It is
// measured in pixels from the upper left corner.
//
// gonum's rasteriser takes a time quadratic in the length of a spiky line, and
// its text is filtered as a picture; both matter here (see polyline and fonts).
type canvas struct {
	*theme
	vg     *vgimg.Canvas
	img    *image.RGBA
	fonts  *fonts
	raster vector.Rasterizer
	inks   []color.RGBA // in the order of their first use: the palette
}

func newCanvas(w, h int, f *fonts) *canvas {
	t := paper()
	// At 72 dots an inch a point of gonum's is a pixel.
	c := vgimg.NewWith(vgimg.UseWH(vg.Length(w), vg.Length(h)), vgimg.UseDPI(72), vgimg.UseBackgroundColor(color.White))
	return &canvas{theme: &t, vg: c, img: c.Image().(*image.RGBA), fonts: f}
}

func (c *canvas) width() int  { return c.img.Rect.Dx() }
func (c *canvas) height() int { return c.img.Rect.Dy() }

// ink notes a colour for the palette.
func (c *canvas) ink(col color.RGBA) color.RGBA {
	for _, have := range c.inks {
		if have == col {
			return col
		}
	}
	c.inks = append(c.inks, col)
	return col
}

// rect fills [x0,x1) × [y0,y1).
func (c *canvas) rect(x0, y0, x1, y1 int, col color.RGBA) {
	draw.Draw(c.img, image.Rect(x0, y0, x1, y1), image.NewUniform(c.ink(col)), image.Point{}, draw.Src)
}

// point is a place in pixels; whole numbers are the edges between them.
type point struct{ x, y float64 }

// shape fills a polygon, with gonum.
func (c *canvas) shape(col color.RGBA, points ...point) {
	var p vg.Path
	for i, pt := range points {
		at := vg.Point{X: vg.Length(pt.x), Y: vg.Length(float64(c.height()) - pt.y)}
		if i == 0 {
			p.Move(at)
		} else {
			p.Line(at)
		}
	}
	p.Close()
	c.vg.SetColor(c.ink(col))
	c.vg.Fill(p)
}

// segment strokes a straight line, with gonum.
func (c *canvas) segment(a, b point, width float64, col color.RGBA, dash ...float64) {
	at := func(p point) vg.Point {
		return vg.Point{X: vg.Length(p.x), Y: vg.Length(float64(c.height()) - p.y)}
	}
	lengths := make([]vg.Length, len(dash))
	for i, d := range dash {
		lengths[i] = vg.Length(d)
	}
	var p vg.Path
	p.Move(at(a))
	p.Line(at(b))
	c.vg.SetColor(c.ink(col))
	c.vg.SetLineWidth(vg.Length(width))
	c.vg.SetLineDash(lengths, 0)
	c.vg.Stroke(p)
}
