package render

import (
	"image/color"
	"math"
	"slices"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/render/facts"
)

// The plotters of time series: X is Unix seconds, as gonum has it. Edges of areas lie
// between pixels, so that they are sharp on whatever canvas.

// plotters are drawn in their order.
type plotters []plot.Plotter

func (ps plotters) Plot(c vgdraw.Canvas, p *plot.Plot) {
	for _, one := range ps {
		one.Plot(c, p)
	}
}

// unix is a moment on a plot's X axis.
func unix(t time.Time) float64 { return float64(t.Unix()) + float64(t.Nanosecond())/1e9 }

// moment is a place on a plot's X axis as a time. A float has no more than microseconds.
func moment(x float64, z *time.Location) time.Time {
	whole, part := math.Modf(x)
	return time.Unix(int64(whole), int64(math.Round(part*1e6))*1000).In(z)
}

// lineCanvas draws lines and polygons without a path for them.
type lineCanvas interface {
	StrokeLine([]vg.Point)
	FillPolygon([]vg.Point)
}

// below is the canvas on which a part of a canvas lies.
func below(c *vgdraw.Canvas) vg.Canvas {
	in := c.Canvas
	for {
		part, ok := in.(vgdraw.Canvas)
		if !ok {
			return in
		}
		in = part.Canvas
	}
}

// withinY reports that no point lies above or below the canvas.
func withinY(c *vgdraw.Canvas, pts []vg.Point) bool {
	return !slices.ContainsFunc(pts, func(p vg.Point) bool { return !c.ContainsY(p.Y) })
}

// strokeLine strokes a line, as far as it is on the canvas.
func strokeLine(c *vgdraw.Canvas, st vgdraw.LineStyle, pts []vg.Point) {
	fast, ok := below(c).(lineCanvas)
	if !ok || !withinY(c, pts) {
		c.StrokeLines(st, c.ClipLinesY(pts)...)
		return
	}
	c.SetLineStyle(st)
	fast.StrokeLine(pts)
}

// fillPolygon fills a polygon, as far as it is on the canvas.
func fillPolygon(c *vgdraw.Canvas, col color.Color, pts []vg.Point) {
	fast, ok := below(c).(lineCanvas)
	if !ok || !withinY(c, pts) {
		c.FillPolygon(col, c.ClipPolygonY(pts))
		return
	}
	c.SetColor(col)
	fast.FillPolygon(pts)
}

// trace is a line through values, with gaps as gaps.
type trace struct {
	values columns
	vgdraw.LineStyle
}

func (t trace) Plot(c vgdraw.Canvas, p *plot.Plot) {
	for _, r := range runsOf(t.values) {
		strokeLine(&c, t.LineStyle, t.values.points(&c, p, r, t.Width))
	}
}

// stroke is a line as a LUN's style has it.
func stroke(width float64, l style) vgdraw.LineStyle {
	return vgdraw.LineStyle{Color: l.colour, Width: vg.Length(width), Dashes: l.dash}
}

// band fills from the lower values up to the upper ones, where both are.
type band struct {
	lower, upper columns
	colour       color.Color
}

func (b band) Plot(c vgdraw.Canvas, p *plot.Plot) {
	top := make(columns, len(b.upper))
	for i := range top {
		top[i] = max(b.upper[i], b.lower[i]) // NaN where either is
	}
	for _, r := range runsOf(top) {
		edge := top.stairs(&c, p, r)
		under := b.lower.stairs(&c, p, r)
		slices.Reverse(under)
		fillPolygon(&c, b.colour, append(edge, under...))
	}
}

// area fills from the zero line to the values.
type area struct {
	values columns
	colour color.Color
}

func (a area) Plot(c vgdraw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	zero := sharp(y(0), pixel(&c))
	for _, r := range runsOf(a.values) {
		pts := a.values.stairs(&c, p, r)
		pts = append(pts, vg.Point{X: pts[len(pts)-1].X, Y: zero}, vg.Point{X: pts[0].X, Y: zero})
		fillPolygon(&c, a.colour, pts)
	}
}

