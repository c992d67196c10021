package render

import (
	"image"
	"image/color"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/render/draw"
	"lunstat/render/facts"
)

// The measures of all pictures, in pixels. One table column has names and figures beside
// every frame, so that frames share their time axis and figures line up from the top of a
// picture to its end.
const (
	edge        = 18  // around everything
	leftMargin  = 66  // value labels
	panelWidth  = 426 // names and figures
	narrowBelow = 900 // a picture less wide has names and figures below the frames
	axisHeight  = 36  // time labels, two rows
	laneHeight  = 17  // a row of flags
	titleSize   = 21
	textSize    = 12.5
	smallSize   = 11
	footerLine  = 15
	headerLine  = 17
	headerSpace = 70 // the title, and room for what hangs over the first frame
)

// plotWidth is the width of a frame in a picture: the number of columns.
func plotWidth(picture int) int {
	if picture < narrowBelow {
		return picture - leftMargin - edge
	}
	return picture - leftMargin - panelWidth
}

// chart is a picture that is being drawn, from top to bottom. Its frames are gonum's
// plots. What gonum has no word for, the header, the table beside the frames and the
// flags, is drawn on the same canvas, in pixels from its upper left corner.
type chart struct {
	vgdraw.Canvas
	theme
	out    vg.CanvasWriterTo
	fonts  *draw.Fonts
	d      *data
	grid   grid
	axis   timeAxis
	x0     int  // left edge of all frames
	x1     int  // right edge
	table  int  // left edge of names and figures
	below  bool // names and figures are below the frames, not beside
	y      int  // where the next thing goes
	top    int  // upper edge of the first frame, from which flags hang
	foot   int  // upper edge of the footnotes
	evs    []placed
	marks  eventMarks
	worst  map[*lun]int // those in trouble
	frames []*frame
}

// heading is the text over a picture.
type heading struct {
	title    string
	lines    []string  // below it
	findings []finding // what somebody should know first
}

// finding is a line in the header.
type finding struct {
	text  string
	alarm bool
}

// high is how much room it takes.
func (h *heading) high() int { return headerSpace + headerLine*(len(h.lines)+len(h.findings)) }

// narrow reports that a picture has no room for names and figures beside its frames.
func (d *data) narrow() bool { return d.opt.Width < narrowBelow }

// newChart begins a picture whose frames and tables take height pixels. It is of
// one LUN or, of nil, of all.
func newChart(d *data, m medium, g grid, l *lun, h heading, height int, f footnotes) *chart {
	h.findings = wrapped(m.fonts, h.findings, d.opt.Width-2*edge)
	mk := d.eventMarks(m.fonts, g, l)
	evs, lanes, unnamed := placeEvents(m.fonts, mk.flags, g)
	if mk.bar != nil {
		lanes++
	}
	top := h.high() + lanes*laneHeight
	if unnamed != "" {
		f.texts = append([]string{unnamed}, f.texts...)
	}
	lines := f.lines(m.fonts, d.opt.Width-2*edge)
	out := m.canvas(d.opt.Width, top+height+footerLine*len(lines)+edge)
	ch := &chart{
		Canvas: vgdraw.New(out), theme: paper(), out: out, fonts: m.fonts,
		d: d, grid: g, axis: newTimeAxis(g.from, g.to, g.n), evs: evs, marks: mk, worst: d.troubled(),
		x0: leftMargin, x1: leftMargin + g.n, y: top, top: top,
	}
	ch.table = ch.x1
	if d.narrow() {
		ch.table, ch.below = edge-swatchAt, true
	}
	ch.foot = top + height
	ch.header(h)
	ch.completeness()
	ch.footer(lines)
	return ch
}

func (ch *chart) width() int  { return int(ch.Max.X) }
func (ch *chart) height() int { return int(ch.Max.Y) }

// plain is how text looks, at a size in pixels.
func (ch *chart) plain(size float64, col color.Color) text.Style {
	return text.Style{Font: draw.Regular(vg.Length(size)), Color: col, Handler: ch.fonts}
}

func (ch *chart) bold(size float64, col color.Color) text.Style {
	return text.Style{Font: draw.Bold(vg.Length(size)), Color: col, Handler: ch.fonts}
}

// at is a place on the canvas, whose origin is its lower left corner.
func (ch *chart) at(x, y float64) vg.Point {
	return vg.Point{X: vg.Length(x), Y: ch.Max.Y - vg.Length(y)}
}

