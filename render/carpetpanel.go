package render

import (
	"image/color"
	"math"
	"slices"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// The measures of a carpet, in pixels.
const (
	carpetRow  = 8 // of a bucket
	carpetHigh = carpetRow * series.NumBuckets
	carpetRows = 5 // of the table
)

// carpetTableHigh is how much room its part of the table takes.
const carpetTableHigh = 12 + 20*carpetRows

// carpetShade is the colour of a cell from a count on.
type carpetShade struct {
	from   float64
	colour color.RGBA
}

// carpetShades are powers of ten up to the largest count, the last six of them. Below the
// first one there is still something to be seen: one slow I/O is what a mean hides. Where
// a cell is a small part of an interval, it has fractions of an I/O.
func carpetShades(most float64) []carpetShade {
	all := carpetColours()
	top := 0
	if most > 0 {
		top = int(math.Floor(math.Log10(most)))
	}
	first := max(top-len(all)+1, 0)
	if most < 10 {
		first = top - 2
	}
	n := top - first + 1
	var out []carpetShade
	for i := range n {
		at := len(all) - 1
		if n > 1 {
			at = i * (len(all) - 1) / (n - 1)
		}
		out = append(out, carpetShade{math.Pow(10, float64(first+i)), all[at]})
	}
	return out
}

// rug draws the cells of a carpet, neighbours of one colour as one box.
type rug struct {
	*carpet
	cells
	shades []carpetShade
}

// level is the shade of a count; -1: none.
func (r rug) level(count float32) int {
	if count <= 0 {
		return -1
	}
	for i := len(r.shades) - 1; i > 0; i-- {
		if float64(count) >= r.shades[i].from {
			return i
		}
	}
	return 0
}

func (r rug) Plot(c vgdraw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	n := r.cells.n
	x := func(i int) vg.Length { return whole(c.X(float64(i) / float64(n))) }
	for b, row := range r.rows {
		if row == nil {
			continue
		}
		low, high := whole(y(float64(b))), whole(y(float64(b+1)))
		for i := 0; i < n; {
			level := r.level(row[r.cell(i)])
			j := i + 1
			for j < n && r.level(row[r.cell(j)]) == level {
				j++
			}
			if level >= 0 {
				box(&c, r.shades[level].colour, x(i), low, x(j), high)
			}
			i = j
		}
	}
}

// stair is a percentile as steps, on a white edge so that it is seen on dark cells too. It
// is only where there are histograms: a step may be wider.
type stair struct {
	*carpet
	edges []time.Time
	known []facts.Span
	p     float64
	vgdraw.LineStyle
}

func (s stair) Plot(c vgdraw.Canvas, p *plot.Plot) {
	for _, in := range s.known {
		s.within(&c, p, in)
	}
}

// within draws the part that is in a stretch.
func (s stair) within(c *vgdraw.Canvas, p *plot.Plot, in facts.Span) {
	x, y := p.Transforms(c)
	under := s.LineStyle
	under.Color, under.Width, under.Dashes = color.White, s.Width+1.6, nil
	var pts []vg.Point
	flush := func() {
		if len(pts) > 1 {
			c.StrokeLines(under, pts)
			c.StrokeLines(s.LineStyle, pts)
		}
		pts = pts[:0]
	}
	for i := range s.steps {
		step := facts.Span{From: s.edges[i], To: s.edges[i+1]}
		if !step.Overlaps(in) {
			continue
		}
		v := percentileY(&s.steps[i], s.p)
		if math.IsNaN(v) {
			flush()
			continue
		}
		step = step.Clip(in)
		at := min(whole(y(v)), c.Max.Y-1)
		pts = append(pts, vg.Point{X: x(unix(step.From)), Y: at}, vg.Point{X: x(unix(step.To)), Y: at})
	}
	flush()
}

// latencyTicks are the value axis of a carpet.
type latencyTicks struct{}

func (latencyTicks) Ticks(_, _ float64) []plot.Tick {
	var out []plot.Tick
	for _, d := range []time.Duration{100 * time.Microsecond, time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second, 10 * time.Second} {
		out = append(out, plot.Tick{Value: latencyY(d), Label: latencyWords(d)})
	}
	return out
}

// latencyWords is a latency in one unit: "50 µs", "5 ms", "10 s".
func latencyWords(d time.Duration) string {
	switch {
	case d >= time.Second:
		return number(d.Seconds(), 0) + "\u2009s"
	case d >= time.Millisecond:
		return number(float64(d)/float64(time.Millisecond), 0) + "\u2009ms"
	}
	return number(float64(d)/float64(time.Microsecond), 0) + "\u2009µs"
}

// percentileStyles are how the lines look, by percentile. One lies above the other, so
// that they are told apart in grey, too.
func percentileStyles() [3]style {
	th := paper()
	return [3]style{{colour: rgb(0x009E73)}, {colour: th.warn}, {colour: th.alarm}}
}

// limitDashes are those of the role's limit.
func limitDashes() []vg.Length { return []vg.Length{5, 3} }

// carpetHigh is how much room a carpet takes, with its table where that is below.
func (d *data) carpetHigh() int {
	if d.narrow() {
		return carpetHigh + belowFrame + carpetTableHigh + belowTable
	}
	return carpetHigh
}

// carpetPanel draws how long the I/Os of a LUN took, with its part of the table.
func (ch *chart) carpetPanel(l *lun) {
	f := ch.frame(carpetHigh, scale{top: series.NumBuckets, step: 1, unit: 1})
	f.plot.Y.Tick.Marker = latencyTicks{}
	shades := carpetShades(l.carpet.largest())
	ps := append(ch.ground(nil), stripes{l.carpet.unknown(ch.d.cells), ch.gap}, ch.rules(), rug{&l.carpet, ch.d.cells, shades})
	// If two have the same bound, the lower percentile is drawn on the wider line of the
	// higher one.
	styles := percentileStyles()
	known := ch.grid.spans(func(i int) bool { return l.carpet.known[ch.d.cells.cell(i)] })
	for i, p := range slices.Backward(percentiles()) {
		ps = append(ps, stair{&l.carpet, ch.d.hours.edges, known, p, stroke(1+0.8*float64(i), styles[i])})
	}
	if limit := ch.d.limit(l); limit > 0 {
		y := latencyY(limit)
		ps = append(ps, lineAt{y, vgdraw.LineStyle{Color: color.White, Width: 1.2}}, lineAt{y, vgdraw.LineStyle{Color: ch.ink, Width: 1.2, Dashes: limitDashes()}})
	}
	ch.draw(f, append(ps, ch.base())...)
	ch.carpetTable(f, l, shades)
}

// lineAt is a line at a value from left to right.
type lineAt struct {
	value float64
	vgdraw.LineStyle
}

func (l lineAt) Plot(c vgdraw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	at := whole(y(l.value)) - 0.5
	c.StrokeLine2(l.LineStyle, c.Min.X, at, c.Max.X, at)
}

func (ch *chart) carpetTable(f *frame, l *lun, shades []carpetShade) {
	x, y := float64(ch.table+swatchAt), ch.tableTop(f)+8
	bold, small := ch.bold(textSize+0.5, ch.theme.ink), ch.plain(smallSize, ch.soft)
	title, under := "Latency of each I/O", "reads and writes together"
	if l.carpet.ofMeans() {
		title, under = "Latency", "from "+l.carpet.meansWords()
	}
	ch.text(x, float64(y), title, bold)
	ch.text(x+ch.wide(title, bold)+6, float64(y), under, small)
	ch.right(float64(ch.nameEnd()+4*cellStep), float64(y), "worst "+l.carpet.each(&ch.d.hours), ch.plain(smallSize, ch.faint))
	styles := percentileStyles()
	for i, p := range percentiles() {
		y += 20
		ch.swatch(ch.table+swatchAt, y-4, styles[i])
		ch.text(float64(ch.table+nameAt), float64(y), l.carpet.percentileWords(p), ch.plain(textSize, ch.ink))
		if b, ok := l.carpet.worst(p); ok {
			ch.right(float64(ch.nameEnd()+4*cellStep), float64(y), boundWords(b), ch.plain(textSize, ch.ink))
		}
	}
	if says := ch.d.limitWords(l); says != "" {
		y += 20
		ch.line(vgdraw.LineStyle{Color: ch.ink, Width: 1.2, Dashes: limitDashes()}, point{x, float64(y) - 4.5}, point{x + 17, float64(y) - 4.5})
		ch.text(float64(ch.table+nameAt), float64(y), says, small)
	}
	y += 20
	ch.shadeKeys(x, y, shades)
	if ch.below {
		ch.y = y + belowTable
	}
}

// shadeKeys say how many I/Os a colour is.
func (ch *chart) shadeKeys(x float64, y int, shades []carpetShade) {
	small := ch.plain(smallSize, ch.soft)
	const before = "I/Os in a cell, from:"
	ch.text(x, float64(y), before, small)
	x += ch.wide(before, small) + 8
	for _, s := range shades {
		ch.rect(int(x), y-9, int(x)+keyWide, y, s.colour)
		x += keyWide + 4
		said := short(s.from, max(0, -int(math.Floor(math.Log10(s.from)+1e-9))))
		ch.text(x, float64(y), said, small)
		x += ch.wide(said, small) + 9
	}
}
