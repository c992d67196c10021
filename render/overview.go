package render

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot/vg"
)

// overview is a picture of one figure of all LUNs: the largest together in one
// frame, then each in a strip of its own.
type overview struct {
	metric
	title string
	says  string // what is counted, below the title
	axis  string // the unit at the value axis
	least float64
	order func(stats) float64 // the largest come first
	alarm func(stats) []bool  // which figures are to be seen first; may be nil
	level float64             // a dashed line at this value; 0: none
	sums  bool                // the lesser LUNs can be shown as their sum
	notes []string
}

// The measures of an overview, in pixels.
const (
	framed      = 6 // LUNs in the upper frame
	frameHeight = 250
	stripHeight = 34
	stripStep   = 50
	stripsAfter = 40 // between the upper frame's axis and the first strip
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

// ranking sorts the LUNs that have the figure at all, the largest first; those
// that are equal stay in the order of roles.
func (d *data) ranking(m metric, by func(stats) float64) []ranked {
	var out []ranked
	for _, l := range d.luns {
		for _, v := range l.views(m) {
			if !math.IsNaN(v.stats.mean) {
				out = append(out, ranked{l, v, v.style(l.style)})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b ranked) int { return cmp.Compare(finite(by(b.view.stats)), finite(by(a.view.stats))) })
	return out
}

func (o *overview) draw(d *data, m medium) vg.CanvasWriterTo {
	all := d.ranking(o.metric, o.order)
	six, rest := split(all)
	all, left := atMost(all, mostRows)
	if left > 0 {
		o.notes = append(o.notes, fmt.Sprintf("The %d largest have a strip; %d more have their own pictures and stand on the page.", len(all), left))
	}
	height := 16 + max(frameHeight, 24+20*(len(six)+1)) + axisHeight + stripsAfter + stripStep*len(all) + axisHeight
	ch := newChart(d, m, d.grid, nil, heading{d.title(o.title), d.subtitle(o.says)}, height, append(o.notes, d.reading()...))
	figures := figuresOf(statsIn(all), number)
	o.upper(ch, six, rest, figures)
	o.strips(ch, all, figures)
	ch.flags()
	return ch.out
}

func statsIn(all []ranked) []stats {
	out := make([]stats, len(all))
	for i, r := range all {
		out[i] = r.view.stats
	}
	return out
}

// upper draws the frame of the largest.
func (o *overview) upper(ch *chart, six, rest []ranked, figures [][]string) {
	top := o.least
	var others []float64
	for _, r := range six {
		top = max(top, headroom*largest(r.view.line.mean, r.view.line.max))
	}
	drawn := o.drawsOthers(six, rest)
	if drawn {
		others = sumOf(rest)
		top = max(top, headroom*largest(others))
	}
	f := ch.frame(max(frameHeight, 24+20*(len(six)+1)), newScale(top, 5))
	ps := plotters{ch.ground(ch.d.gaps)}
	for _, r := range six {
		ps = append(ps, band{r.view.line.mean, r.view.line.max, tint(r.style.colour, 0.2)})
	}
	ps = append(ps, ch.rules(), level{o.level, ch.soft}, trace{others, stroke(1.6, ch.othersStyle())})
	for i := len(six) - 1; i >= 0; i-- {
		r := six[i]
		ps = append(ps, flats{r.lun, r.view.host, o.metric, r.style.colour}, trace{r.view.line.mean, stroke(1.9, r.style)})
	}
	ch.timed(f)
	ch.draw(f, append(ps, ch.base())...)
	o.number(ch, f, six)
	ch.unitName(f, o.axis)
	o.legend(ch, f, six, rest, figures, drawn)
}

// flattening is how many times the largest LUN the sum of the others may be before
// its line would press all the named ones to the ground. On a host of forty LUNs it
// is ten times as much; its mean in the legend has to do then.
const flattening = 2

// drawsOthers reports whether the lesser LUNs' sum stands in the upper frame.
func (o *overview) drawsOthers(six, rest []ranked) bool {
	if !o.sums || len(rest) == 0 {
		return false
	}
	top := 0.0
	for _, r := range six {
		top = max(top, largest(r.view.line.mean, r.view.line.max))
	}
	return largest(sumOf(rest)) <= flattening*top
}

// atMost is the first n, and how many are left out.
func atMost[T any](all []T, n int) (first []T, left int) {
	if len(all) <= n {
		return all, 0
	}
	return all[:n], len(all) - n
}

// split parts the largest from the others.
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
		lines[i], styles[i] = r.view.line.mean, r.style
	}
	ch.badges(f, lines, styles)
}

