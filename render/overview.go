package render

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
)

// overview is a picture of one figure of all LUNs: the largest together in one
// frame, then a row for each.
type overview struct {
	metric
	title   string
	says    string // what is counted, below the title
	axis    string // the unit at the value axis
	least   float64
	order   func(stats) float64 // the largest come first
	level   float64             // a dashed line at this value; 0: none
	percent bool                // of 100
	sums    bool                // the lesser LUNs can be shown as their sum
	notes   []string
	rest    columns // the sum of the lesser LUNs, as the frame shows it
}

// The measures of an overview, in pixels.
const (
	framed      = 6 // LUNs in the upper frame
	frameHeight = 250
	ownHeight   = 34
	ownStep     = 50
	rowsAfter   = 40 // between the upper frame's axis and the first row
	// mostRows keeps the picture of a large host one that can be opened.
	mostRows = 200
)

// ranked is a LUN with the figure that is drawn: a row of the picture. One that two
// hosts used at once has a row for each where the figure can't be added up.
type ranked struct {
	*lun
	view  view
	style style
}

// ranking sorts the LUNs that have the figure at all: those in trouble first, then the
// largest. Those that are equal stay in the order of roles.
func (d *data) ranking(m metric, by func(stats) float64) []ranked {
	var out []ranked
	for _, l := range d.luns {
		for _, v := range l.views(m) {
			if !math.IsNaN(v.stats.mean) {
				out = append(out, ranked{l, v, v.style(l.style)})
			}
		}
	}
	worst := d.troubled()
	place := func(r ranked) int { return cmp.Or(worst[r.lun], len(d.luns)+1) }
	slices.SortStableFunc(out, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(finite(by(b.view.stats)), finite(by(a.view.stats))))
	})
	return out
}

func (o *overview) draw(d *data, m medium) vg.CanvasWriterTo {
	all := d.ranking(o.metric, o.order)
	six, rest := split(all)
	luns := lunsIn(all)
	n := min(len(all), mostRows)
	all, left := all[:n], all[n:]
	for _, r := range all {
		defer r.unfold(d.cells, o.metric, slow)()
	}
	if o.sums {
		o.rest = d.sumOf(rest, (*ranked).meanInFrame)
	}
	foot := d.footnotes(luns, o.keys(d, all)...)
	foot.texts = slices.Concat(d.leftOut(left), o.notes, foot.texts)
	height := 16 + o.upperHigh(d, six) + axisHeight + o.pressureHigh(d) + o.rowsHigh(all, d.narrow())
	h := heading{d.title(o.title), d.subtitle(o.says), d.findingLines(nil)}
	ch := newChart(d, m, d.grid, nil, h, height, foot)
	figures := figuresOf(statsIn(all))
	o.upper(ch, six, rest, figures)
	o.pressure(ch)
	o.drawRows(ch, all, figures)
	ch.flags()
	return ch.out
}

// leftOut says how many LUNs have no row, and of which kind they are.
func (d *data) leftOut(left []ranked) []string {
	if len(left) == 0 {
		return nil
	}
	worst, troubled, all := d.troubled(), 0, map[*lun]bool{}
	for _, r := range left {
		if worst[r.lun] > 0 && !all[r.lun] {
			troubled++
		}
		all[r.lun] = true
	}
	what := "LUNs with less"
	switch {
	case troubled > 0:
		return []string{fmt.Sprintf("%d LUNs are not drawn, and %d of them are in trouble; the page has all.", len(all), troubled)}
	case len(worst) > 0:
		what = "quiet LUNs"
	}
	return []string{fmt.Sprintf("%d %s are not drawn; the page has all.", len(all), what)}
}

func lunsIn(all []ranked) []*lun {
	var out []*lun
	for _, r := range all {
		out = append(out, r.lun)
	}
	return out
}

// keys explain what only this picture has.
func (o *overview) keys(d *data, all []ranked) []key {
	var out []key
	if o.level > 0 {
		out = append(out, key{colour: paper().soft, dashes: []vg.Length{5, 3}, text: number(o.level, 0) + " " + o.axis})
	}
	if !o.own(all) && d.narrow() {
		step := o.bandStep(o.largest(all))
		sc := scale{top: bands * step, step: step, unit: 1}
		for i, col := range bandColours() {
			out = append(out, key{colour: col, high: 9, text: "above " + sc.label(float64(i)*step)})
		}
	}
	if o.metric == util && slices.ContainsFunc(d.pressures, func(h *pressure) bool { return len(h.unknown(d.grid)) > 0 }) {
		out = append(out, key{colour: paper().gap, high: 9, text: "waiting: not known"})
	}
	if six, _ := split(all); o.own(all) && (len(six) > 1 || usualAbove(d, six)) {
		out = append(out, d.usualKeys(lunsIn(all))...)
	}
	six, _ := split(all)
	if worst := d.troubled(); slices.ContainsFunc(six, func(r ranked) bool { return quiet(r, worst) }) {
		out = append(out, key{high: -1, text: "Pale lines above: LUNs without trouble"})
	}
	return out
}