// box fills from (x0, y0) to (x1, y1).
func box(c *vgdraw.Canvas, col color.Color, x0, y0, x1, y1 vg.Length) {
	c.SetColor(col)
	if fast, ok := below(c).(lineCanvas); ok {
		fast.FillPolygon([]vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
		return
	}
	c.Fill(vg.Rectangle{Min: vg.Point{X: x0, Y: y0}, Max: vg.Point{X: x1, Y: y1}}.Path())
}

// whole is the nearest edge between two pixels.
func whole(l vg.Length) vg.Length { return vg.Length(math.Round(l.Points())) }

// stripes fill stretches of time from bottom to top, one pixel at least.
type stripes struct {
	spans  []facts.Span
	colour color.Color
}

func (s stripes) Plot(c vgdraw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	for _, sp := range s.spans {
		x0, x1 := whole(max(x(unix(sp.From)), c.Min.X)), whole(min(x(unix(sp.To)), c.Max.X))
		if x1 > c.Min.X && x0 < c.Max.X {
			box(&c, s.colour, x0, c.Min.Y, max(x1, x0+1), c.Max.Y)
		}
	}
}

// valueZone fills a stretch of values from left to right.
type valueZone struct {
	from, to float64
	colour   color.Color
}

func (z valueZone) Plot(c vgdraw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	box(&c, z.colour, c.Min.X, whole(y(z.from)), c.Max.X, whole(y(z.to)))
}

// ruling is the lines of both axes.
type ruling struct {
	times []tick
	theme
}

func (r ruling) Plot(c vgdraw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if at := whole(y(t.Value)); t.Value != 0 {
			box(&c, r.grid, c.Min.X, at-1, c.Max.X, at)
		}
	}
	for _, t := range r.times {
		col := r.grid
		if t.major {
			col = r.rule
		}
		at := whole(x(unix(t.at)))
		box(&c, col, at, c.Min.Y, at+1, c.Max.Y)
	}
}

// ticks are short marks below a frame.
type ticks struct {
	times  []tick
	colour color.Color
}

func (k ticks) Plot(c vgdraw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	for _, t := range k.times {
		at := whole(x(unix(t.at)))
		box(&c, k.colour, at, c.Min.Y-4, at+1, c.Min.Y)
	}
}

// floor is the zero line, just below what is drawn above it.
type floor struct{ colour color.Color }

func (f floor) Plot(c vgdraw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	zero := whole(y(0))
	box(&c, f.colour, c.Min.X, zero-1, c.Max.X, zero)
}

// axisRow is a further row of time labels, its baseline some pixels below the frame.
type axisRow struct {
	plot.Ticker
	text.Style
	below vg.Length
}

func (r axisRow) Plot(c vgdraw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	r.XAlign, r.YAlign = text.XCenter, text.YBottom
	y := c.Min.Y - r.below + r.FontExtents().Ascent - r.Font.Size
	for _, t := range r.Ticks(p.X.Min, p.X.Max) {
		c.FillText(r.Style, vg.Point{X: x(t.Value), Y: y}, t.Label)
	}
}

// level is a dashed line at a value, if it is within the frame.
type level struct {
	value  float64
	colour color.Color
}

func (l level) Plot(c vgdraw.Canvas, p *plot.Plot) {
	if l.value <= 0 || l.value > p.Y.Max {
		return
	}
	_, y := p.Transforms(&c)
	at := whole(y(l.value)) - 0.5
	c.StrokeLine2(vgdraw.LineStyle{Color: l.colour, Width: 1, Dashes: []vg.Length{5, 3}}, c.Min.X, at, c.Max.X, at)
}

// flats are long intervals as pale flat steps: of what happened inside of them only
// the total is known. They are of one host, or of all ("").
type flats struct {
	*lun
	host string
	metric
	colour color.RGBA
	down   bool
}

func (f flats) Plot(c vgdraw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	st := vgdraw.LineStyle{Color: tint(f.colour, 0.45), Width: 2}
	for _, s := range f.series {
		if f.host != "" && s.key.Host != f.host {
			continue
		}
		for _, g := range s.longs {
			v := g.v[f.metric]
			if f.down {
				v = -v
			}
			if at := y(v); !math.IsNaN(at.Points()) {
				c.StrokeLines(st, c.ClipLinesXY([]vg.Point{{X: x(unix(g.from)), Y: at}, {X: x(unix(g.to)), Y: at}})...)
			}
		}
	}
}

// stalls mark when I/O was in flight and none completed.
type stalls struct {
	spans  []facts.Span
	colour color.Color
}

func (s stalls) Plot(c vgdraw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	for _, sp := range s.spans {
		x0 := vg.Length(math.Floor(max(x(unix(sp.From)), c.Min.X).Points()))
		x1 := vg.Length(math.Ceil(min(x(unix(sp.To)), c.Max.X).Points()))
		box(&c, s.colour, x0, c.Min.Y, max(x1, x0+3), c.Min.Y+4)
	}
}

// slowMarks mark the columns in which await was above the limit, by percent of their
// time, in full where it was all the time.
type slowMarks struct {
	percent columns
	colour  color.RGBA
}

func (s slowMarks) Plot(c vgdraw.Canvas, _ *plot.Plot) {
	n := float64(len(s.percent))
	for i, v := range s.percent {
		if v > 0 {
			x := whole(c.X(float64(i) / n))
			box(&c, tint(s.colour, max(0.35, min(v/100, 1))), x, c.Min.Y, max(x+1, whole(c.X(float64(i+1)/n))), c.Min.Y+3)
		}
	}
}
