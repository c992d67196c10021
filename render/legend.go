package render

import (
	"image/color"
	"math"

	vgdraw "gonum.org/v1/plot/vg/draw"
)

// The table beside the frames, in pixels from their right edge.
const (
	swatchAt    = 16
	nameAt      = 40
	cellStep    = 54
	figuresWide = 4*cellStep + edge
)

// row is one line of the table.
type row struct {
	style *style // nil: no swatch
	title string
	sub   string // smaller, below the title; may be ""
	cells []string
	aside string // smaller, after the title where there is room; may be ""
	alarm bool   // the name must be seen first
	gone  bool   // the LUN is no longer there
}

// nameEnd is where names end and figures begin.
func (ch *chart) nameEnd() int {
	if ch.below {
		return ch.width() - figuresWide
	}
	return ch.table + panelWidth - figuresWide
}

// The room around a table below its frame, in pixels.
const (
	belowFrame = 14
	belowTable = 8
)

// tableTop is where the table of a frame begins.
func (ch *chart) tableTop(f *frame) int {
	if ch.below {
		return ch.y + belowFrame
	}
	return f.Min.Y
}

// heads writes the names of the columns, right-aligned over their figures.
func (ch *chart) heads(y int, first string, names ...string) {
	st := ch.plain(smallSize, ch.faint)
	ch.text(float64(ch.table+swatchAt), float64(y), first, st)
	for i, n := range names {
		ch.right(float64(ch.nameEnd()+(i+1)*cellStep), float64(y), n, st)
	}
}

// row writes one line whose title has its baseline at y.
func (ch *chart) row(y int, r row) {
	name := ch.bold(textSize, ch.theme.ink)
	small := ch.plain(smallSize, ch.soft)
	switch {
	case r.alarm:
		name.Color = ch.theme.alarm
	case r.gone:
		name.Color = ch.faint
	}
	x := float64(ch.table + nameAt)
	if r.style != nil {
		ch.swatch(ch.table+swatchAt, y-4, *r.style)
	} else {
		name, x = ch.plain(textSize, ch.theme.ink), float64(ch.table+swatchAt)
	}
	room := float64(ch.nameEnd()) - x
	if len(r.cells) < 4 {
		room += float64((4 - len(r.cells)) * cellStep)
	}
	for ch.wide(r.title, name) > room && name.Font.Size > 11 {
		name.Font.Size -= 0.5
	}
	title := ch.fit(r.title, room, name)
	ch.text(x, float64(y), title, name)
	const lastCell = 42 // of the cell after the name, for its figure
	if at := x + ch.wide(title, name) + 8; r.aside != "" && at+ch.wide(r.aside, small) < float64(ch.nameEnd()+cellStep-lastCell) {
		ch.text(at, float64(y), r.aside, small)
	}
	if r.sub != "" {
		ch.text(x, float64(y+14), ch.fit(r.sub, float64(panelWidth-nameAt-edge), small), small)
	}
	shift := 4 - len(r.cells)
	for i, cell := range r.cells {
		ch.right(float64(ch.nameEnd()+(shift+i+1)*cellStep), float64(y), cell, ch.plain(textSize, ch.theme.ink))
	}
}

// swatch is a piece of the line as it is drawn.
func (ch *chart) swatch(x, y int, l style) {
	ch.line(stroke(3, l), point{float64(x), float64(y) + 0.5}, point{float64(x + 17), float64(y) + 0.5})
}

// figuresOf are the four figures of each line of a table, each column with the same
// number of decimals but for those that are too long without a unit.
func figuresOf(all []stats) [][]string {
	var values []float64
	for _, s := range all {
		values = append(values, s.mean, s.p95, s.max)
	}
	n := decimals(values)
	out := make([][]string, len(all))
	for i, s := range all {
		out[i] = []string{cell(s.last, n), cell(s.mean, n), cell(s.p95, n), cell(s.max, n)}
	}
	return out
}

// cell writes a value with so many decimals. A value that would be rounded to 0, like an
// await of 80 µs in a week with one of 30 s, has decimals of its own.
func cell(v float64, decimals int) string {
	if decimals == 0 && v >= 0.005 && v < 0.5 {
		decimals = 2
	}
	return short(v, decimals)
}

// leader joins a curve's end to its label, since labels are stacked apart.
func (ch *chart) leader(y0, y1 float64, col color.RGBA) {
	x := float64(ch.x1)
	if math.Abs(y0-y1) < 0.5 {
		y0 = y1
	}
	ch.line(vgdraw.LineStyle{Color: tint(col, 0.7), Width: 1}, point{x, y0}, point{x + 5, y0}, point{x + 22, y1}, point{x + 27, y1})
}

// stack moves places apart until each has height pixels, keeping their order and
// staying within [lo, hi] as far as there is room. They must be in order.
func stack(want []float64, height, lo, hi float64) []float64 {
	out := make([]float64, len(want))
	at := lo
	for i, w := range want {
		at = max(at, w)
		out[i] = at
		at += height
	}
	at = hi
	for i := len(out) - 1; i >= 0 && out[i] > at; i-- {
		out[i] = at
		at -= height
	}
	return out
}
