package render

import (
	"image/color"
	"image/png"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/render/draw"
)

// The measures of the trouble strip, in pixels. It is for a phone in the hand, which
// shows it at 0.4 of its size: no text is smaller than 20 but the imprint.
const (
	weekWidth    = 1080
	weekEdge     = 28
	weekLeft     = 340 // of the rows; the names are before
	weekRight    = weekWidth - weekEdge
	weekAxis     = 44 // a row of time labels
	weekTitle    = 46
	weekSays     = 30 // what is wrong, and
	leastSays    = 26
	weekText     = 24
	weekSmall    = 21
	weekImprint  = 16
	weekLeading  = 1.32 // of a text's size, from line to line
	weekPicture  = "week"
	leastTitle   = 32
	legendHeight = 34
)

// para is some lines of a text in one style.
type para struct {
	lines []string
	style text.Style
}

func (p *para) height() float64 {
	return float64(len(p.lines)) * p.style.Font.Size.Points() * weekLeading
}

// strip is week.png while it is drawn.
type strip struct {
	*chart
	rows   []weekRow
	folded []string
	head   []para
	legend [][]entry
	pitch  int // of the rows
}

// drawWeek draws week.png, the trouble strip: a row is a LUN, a column an hour, and the
// colour says how bad it was.
func drawWeek(d *data, m medium) vg.CanvasWriterTo {
	rows := d.weekRows()
	shown, troubled, quiet := foldRows(rows)
	ch := &chart{
		theme: paper(), fonts: m.fonts, d: d, x0: weekLeft, x1: weekRight,
		grid: grid{d.grid.from, d.grid.to, weekRight - weekLeft},
	}
	ch.axis = newTimeAxis(ch.grid.from, ch.grid.to, ch.grid.n/2) // text is twice as large as elsewhere
	s := &strip{chart: ch, rows: shown, folded: foldedWords(troubled, quiet), pitch: pitchOf(len(shown))}
	s.head = s.headline(d.verdict(rows))
	s.legend = s.entries()
	axis := weekAxis
	if len(ch.axis.above) > 1 {
		axis += weekAxis
	}
	height := weekEdge
	for i := range s.head {
		height += int(s.head[i].height())
	}
	top := height + 20 + axis
	height = top + s.pitch*len(shown) + len(s.folded)*s.line() + 14 + legendHeight*len(s.legend) + 40
	ch.out = m.canvas(weekWidth, height)
	if c, ok := ch.out.(*draw.Canvas); ok && m.level != png.NoCompression { // it is mailed: each byte counts
		c.Encoder.CompressionLevel = png.DefaultCompression
		if m.scale < 2 { // what is for sharp screens isn't mailed
			c.Most = mostWeekBytes
		}
	}
	ch.Canvas = vgdraw.New(ch.out)
	s.drawHead()
	ch.y = top
	s.drawRows()
	s.drawFolded()
	s.drawLegend()
	return ch.out
}

// mostWeekBytes is how large the strip is: it is mailed, to phones too.
const mostWeekBytes = 60_000

// pitchOf is the height of a row. With many rows it is small enough that the 32 KiB that
// PNG's compression looks back contain the row above: that saves a third of the bytes to
// mail.
func pitchOf(rows int) int {
	if rows <= 14 {
		return 46
	}
	return (32 << 10) / (weekWidth + 1)
}

// line is the height of a line of plain text.
func (s *strip) line() int { return 36 }

// headline sets the words, in lines that are never cut.
func (s *strip) headline(v verdict) []para {
	const room = weekRight - weekEdge
	col := s.ink
	if v.alarm {
		col = s.alarm
	}
	title := s.bold(weekTitle, col)
	for title.Font.Size > leastTitle && s.wide(v.title, title) > room {
		title.Font.Size--
	}
	kicker := s.plain(weekSmall, s.soft)
	when := s.d.name() + " · " + s.d.weekWhen()
	kickerRoom := float64(room)
	if s.d.opt.Simulated {
		kickerRoom -= 140
	}
	out := []para{
		{s.wrap(when, kickerRoom, kicker), kicker},
		{s.wrap(v.title, room, title), title},
	}
	says := s.saysStyle(v.says, room)
	for _, l := range v.says {
		out = append(out, para{s.wrap(l, room, says), says})
	}
	rest := s.plain(weekText, s.soft)
	if v.next != "" {
		out = append(out, para{s.wrap("Next: "+v.next, room, rest), rest})
	}
	for _, l := range v.lines {
		out = append(out, para{s.wrap(l, room, rest), rest})
	}
	return out
}

