package render

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/render/draw"
	"lunstat/render/facts"
)

// mostOwn is up to how many LUNs each has a row on its own scale. More are compared on
// one scale, in horizon rows: sixty high rows are a picture that nobody scrolls through.
const mostOwn = 20

// The measures of horizon rows, in pixels.
const (
	horizonHeight = 14
	horizonStep   = 17
	rowTitle      = 17 // above each row, in a narrow picture
)

// The least value that fills a row on its own scale: swap with an I/O an hour is nothing,
// and looks like it.
const (
	leastShare = 0.02 // of the largest LUN, but no more than
	leastTop   = 10
)

// own reports that each LUN has its own scale.
func (o *overview) own(all []ranked) bool { return len(all) <= mostOwn }

// stepOf is how far one row is from the next, in pixels.
func (o *overview) stepOf(all []ranked, narrow bool) int {
	switch {
	case o.own(all) && narrow:
		return ownStep + rowTitle
	case o.own(all):
		return ownStep
	case narrow:
		return horizonStep + rowTitle
	}
	return horizonStep
}

// rowsHigh is how much room the rows take, in pixels.
func (o *overview) rowsHigh(all []ranked, narrow bool) int {
	if len(all) < 2 {
		return 0
	}
	return rowsAfter + o.stepOf(all, narrow)*len(all) + axisHeight
}

// drawRows draws a row for each LUN.
func (o *overview) drawRows(ch *chart, all []ranked, figures [][]string) {
	if len(all) < 2 { // the frame above has it
		return
	}
	ch.y += rowsAfter
	title := "Each LUN on its own scale, in " + o.axis
	if o.percent || !o.own(all) {
		title = "All LUNs on one scale, in " + o.axis
	}
	st := ch.bold(13.5, ch.theme.ink)
	ch.text(edge, float64(ch.y)-18, title, st)
	if !o.own(all) && !ch.below {
		o.bandKeys(ch, float64(edge)+ch.wide(title, st)+16, all)
	}
	ch.heads(ch.y-18, "", "last", "mean", "95th", "max")
	top, step := o.largest(all), o.stepOf(all, ch.below)
	for i, r := range all {
		if ch.below {
			ch.y += rowTitle
		}
		var f *frame
		if o.own(all) {
			f = o.ownRow(ch, r, top, i == len(all)-1)
		} else {
			f = o.horizonRow(ch, r, top, i == len(all)-1)
		}
		o.rowWords(ch, f, r, figures[i], all)
		ch.y = f.Min.Y + step
		if ch.below {
			ch.y -= rowTitle
		}
	}
	ch.y += axisHeight
}

// largest is what all are compared with.
func (o *overview) largest(all []ranked) float64 {
	var lines [][]float64
	for _, r := range all {
		lines = append(lines, r.view.line().mean)
		if o.percent {
			lines = append(lines, r.view.line().max, r.view.line().peak)
		}
	}
	if o.percent {
		return largest(lines...)
	}
	return robustTop(lines...)
}

// rowWords writes a LUN's name and figures beside its row or, in a narrow picture, above
// it.
func (o *overview) rowWords(ch *chart, f *frame, r ranked, figures []string, all []ranked) {
	w := o.row(ch, r, figures, o.own(all))
	if len(r.stalls) > 0 && w.sub != "" {
		w.sub = ch.d.stallWords(r.lun)
	}
	switch {
	case ch.below && o.own(all):
		w.sub = ""
		ch.row(f.Min.Y-5, w)
	case ch.below:
		ch.row(f.Min.Y-4, w)
	case o.own(all):
		ch.row(f.Min.Y+14, w)
	default:
		ch.row(f.Min.Y+11, w)
	}
}

