package render

import (
	"image/color"
	"math"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/render/facts"
)

// The plotters of the strip: X is Unix seconds; row 0 is at the top and takes the Y from
// n − 1 to n.

// rowBox is the height of a row, less the gap between two.
func rowBox(c *vgdraw.Canvas, p *plot.Plot, row int) (low, high vg.Length) {
	_, y := p.Transforms(c)
	const between = 4
	return whole(y(p.Y.Max - float64(row) - 1)), whole(y(p.Y.Max-float64(row))) - between
}

// within is a stretch on the canvas, so many pixels wide at least.
func within(c *vgdraw.Canvas, p *plot.Plot, s facts.Span, least vg.Length) (x0, x1 vg.Length, ok bool) {
	x, _ := p.Transforms(c)
	x0, x1 = whole(max(x(unix(s.From)), c.Min.X)), whole(min(x(unix(s.To)), c.Max.X))
	if x1 < c.Min.X || x0 > c.Max.X {
		return 0, 0, false
	}
	if x1-x0 < least {
		x0 = min(max((x0+x1-least)/2, c.Min.X), c.Max.X-least)
		x0 = whole(x0)
		x1 = x0 + least
	}
	return x0, x1, true
}

// stripRow is a row's columns, neighbours of one colour as one box.
type stripRow struct {
	row   int
	cells stripCells
	edges []time.Time
}

func (s stripRow) Plot(c vgdraw.Canvas, p *plot.Plot) {
	low, high := rowBox(&c, p, s.row)
	for i := 0; i < len(s.cells); {
		v := float64(s.cells[i])
		j := i + 1
		for j < len(s.cells) && math.IsNaN(v) == math.IsNaN(float64(s.cells[j])) && shadeOf(v) == shadeOf(float64(s.cells[j])) {
			j++
		}
		if x0, x1, ok := within(&c, p, facts.Span{From: s.edges[i], To: s.edges[j]}, 0); ok && !math.IsNaN(v) {
			box(&c, shadeOf(v), x0, low, x1, high)
		}
		i = j
	}
}

// hatch is where there is no data.
type hatch struct {
	row   int
	spans []facts.Span
	theme
}

func (h hatch) Plot(c vgdraw.Canvas, p *plot.Plot) {
	low, high := rowBox(&c, p, h.row)
	const least = 2 // pixels: a gap of minutes must be seen in a week
	for _, s := range h.spans {
		if x0, x1, ok := within(&c, p, s, least); ok {
			box(&c, color.White, x0, low, x1, high)
			h.lines(&c, x0, low, x1, high)
		}
	}
}

// lines are at 45° and each 7 pixels, on one raster over all rows.
func (h hatch) lines(c *vgdraw.Canvas, x0, low, x1, high vg.Length) {
	const apart = 7
	var path vg.Path
	for at := vg.Length(math.Floor(float64(x0-high)/apart)) * apart; at < x1-low; at += apart {
		// y = x − at, cut to the box.
		from, to := max(x0, low+at), min(x1, high+at)
		if from < to {
			path.Move(vg.Point{X: from, Y: from - at})
			path.Line(vg.Point{X: to, Y: to - at})
		}
	}
	c.SetColor(h.faint)
	c.SetLineWidth(1)
	c.SetLineDash(nil, 0)
	c.Stroke(path)
}

// stallSign is a black box with a white diamond: no colour of the scale.
type stallSign struct {
	row   int
	spans []facts.Span
	theme
}

func (s stallSign) Plot(c vgdraw.Canvas, p *plot.Plot) {
	low, high := rowBox(&c, p, s.row)
	const least = 13
	for _, sp := range s.spans {
		if x0, x1, ok := within(&c, p, sp, least); ok {
			s.at(&c, x0, low, x1, high)
		}
	}
}

func (s stallSign) at(c *vgdraw.Canvas, x0, low, x1, high vg.Length) {
	box(c, s.ink, x0, low, x1, high)
	x, y, r := (x0+x1)/2, (low+high)/2, vg.Length(5)
	var path vg.Path
	path.Move(vg.Point{X: x - r, Y: y})
	path.Line(vg.Point{X: x, Y: y + r})
	path.Line(vg.Point{X: x + r, Y: y})
	path.Line(vg.Point{X: x, Y: y - r})
	path.Close()
	c.SetColor(color.White)
	c.Fill(path)
}

// fullSign is a bar along a row's lower edge, higher where the filesystem was full.
type fullSign struct {
	row   int
	spans []facts.Span
	share float64 // of the row's height
	color.Color
}

func (s fullSign) Plot(c vgdraw.Canvas, p *plot.Plot) {
	low, high := rowBox(&c, p, s.row)
	for _, sp := range s.spans {
		if x0, x1, ok := within(&c, p, sp, 3); ok {
			box(&c, color.White, x0, low, x1, low+whole((high-low)*vg.Length(s.share))+2)
			box(&c, s.Color, x0, low, x1, low+whole((high-low)*vg.Length(s.share)))
		}
	}
}

// tailSign is a bar along a row's upper edge, where few I/Os took very long.
type tailSign struct {
	row   int
	spans []facts.Span
	theme
}

func (s tailSign) Plot(c vgdraw.Canvas, p *plot.Plot) {
	low, high := rowBox(&c, p, s.row)
	for _, sp := range s.spans {
		if x0, x1, ok := within(&c, p, sp, 3); ok {
			thick := whole((high - low) / 4)
			box(&c, color.White, x0, high-thick-2, x1, high)
			box(&c, s.alarm, x0, high-thick, x1, high)
		}
	}
}

// dayLines are the boundaries of the time axis, over the rows.
type dayLines struct {
	times  []tick
	colour color.Color
}

func (l dayLines) Plot(c vgdraw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	for _, t := range l.times {
		at := whole(x(unix(t.at)))
		top := c.Max.Y
		if t.major {
			top += 10
		}
		box(&c, l.colour, at, c.Min.Y, at+1, top)
	}
}
