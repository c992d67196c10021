package render

import (
	"image"
	"image/color"
	"math"
	"time"
)

// The measures of all pictures, in pixels. One table column holds names and
// figures beside every frame, so that frames share their time axis and figures
// line up from the top of a picture to its end.
const (
	edge        = 18  // around everything
	leftMargin  = 66  // value labels
	panelWidth  = 426 // names and figures
	axisHeight  = 36  // time labels, two rows
	laneHeight  = 17  // a row of flags
	titleSize   = 21
	textSize    = 12.5
	smallSize   = 11
	footerLine  = 15
	headerSpace = 104
)

// plotWidth is the width of a frame in a picture: the number of columns.
func plotWidth(picture int) int { return max(120, picture-leftMargin-panelWidth) }

// chart is a picture that is being drawn, from top to bottom.
type chart struct {
	*canvas
	d      *data
	grid   grid
	axis   timeAxis
	x0     int // left edge of all frames
	x1     int // right edge
	y      int // where the next thing goes
	top    int // upper edge of the first frame, from which flags hang
	evs    []placed
	frames []image.Rectangle
}

// heading is what stands over a picture.
type heading struct {
	title string
	lines []string // below it
}

// newChart begins a picture whose frames and tables take height pixels. It is of
// one LUN or, of nil, of all.
func newChart(d *data, f *fonts, g grid, l *lun, h heading, height int, notes []string) *chart {
	evs, lanes := placeEvents(f, d.events(g, l), g)
	full := headerSpace + lanes*laneHeight + height + footerLine*len(notes) + edge
	c := newCanvas(d.opt.Width, full, f)
	ch := &chart{canvas: c, d: d, grid: g, evs: evs, x0: leftMargin, x1: leftMargin + g.n}
	ch.axis = newTimeAxis(g.from, g.to, g.n)
	ch.header(h)
	ch.y = headerSpace + lanes*laneHeight
	ch.top = ch.y
	ch.footer(notes)
	return ch
}

func (ch *chart) header(h heading) {
	st := style{titleSize, true, ch.theme.ink}
	room := float64(ch.width() - 2*edge)
	if ch.d.opt.Simulated {
		room -= ch.badge("SIMULATED")
	}
	for ch.fonts.measure(h.title, st) > room && st.size > 12 {
		st.size--
	}
	ch.text(edge, 34, ch.fonts.fit(h.title, room, st), st)
	for i, l := range h.lines {
		sub := style{textSize, false, ch.soft}
		ch.text(edge, 53+17*float64(i), ch.fonts.fit(l, float64(ch.width()-2*edge), sub), sub)
	}
}

// badge is a word in a box in the upper right corner; it returns its width.
func (ch *chart) badge(word string) float64 {
	st := style{12, true, rgb(0xFFFFFF)}
	w := ch.fonts.measure(word, st)
	x := float64(ch.width()-edge) - w - 16
	ch.rect(int(x), 17, ch.width()-edge, 39, ch.warn)
	ch.text(x+8, 32, word, st)
	return w + 40
}

func (ch *chart) footer(notes []string) {
	y := ch.height() - edge - footerLine*(len(notes)-1) + 4
	for i, n := range notes {
		st := style{smallSize, false, ch.faint}
		ch.text(edge, float64(y+i*footerLine), ch.fonts.fit(n, float64(ch.width()-2*edge), st), st)
	}
}

// frame is one plot: its rectangle and its value axis.
type frame struct {
	image.Rectangle
	scale
}

// frame takes the next height pixels for a plot.
func (ch *chart) frame(height int, s scale) frame {
	f := frame{image.Rect(ch.x0, ch.y, ch.x1, ch.y+height), s}
	ch.y += height
	ch.frames = append(ch.frames, f.Rectangle)
	return f
}

// at is the height of a value in pixels.
func (f frame) at(v float64) float64 {
	return float64(f.Max.Y) - v/f.top*float64(f.Dy())
}

// x is the place of a moment in pixels.
func (ch *chart) x(t time.Time) float64 {
	return float64(ch.x0) + min(max(ch.grid.x(t), 0), float64(ch.grid.n))
}