// ownRow draws a LUN on its own scale.
func (o *overview) ownRow(ch *chart, r ranked, top float64, last bool) *frame {
	l := r.view.line()
	least, most := r.usualBand(ch.grid, o.metric)
	sc := tightScale(max(robustTop(l.mean, l.max, l.peak), largest(most), min(leastShare*top, leastTop)))
	if o.percent {
		sc = percentScale(top, 2)
	}
	f := ch.frame(ownHeight, sc)
	if last {
		ch.timed(f)
	}
	ch.draw(f, ch.ground(r.gaps),
		band{l.max, l.peak, tint(r.style.colour, 0.12)}, band{l.mean, l.max, tint(r.style.colour, 0.28)},
		usualBehind(least, most, l.mean, r.style.colour, false),
		ch.rules(), level{o.level, ch.soft},
		flats{r.lun, r.view.host, o.metric, r.style.colour, false}, trace{l.mean, stroke(1.6, style{colour: r.style.colour})},
		slowMarks{r.view.slow().mean, ch.alarm}, stalls{r.stalls, ch.alarm}, ch.base())
	ch.spikes(f, l.mean, l.max, l.peak)
	ch.flatTexts(f, r.lun, o.metric)
	return f
}

// flatTexts writes the mean into wide gaps whose total is known.
func (ch *chart) flatTexts(f *frame, l *lun, m metric) {
	st := ch.plain(smallSize, ch.soft)
	for _, s := range l.series {
		for _, g := range s.longs {
			x0, x1 := max(ch.grid.x(g.from), 0), min(ch.grid.x(g.to), float64(ch.grid.n))
			if math.IsNaN(g.v[m]) {
				continue
			}
			text := facts.Long(g.to.Sub(g.from)) + ", mean " + short(g.v[m]/f.unit, decimals([]float64{g.v[m] / f.unit}))
			if w := ch.wide(text, st); x1-x0 > w+6 {
				ch.over(float64(ch.x0)+(x0+x1-w)/2, float64(f.Min.Y)+12, text, st, ch.gap)
			}
		}
	}
}

// bands are how many times a horizon row folds its values.
const bands = 4

// bandStep is how much one band of a horizon row means.
func (o *overview) bandStep(top float64) float64 {
	if o.percent {
		return 25
	}
	if top <= 0 {
		return 1
	}
	mag := math.Pow(10, math.Floor(math.Log10(top/bands)))
	for _, m := range []float64{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8} {
		if bands*m*mag >= top {
			return m * mag
		}
	}
	return 10 * mag
}

// bandKeys say what the bands mean.
func (o *overview) bandKeys(ch *chart, x float64, all []ranked) {
	st := ch.plain(smallSize, ch.soft)
	step := o.bandStep(o.largest(all))
	sc := scale{top: bands * step, step: step, unit: 1}
	for i, col := range bandColours() {
		text := "above " + sc.label(float64(i)*step)
		if x+keyWide+5+ch.wide(text, st) > float64(ch.nameEnd()) {
			return
		}
		ch.rect(int(x), ch.y-27, int(x)+keyWide, ch.y-18, col)
		ch.text(x+keyWide+5, float64(ch.y)-18, text, st)
		x += keyWide + 5 + ch.wide(text, st) + keyStep
	}
}

// horizonRow draws a LUN on the scale of all.
func (o *overview) horizonRow(ch *chart, r ranked, top float64, last bool) *frame {
	f := ch.frame(horizonHeight, scale{top: 1, step: 2, unit: 1})
	f.plot.Y.Tick.Marker = plot.ConstantTicks(nil)
	if last {
		ch.timed(f)
	}
	ch.draw(f, ch.ground(r.gaps), folded{r.view.line().mean, o.bandStep(top)}, midnights{ch.axis.ticks, ch.rule},
		slowMarks{r.view.slow().mean, ch.alarm}, stalls{r.stalls, ch.alarm}, ch.base())
	return f
}

// folded draws values as bands upon each other, each darker and from the zero line up.
type folded struct {
	values columns
	step   float64
}

func (h folded) Plot(c vgdraw.Canvas, p *plot.Plot) {
	colours := bandColours()
	top := largest(h.values)
	for i := 0; i < bands && top > float64(i)*h.step; i++ {
		part := make(columns, len(h.values))
		for x, v := range h.values {
			part[x] = min(max(v/h.step-float64(i), 0), 1) // NaN stays
		}
		area{part, colours[i]}.Plot(c, p)
	}
}

// midnights are the heavier lines of the time axis.
type midnights struct {
	times  []tick
	colour color.RGBA
}

func (m midnights) Plot(c vgdraw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	for _, t := range m.times {
		if t.major {
			at := whole(x(unix(t.at)))
			box(&c, draw.Mix(color.White, m.colour, 0.7), at, c.Min.Y, at+1, c.Max.Y)
		}
	}
}