// text draws s with its baseline's left end at (x, y); with XAlign XRight it ends there.
func (ch *chart) text(x, y float64, s string, st text.Style) {
	p := ch.at(x, y)
	p.Y += st.FontExtents().Ascent - st.Font.Size // gonum's place for text lies below its baseline
	ch.FillText(st, p, s)
}

// over draws s on a ground of its own, so that no curve runs through it.
func (ch *chart) over(x, y float64, s string, st text.Style, ground color.Color) {
	ch.rect(int(x)-2, int(y)-10, int(x+ch.wide(s, st))+2, int(y)+3, ground)
	ch.text(x, y, s, st)
}

// right draws s so that it ends at x.
func (ch *chart) right(x, y float64, s string, st text.Style) {
	st.XAlign = text.XRight
	ch.text(x, y, s, st)
}

// wide is the width of a text in pixels.
func (ch *chart) wide(s string, st text.Style) float64 {
	return ch.fonts.Width(s, st.Font).Points()
}

// fit shortens s to so many pixels.
func (ch *chart) fit(s string, room float64, st text.Style) string {
	return ch.fonts.Fit(s, vg.Length(room), st.Font)
}

// rect fills [x0,x1) × [y0,y1).
func (ch *chart) rect(x0, y0, x1, y1 int, col color.Color) {
	ch.shape(col, point{float64(x0), float64(y0)}, point{float64(x1), float64(y0)}, point{float64(x1), float64(y1)}, point{float64(x0), float64(y1)})
}

// point is a place in pixels; whole numbers are the edges between them.
type point struct{ x, y float64 }

// shape fills a polygon.
func (ch *chart) shape(col color.Color, points ...point) {
	var p vg.Path
	for i, pt := range points {
		if i == 0 {
			p.Move(ch.at(pt.x, pt.y))
		} else {
			p.Line(ch.at(pt.x, pt.y))
		}
	}
	p.Close()
	ch.SetColor(col)
	ch.Fill(p)
}

// line strokes a line.
func (ch *chart) line(st vgdraw.LineStyle, points ...point) {
	pts := make([]vg.Point, len(points))
	for i, p := range points {
		pts[i] = ch.at(p.x, p.y)
	}
	ch.StrokeLines(st, pts)
}

func (ch *chart) header(h heading) {
	st := ch.bold(titleSize, ch.theme.ink)
	room := float64(ch.width() - 2*edge)
	if ch.d.opt.Simulated {
		room -= ch.badge("SIMULATED")
	}
	for ch.wide(h.title, st) > room && st.Font.Size > 12 {
		st.Font.Size--
	}
	ch.text(edge, 34, ch.fit(h.title, room, st), st)
	for i, l := range h.lines {
		sub := ch.plain(textSize, ch.soft)
		ch.text(edge, float64(53+headerLine*i), ch.fit(l, float64(ch.width()-2*edge), sub), sub)
	}
	for i, f := range h.findings {
		sub := ch.plain(textSize, ch.soft)
		if f.alarm {
			sub = ch.bold(textSize, ch.alarm)
		}
		ch.text(edge, float64(55+headerLine*(len(h.lines)+i)), ch.fit(f.text, float64(ch.width()-2*edge), sub), sub)
	}
}

// badge is a word in a box in the upper right corner; it returns its width.
func (ch *chart) badge(word string) float64 {
	st := ch.bold(12, color.White)
	w := ch.wide(word, st)
	x := float64(ch.width()-edge) - w - 16
	ch.rect(int(x), 17, ch.width()-edge, 39, ch.warn)
	ch.text(x+8, 32, word, st)
	return w + 40
}

// frame is a plot of values over time, with the pixels that its data fill.
type frame struct {
	image.Rectangle
	scale
	plot *plot.Plot
	ms   bool // its values are milliseconds
}