// sumOf is the sum of LUNs by column.
func sumOf(rest []ranked) []float64 {
	lines := make([][]float64, len(rest))
	for i, r := range rest {
		lines[i] = r.view.line.mean
	}
	return sumLines(lines, len(lines[0]))
}

func (o *overview) legend(ch *chart, f *frame, six, rest []ranked, figures [][]string, drawn bool) {
	y := f.Min.Y + 6
	ch.heads(y, "", "last", "mean", "95th", "max")
	for i, r := range six {
		y += 20
		ch.row(y, o.row(ch, r, figures[i], false))
		if len(six) > 1 {
			ch.right(float64(ch.x1+swatchAt-5), float64(y), strconv.Itoa(i+1), ch.badgeStyle(r.style))
		}
	}
	if o.sums && len(rest) > 0 {
		y += 20
		ch.row(y, o.others(ch, rest, figures, drawn))
	}
	ch.troubles(y, f.Max.Y)
}

// others is the row of the lesser LUNs. Their largest value is not the sum of
// theirs, which were at other times, and not said.
func (o *overview) others(ch *chart, rest []ranked, figures [][]string, drawn bool) row {
	mean := 0.0
	for _, r := range rest {
		mean += r.view.stats.mean
	}
	w := row{
		title: number(float64(len(rest)), 0) + " others, sum (no line)",
		cells: []string{"", number(mean, decimalsOf(figures)), "", ""},
	}
	if drawn {
		l := ch.othersStyle()
		w.style = &l
		w.title = number(float64(len(rest)), 0) + " others, sum"
	}
	return w
}

// othersLook is how the sum of the lesser LUNs is drawn.
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
	w := row{style: &r.style, title: r.view.of(r.title), cells: figures}
	if o.alarm != nil {
		w.alarm = o.alarm(r.view.stats)
	}
	if sub {
		w.sub = r.under()
	}
	return w
}

// strips draws each LUN on its own scale.
func (o *overview) strips(ch *chart, all []ranked, figures [][]string) {
	ch.y += stripsAfter
	ch.text(edge, float64(ch.y)-18, "Each LUN on its own scale, in "+o.axis, ch.bold(13.5, ch.theme.ink))
	ch.heads(ch.y-18, "", "last", "mean", "95th", "max")
	for i, r := range all {
		l := r.view.line
		f := ch.frame(stripHeight, tightScale(largest(l.mean, l.max, l.peak)))
		if i == len(all)-1 {
			ch.timed(f)
		}
		ch.draw(f, ch.ground(r.gaps),
			band{l.max, l.peak, tint(r.style.colour, 0.12)}, band{l.mean, l.max, tint(r.style.colour, 0.28)},
			ch.rules(), level{o.level, ch.soft},
			flats{r.lun, r.view.host, o.metric, r.style.colour}, trace{l.mean, stroke(1.6, style{colour: r.style.colour})},
			slowMarks{r.view.slow.mean, ch.alarm}, stalls{r.stalls, ch.alarm}, ch.base())
		w := o.row(ch, r, figures[i], true)
		if len(r.stalls) > 0 {
			w.sub = ch.d.stallWords(r.lun)
		}
		ch.row(f.Min.Y+14, w)
		ch.y += stripStep - stripHeight
	}
}