// stripe fills a stretch of time from top to bottom of a frame, one pixel at
// least.
func (ch *chart) stripe(f frame, s span, col color.RGBA) {
	x0, x1 := int(math.Round(ch.x(s.from))), int(math.Round(ch.x(s.to)))
	if x1 <= ch.x0 || x0 >= ch.x1 {
		return
	}
	ch.rect(x0, f.Min.Y, max(x1, x0+1), f.Max.Y, col)
}

// How long a range may be for nights and weekends to be told apart.
const (
	nightsUpTo   = 15 * 24 * time.Hour
	weekendsUpTo = 100 * 24 * time.Hour
)

// ground shades weekends, nights and gaps.
func (ch *chart) ground(f frame, gaps []gap) {
	g := ch.grid
	if g.to.Sub(g.from) <= weekendsUpTo {
		for _, s := range weekends(g.from, g.to) {
			ch.stripe(f, s, ch.weekend)
		}
	}
	if g.to.Sub(g.from) <= nightsUpTo {
		for _, s := range nights(g.from, g.to) {
			ch.stripe(f, s, ch.night)
		}
	}
	for _, gp := range gaps {
		if !gp.flat && gp.overlaps(span{g.from, g.to}) {
			ch.stripe(f, gp.span, ch.gap)
		}
	}
}

// rules draws the lines of both axes and the value labels.
func (ch *chart) rules(f frame, labels bool) {
	for _, v := range f.values() {
		y := int(math.Round(f.at(v)))
		if v > 0 {
			ch.rect(f.Min.X, y, f.Max.X, y+1, ch.theme.grid)
		}
		if labels {
			ch.right(float64(ch.x0-8), float64(y)+4, f.label(v), style{smallSize, false, ch.soft})
		}
	}
	for _, t := range ch.axis.ticks {
		x := int(math.Round(ch.x(t.at)))
		col := ch.theme.grid
		if t.major {
			col = ch.rule
		}
		ch.rect(x, f.Min.Y, x+1, f.Max.Y, col)
	}
}

// base closes a frame with its zero line.
func (ch *chart) base(f frame) {
	ch.rect(f.Min.X, f.Max.Y, f.Max.X, f.Max.Y+1, ch.rule)
}

// timeLabels writes the time axis below the last frame.
func (ch *chart) timeLabels() {
	st := style{smallSize, false, ch.soft}
	for _, t := range ch.axis.ticks {
		x := int(math.Round(ch.x(t.at)))
		ch.rect(x, ch.y, x+1, ch.y+4, ch.rule)
	}
	ch.labelRow(ch.axis.labels, float64(ch.y+16), st)
	ch.labelRow(ch.axis.above, float64(ch.y+31), style{smallSize, true, ch.soft})
	ch.y += axisHeight
}

// labelRow writes one row, each label in the longest form that all have room
// for, and none into another.
func (ch *chart) labelRow(labels []label, y float64, st style) {
	form := ch.form(labels, st)
	end := math.Inf(-1)
	for _, l := range labels {
		text := l.texts[min(form, len(l.texts)-1)]
		w := ch.fonts.measure(text, st)
		x := (ch.x(l.from)+ch.x(l.to))/2 - w/2
		if l.from.Equal(l.to) {
			x = min(x, float64(ch.x1)+20-w)
		}
		fits := l.from.Equal(l.to) || ch.x(l.to)-ch.x(l.from) >= w
		if fits && x >= end+6 {
			ch.text(x, y, text, st)
			end = x + w
		}
	}
}

// form is the first form in which the labels of whole stretches fit.
func (ch *chart) form(labels []label, st style) int {
	most := 0
	for _, l := range labels {
		most = max(most, len(l.texts))
	}
	for form := range most {
		if ch.fits(labels, form, st) {
			return form
		}
	}
	return most - 1
}

func (ch *chart) fits(labels []label, form int, st style) bool {
	for i, l := range labels {
		cutOff := len(labels) > 2 && (i == 0 || i == len(labels)-1)
		w := ch.fonts.measure(l.texts[min(form, len(l.texts)-1)], st)
		if !cutOff && !l.from.Equal(l.to) && ch.x(l.to)-ch.x(l.from) < w+6 {
			return false
		}
	}
	return true
}

// unitName writes what a frame's value axis counts, above its values.
func (ch *chart) unitName(f frame, name string) {
	ch.right(float64(ch.x0-8), float64(f.Min.Y)-12, name, style{smallSize, true, ch.soft})
}
