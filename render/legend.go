package render

import (
	"image/color"
	"math"

	vgdraw "gonum.org/v1/plot/vg/draw"
)

// The table beside the frames, in pixels from their right edge.
const (
	swatchAt = 16
	nameAt   = 40
	nameEnd  = 192
	cellStep = 54
	firstEnd = nameEnd + cellStep // where the first column of figures ends
)

// row is one line of the table.
type row struct {
	style *style // nil: no swatch
	title string
	sub   string // smaller, below the title; may be ""
	cells []string
	alarm []bool // cells that are to be seen first
}

// heads writes the names of the columns, right-aligned over their figures.
func (ch *chart) heads(y int, first string, names ...string) {
	st := ch.plain(smallSize, ch.faint)
	ch.text(float64(ch.x1+swatchAt), float64(y), first, st)
	for i, n := range names {
		ch.right(float64(ch.x1+firstEnd+i*cellStep), float64(y), n, st)
	}
}

// row writes one line whose title has its baseline at y.
func (ch *chart) row(y int, r row) {
	name := ch.bold(textSize, ch.theme.ink)
	small := ch.plain(smallSize, ch.soft)
	x := float64(ch.x1 + nameAt)
	if r.style != nil {
		ch.swatch(ch.x1+swatchAt, y-4, *r.style)
	} else {
		name, x = ch.plain(textSize, ch.theme.ink), float64(ch.x1+swatchAt)
	}
	room := float64(ch.x1+nameEnd) - x
	if len(r.cells) < 4 {
		room += float64((4 - len(r.cells)) * cellStep)
	}
	for ch.wide(r.title, name) > room && name.Font.Size > 11 {
		name.Font.Size -= 0.5
	}
	ch.text(x, float64(y), ch.fit(r.title, room, name), name)
	if r.sub != "" {
		ch.text(x, float64(y+14), ch.fit(r.sub, float64(panelWidth-nameAt-edge), small), small)
	}
	shift := 4 - len(r.cells)
	for i, cell := range r.cells {
		st := ch.plain(textSize, ch.theme.ink)
		if i < len(r.alarm) && r.alarm[i] {
			st = ch.bold(textSize, ch.alarm)
		}
		ch.right(float64(ch.x1+firstEnd+(shift+i)*cellStep), float64(y), cell, st)
	}
}

// swatch is a piece of the line as it is drawn.
func (ch *chart) swatch(x, y int, l style) {
	ch.line(stroke(3, l), point{float64(x), float64(y) + 0.5}, point{float64(x + 17), float64(y) + 0.5})
}

// figuresOf are the four figures of each line of a table, each column with the same
// number of decimals.
func figuresOf(all []stats, text func(v float64, decimals int) string) [][]string {
	var values []float64
	for _, s := range all {
		values = append(values, s.mean, s.p95, s.max)
	}
	n := decimals(values)
	out := make([][]string, len(all))
	for i, s := range all {
		out[i] = []string{text(s.last, n), text(s.mean, n), text(s.p95, n), text(s.max, n)}
	}
	return out
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