// frameHigh is the height of the upper frame.
func (o *overview) frameHigh(d *data, six []ranked) int {
	if d.narrow() {
		return frameHeight
	}
	return max(frameHeight, 24+20*(len(six)+1))
}

// upperHigh is that and, in a narrow picture, the table below it.
func (o *overview) upperHigh(d *data, six []ranked) int {
	high := o.frameHigh(d, six)
	if d.narrow() {
		high += 24 + 20*(len(six)+1)
	}
	return high
}

func statsIn(all []ranked) []stats {
	out := make([]stats, len(all))
	for i, r := range all {
		out[i] = r.view.stats
	}
	return out
}

// inFrame is what the upper frame shows of a LUN: in a long range means of whole days
// or more, since thirty-five ups and downs of six LUNs are a knot.
func (r *ranked) inFrame() (mean, top columns) {
	if r.view.coarse() != nil {
		return r.view.coarse(), nil
	}
	return r.view.line().mean, r.view.line().max
}

func (r *ranked) meanInFrame() columns { mean, _ := r.inFrame(); return mean }

// upper draws the frame of those in trouble and the largest.
func (o *overview) upper(ch *chart, six, rest []ranked, figures [][]string) {
	drawn := o.drawsOthers(six, rest)
	lines := o.frameLines(six, rest, drawn)
	var least, most columns // the usual
	if usualAbove(ch.d, six) {
		least, most = six[0].usualBand(ch.grid, o.metric)
	}
	top := max(o.least, headroom*robustTop(append(lines, most)...))
	sc := newScale(top, 5)
	if o.percent {
		sc = percentScale(largest(lines...), 5)
	}
	f := ch.frame(o.frameHigh(ch.d, six), sc)
	ps := plotters{ch.ground(ch.d.blank())}
	if least != nil {
		ps = append(ps, usualBehind(least, most, six[0].view.line().mean, six[0].style.colour, false))
	}
	worst := ch.worst
	for _, r := range six {
		if mean, top := r.inFrame(); top != nil && !quiet(r, worst) {
			ps = append(ps, band{mean, top, tint(r.style.colour, 0.2)})
		}
	}
	ps = append(ps, ch.rules(), level{o.level, ch.soft})
	if drawn {
		ps = append(ps, trace{o.rest, stroke(1.6, ch.othersStyle())})
	}
	for i := len(six) - 1; i >= 0; i-- {
		r := six[i]
		mean, _ := r.inFrame()
		ps = append(ps, flats{r.lun, r.view.host, o.metric, r.style.colour, false}, trace{mean, frameStroke(r, worst)})
	}
	ch.timed(f)
	if len(six) == 1 { // it has no row below
		ps = append(ps, slowMarks{six[0].view.slow().mean, ch.alarm}, stalls{six[0].stalls, ch.alarm})
	}
	ch.draw(f, append(ps, ch.base())...)
	ch.blockTexts(f)
	if by := ch.d.coarseBy(); by != "" {
		st := ch.plain(smallSize, ch.soft)
		ch.rect(f.Min.X+4, f.Min.Y+3, f.Min.X+8+int(ch.wide("means of "+by, st)), f.Min.Y+17, color.White)
		ch.text(float64(f.Min.X+6), float64(f.Min.Y+13), "means of "+by, st)
	}
	o.number(ch, f, six)
	ch.spikes(f, lines...)
	ch.unitName(f, o.axis)
	o.legend(ch, f, six, rest, figures, drawn)
}

// usualAbove reports whether the upper frame shows what is usual: of a single LUN, which has
// no row below. The bands of several would be a knot that hides their lines, and a band of
// whole days isn't known.
func usualAbove(d *data, six []ranked) bool { return len(six) == 1 && d.cells.coarse == nil }

// quiet reports that others are in trouble, and the LUN isn't.
func quiet(r ranked, worst map[*lun]int) bool { return len(worst) > 0 && worst[r.lun] == 0 }