// frame takes the next height pixels for a plot.
func (ch *chart) frame(height int, s scale) *frame {
	f := &frame{Rectangle: image.Rect(ch.x0, ch.y, ch.x1, ch.y+height), scale: s, plot: plot.New()}
	p := f.plot
	p.BackgroundColor = nil
	p.TextHandler = ch.fonts
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = unix(ch.grid.from), unix(ch.grid.to), -s.down, s.top
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		// The ruling has the lines of both axes: they end between pixels there.
		a.LineStyle.Width, a.Tick.LineStyle.Width, a.Tick.Length, a.Padding = 0, 0, 0, 0
		a.Label.TextStyle = ch.plain(smallSize, ch.soft)
		a.Tick.Label = ch.plain(smallSize, ch.soft)
	}
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = text.XCenter, text.YTop
	p.X.Tick.Marker = plot.ConstantTicks(nil)
	p.Y.Tick.Label.XAlign = text.XRight
	p.Y.Tick.Label.YAlign = -0.6 // the middle of figures, which don't go below the baseline
	p.Y.Tick.Marker = s
	p.Y.Padding = 8 - p.Y.Label.TextStyle.Width(" ")
	ch.y += height
	ch.frames = append(ch.frames, f)
	return f
}

// at is the height of a value in pixels.
func (f *frame) at(v float64) float64 {
	return float64(f.Max.Y) - (v+f.down)/(f.top+f.down)*float64(f.Dy())
}

// draw draws a frame with its axes, and what is in it in this order.
func (ch *chart) draw(f *frame, ps ...plot.Plotter) {
	f.plot.Add(ps...)
	area := vg.Rectangle{Min: ch.at(float64(f.Min.X), float64(f.Max.Y)), Max: ch.at(float64(f.Max.X), float64(f.Min.Y))}
	f.plot.Draw(around(f.plot, vgdraw.Canvas{Canvas: ch.Canvas.Canvas, Rectangle: area}))
}

// around is the canvas on which a plot's data fill an area. gonum takes the room for
// the axes from the inside, so that frames with other labels wouldn't be aligned.
func around(p *plot.Plot, area vgdraw.Canvas) vgdraw.Canvas {
	outer := area
	for range 2 { // a label beyond an edge needs a second look
		in := p.DataCanvas(outer)
		outer = vgdraw.Crop(outer, area.Min.X-in.Min.X, area.Max.X-in.Max.X, area.Min.Y-in.Min.Y, area.Max.Y-in.Max.Y)
	}
	outer.Canvas = area.Canvas
	return outer
}

// How long a range may be for nights and weekends to be told apart.
const (
	nightsUpTo   = 15 * 24 * time.Hour
	weekendsUpTo = 100 * 24 * time.Hour
)

// ground shades weekends, nights and gaps.
func (ch *chart) ground(gaps []gap) plotters {
	g := ch.grid
	long := g.to.Sub(g.from)
	var out plotters
	if long <= weekendsUpTo {
		out = append(out, stripes{weekends(g.from, g.to), ch.weekend})
	}
	if long <= nightsUpTo {
		out = append(out, stripes{nights(g.from, g.to), ch.night})
	}
	return append(out, ch.gaps(gaps))
}

// gaps are the grey blocks of what is missing.
func (ch *chart) gaps(gaps []gap) plot.Plotter {
	g := ch.grid
	var missing []facts.Span
	for _, gp := range gaps {
		if gp.Overlaps(facts.Span{From: g.from, To: g.to}) {
			missing = append(missing, gp.Span)
		}
	}
	return stripes{missing, ch.gap}
}

// rules are the lines of both axes.
func (ch *chart) rules() plot.Plotter { return ruling{ch.axis.ticks, ch.theme} }

// base closes a frame with its zero line.
func (ch *chart) base() plot.Plotter { return floor{ch.rule} }

// timed writes the time axis below a frame that is yet to be drawn.
func (ch *chart) timed(f *frame) {
	p := f.plot
	st := p.X.Tick.Label
	e := st.FontExtents()
	const baseline = 16 // below the frame
	p.X.Padding = baseline - 2*e.Ascent + st.Font.Size
	row := timeTicks{zone: ch.grid.from.Location(), pixels: ch.grid.n, wide: func(s string) float64 { return ch.wide(s, st) }}
	p.X.Tick.Marker = plot.ConstantTicks(row.Ticks(p.X.Min, p.X.Max)) // gonum asks ten times
	st.Font = draw.Bold(smallSize)
	row.above = true
	f.plot.Add(axisRow{row, st, baseline + 15}, ticks{ch.axis.ticks, ch.rule})
	ch.y += axisHeight
}

// unitName writes what a frame's value axis counts, above its values.
func (ch *chart) unitName(f *frame, name string) {
	ch.right(float64(ch.x0-8), float64(f.Min.Y)-12, name, ch.bold(smallSize, ch.soft))
}