// saysStyle is a little smaller where that saves lines.
func (s *strip) saysStyle(says []string, room float64) text.Style {
	st := s.plain(weekSays, s.ink)
	for st.Font.Size > leastSays {
		if !slices.ContainsFunc(says, func(l string) bool { return s.wide(l, st) > room }) {
			return st
		}
		st.Font.Size--
	}
	return s.plain(weekSays, s.ink)
}

func (s *strip) drawHead() {
	y := float64(weekEdge)
	if s.d.opt.Simulated {
		s.badge("SIMULATED")
	}
	for _, p := range s.head {
		size := p.style.Font.Size.Points()
		for _, l := range p.lines {
			s.text(weekEdge, y+size*0.9, l, p.style)
			y += size * weekLeading
		}
	}
}

// drawRows is the plot: cells, holes, signs and the lines of the days.
func (s *strip) drawRows() {
	f := s.frame(s.pitch*len(s.rows), scale{top: float64(len(s.rows)), step: 1, unit: 1})
	f.plot.Y.Tick.Marker = plot.ConstantTicks(nil)
	var ps plotters
	for i, r := range s.rows {
		nearly, full := s.d.fullBars(r.lun)
		ps = append(ps,
			stripRow{i, r.strip, s.d.hours.edges}, hatch{i, s.holes(r.lun), s.theme},
			fullSign{i, nearly, 0.2, s.soft}, fullSign{i, full, 0.7, s.ink}, tailSign{i, s.d.tails(r.lun), s.theme}, stallSign{i, r.stalls, s.theme})
	}
	ps = append(ps, dayLines{s.edges(), s.soft})
	s.draw(f, ps...)
	s.timeLabels(f)
	for i, r := range s.rows {
		s.name(i, r)
	}
	s.causes(f)
}

// edges are the lines of the axis and both ends.
func (s *strip) edges() []tick {
	return append([]tick{{s.grid.from, false}, {s.grid.to, false}}, s.axis.ticks...)
}

// timeLabels are above the rows.
func (s *strip) timeLabels(f *frame) {
	y := float64(f.Min.Y) - 18
	for _, above := range []bool{false, true} {
		st := s.bold(weekSmall+2, s.soft)
		if above {
			st = s.plain(weekSmall, s.soft)
			if len(s.axis.above) < 2 {
				return
			}
		}
		row := timeTicks{
			zone: s.grid.from.Location(), pixels: s.grid.n / 2, above: above,
			wide: func(txt string) float64 { return s.wide(txt, st) / 2 },
		}
		st.XAlign = text.XCenter
		for _, t := range row.Ticks(unix(s.grid.from), unix(s.grid.to)) {
			x := float64(s.x0) + s.grid.x(moment(t.Value, row.zone))
			s.text(x, y, t.Label, st)
		}
		y -= weekAxis - 10
	}
}

// name writes a row's LUN, in bold where it is in trouble.
func (s *strip) name(i int, r weekRow) {
	size := max(20, min(25, 0.56*float64(s.pitch)))
	st := s.plain(size, s.soft)
	if r.trouble {
		st = s.bold(size, s.ink)
	}
	const room = weekLeft - weekEdge - 14
	for st.Font.Size > 19 && s.wide(r.title, st) > room {
		st.Font.Size -= 0.5
	}
	y := float64(s.y-s.pitch*(len(s.rows)-i)) + float64(s.pitch)/2 + size*0.36
	s.text(weekEdge, y, s.fit(r.title, room, st), st)
}

func (s *strip) drawFolded() {
	st := s.plain(weekSmall+2, s.soft)
	for _, l := range s.folded {
		s.y += s.line()
		s.text(weekEdge, float64(s.y-8), l, st)
	}
}

// entry is a colour or sign with its name.
type entry struct {
	draw func(x, y, w, h int)
	name string
}