// frameStroke draws quiet LUNs pale where others are in trouble.
func frameStroke(r ranked, worst map[*lun]int) vgdraw.LineStyle {
	if !quiet(r, worst) {
		return stroke(2, r.style)
	}
	pale := r.style
	pale.colour = tint(pale.colour, 0.5)
	return stroke(1.3, pale)
}

// frameLines are all lines in the upper frame.
func (o *overview) frameLines(six, rest []ranked, others bool) [][]float64 {
	var lines [][]float64
	for _, r := range six {
		mean, top := r.inFrame()
		lines = append(lines, mean, top)
	}
	if others {
		lines = append(lines, o.rest)
	}
	return lines
}

// flattening is how many times as large as the largest LUN the sum of the others may be.
// The line of a larger sum would press the named LUNs to the ground. On a host of forty
// LUNs the sum is ten times as large; then only its mean is in the legend.
const flattening = 2

// drawsOthers reports whether the upper frame shows the sum of the smaller LUNs.
func (o *overview) drawsOthers(six, rest []ranked) bool {
	if !o.sums || len(rest) == 0 {
		return false
	}
	return robustTop(o.rest) <= flattening*robustTop(o.frameLines(six, nil, false)...)
}

// atMost is the first n, and how many are left out.
func atMost[T any](all []T, n int) (first []T, left int) {
	if len(all) <= n {
		return all, 0
	}
	return all[:n], len(all) - n
}

// split separates the largest from the others.
func split(all []ranked) (six, rest []ranked) {
	if len(all) <= framed+1 { // one more may as well be shown as itself
		return all, nil
	}
	return all[:framed], all[framed:]
}

// number puts badges on the lines of the upper frame.
func (o *overview) number(ch *chart, f *frame, six []ranked) {
	if len(six) < 2 {
		return
	}
	lines, styles := make([][]float64, len(six)), make([]style, len(six))
	for i, r := range six {
		lines[i], _ = r.inFrame()
		styles[i] = r.style
	}
	ch.badges(f, lines, styles)
}

// sumOf is the sum of LUNs' lines by column. A column in which all are absent stays so.
func (d *data) sumOf(rest []ranked, line func(*ranked) columns) columns {
	sum := absent(d.grid.n)
	for i := range rest {
		fold := rest[i].unfold(d.cells, rest[i].view.metric)
		join(sum, line(&rest[i]), true)
		fold()
	}
	return sum
}

func (o *overview) legend(ch *chart, f *frame, six, rest []ranked, figures [][]string, drawn bool) {
	y := ch.tableTop(f) + 6
	ch.heads(y, "", "last", "mean", "95th", "max")
	for i, r := range six {
		y += 20
		ch.row(y, o.row(ch, r, figures[i], false))
		if len(six) > 1 {
			ch.right(float64(ch.table+swatchAt-5), float64(y), strconv.Itoa(i+1), ch.badgeStyle(r.style))
		}
	}
	if o.sums && len(rest) > 0 {
		y += 20
		ch.row(y, o.others(ch, rest, figures, drawn))
	}
	if ch.below {
		ch.y = y + 8
	}
}

// others is the row of the lesser LUNs. Their maximum is not shown: it isn't the sum of
// their maxima, which were at different times.
func (o *overview) others(ch *chart, rest []ranked, figures [][]string, drawn bool) row {
	mean := 0.0
	for _, r := range rest {
		mean += r.view.stats.mean
	}
	w := row{
		title: number(float64(len(rest)), 0) + " others, sum (no line)",
		cells: []string{"", short(mean, decimalsOf(figures)), "", ""},
	}
	if drawn {
		l := ch.othersStyle()
		w.style = &l
		w.title = number(float64(len(rest)), 0) + " others, sum"
	}
	return w
}

// othersStyle is how the sum of the lesser LUNs is drawn.
func (t *theme) othersStyle() style { return style{t.others, []vg.Length{4, 2}} }

// decimalsOf is how many decimals the figures of a table have.
func decimalsOf(figures [][]string) int {
	for _, f := range figures {
		for _, c := range f {
			if i := slices.Index([]rune(c), '.'); i >= 0 {
				return len([]rune(c)) - i - 1
			}
		}
	}
	return 0
}

func (o *overview) row(ch *chart, r ranked, figures []string, sub bool) row {
	w := row{style: &r.style, title: r.view.of(r.title), cells: figures, alarm: ch.worst[r.lun] > 0, gone: !ch.d.goneSince(r.lun).IsZero()}
	if sub {
		w.sub = r.under() + ch.d.end(r.lun)
	} else {
		w.aside = ch.d.lastAge(r.lun)
	}
	return w
}