// The sizes of a legend's entries, in pixels.
const (
	swatchWide = 34
	swatchHigh = 22
)

func (s *strip) drawLegend() {
	st := s.plain(weekSmall, s.soft)
	y := s.y + 14
	for _, line := range s.legend {
		x := float64(weekEdge)
		for _, e := range line {
			if e.draw != nil {
				e.draw(int(x), y+4, swatchWide, swatchHigh)
				x += swatchWide + 8
			}
			s.text(x, float64(y)+swatchHigh, e.name, st)
			x += s.wide(e.name, st) + 22
		}
		y += legendHeight
	}
	foot := s.plain(weekImprint, s.faint)
	imprint := strings.Join(s.d.imprint(), " ")
	s.text(weekEdge, float64(y)+22, s.fit(imprint, weekRight-weekEdge, foot), foot)
}

// area is a box on the canvas as plotters have it.
func (s *strip) area(x, y, w, h int) vgdraw.Canvas {
	return vgdraw.Canvas{Canvas: s.Canvas.Canvas, Rectangle: vg.Rectangle{Min: s.at(float64(x), float64(y+h)), Max: s.at(float64(x+w), float64(y))}}
}

// worst says which minute a column shows.
func (s *strip) worst() string {
	switch {
	case s.d.Long() < time.Minute: // the demo's first picture
		return "each interval"
	case s.d.hours.unit == minutes && s.d.hours.step.n == 1:
		return "each minute"
	}
	return "worst minute of each " + s.d.hours.each()
}

// entries are the legend, line by line; of signs only those that appear.
func (s *strip) entries() [][]entry {
	lines := [][]entry{{{name: "await as a multiple of the LUN's limit, " + s.worst() + ":"}}, nil}
	for i, sh := range shades() {
		name := sh.name
		if i > 0 {
			name = "× " + name
		}
		lines[1] = append(lines[1], entry{func(x, y, w, h int) { s.rect(x, y, x+w, y+h, sh.colour) }, name})
	}
	var signs []entry
	if causes := s.whyHatched(); causes != "" {
		signs = append(signs, entry{func(x, y, w, h int) {
			a := s.area(x, y, w, h)
			box(&a, color.White, a.Min.X, a.Min.Y, a.Max.X, a.Max.Y)
			hatch{theme: s.theme}.lines(&a, a.Min.X, a.Min.Y, a.Max.X, a.Max.Y)
		}, causes})
	}
	stalled, nearly, full := s.signs()
	if stalled {
		signs = append(signs, entry{func(x, y, w, h int) {
			a := s.area(x, y, w, h)
			stallSign{theme: s.theme}.at(&a, a.Min.X, a.Min.Y, a.Max.X, a.Max.Y)
		}, "stalled"})
	}
	if slices.ContainsFunc(s.rows, func(r weekRow) bool { return len(s.d.tails(r.lun)) > 0 }) {
		signs = append(signs, entry{func(x, y, w, h int) { s.rect(x, y, x+w, y+h/4, s.alarm) }, "some very slow I/Os"})
	}
	if nearly {
		signs = append(signs, entry{func(x, y, w, h int) { s.rect(x, y+h-h/4, x+w, y+h, s.soft) }, "filesystem nearly full"})
	}
	if full {
		signs = append(signs, entry{func(x, y, w, h int) { s.rect(x, y+h-h*2/3, x+w, y+h, s.ink) }, "filesystem full"})
	}
	return append(lines, s.broken(signs)...)
}

// broken puts entries into lines that have room for them.
func (s *strip) broken(all []entry) [][]entry {
	st := s.plain(weekSmall, s.soft)
	var lines [][]entry
	x := 0.0
	for _, e := range all {
		w := swatchWide + 30 + s.wide(e.name, st)
		if len(lines) == 0 || x+w > weekRight-weekEdge {
			lines, x = append(lines, nil), 0
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], e)
		x += w
	}
	return lines
}

// signs reports which signs the rows have.
func (s *strip) signs() (stalled, nearly, full bool) {
	for _, r := range s.rows {
		most, all := s.d.fullBars(r.lun)
		stalled = stalled || len(r.stalls) > 0
		nearly = nearly || len(most) > 0
		full = full || len(all) > 0
	}
	return stalled, nearly, full
}
