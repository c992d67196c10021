package render

import (
	"math"
	"time"

	"gonum.org/v1/plot"
)

// tick is a boundary on the time axis, or a label between two.
type tick struct {
	at    time.Time
	major bool // a midnight among hours, a Monday among days, …
}

// label is a text on the time axis.
type label struct {
	from, to time.Time // the stretch it names; equal: the boundary itself
	texts    []string  // the longest that fits is taken
}

// timeAxis is where a time axis has lines and what it says.
type timeAxis struct {
	ticks  []tick
	labels []label // first row
	above  []label // second row: days under hours, years under weeks; may be empty
}

// newTimeAxis lays out an axis of so many pixels in the zone of from.
func newTimeAxis(from, to time.Time, pixels int) timeAxis {
	perPixel := to.Sub(from) / time.Duration(pixels)
	chosen := steps()[len(steps())-1]
	for _, s := range steps() {
		if float64(s.long) >= s.room()*float64(perPixel) {
			chosen = s
			break
		}
	}
	return chosen.axis(from, to)
}

func (s step) axis(from, to time.Time) timeAxis {
	var a timeAxis
	bounds := s.bounds(from, to)
	for _, t := range bounds {
		a.ticks = append(a.ticks, tick{t, s.major(t)})
	}
	if s.unit <= hours {
		for _, t := range bounds {
			a.labels = append(a.labels, label{t, t, []string{s.clock(t)}})
		}
		a.above = between(step{days, 1, 0}.bounds(from, to), from, to, dayTexts)
		return a
	}
	a.labels = between(bounds, from, to, s.texts)
	if s.unit != years {
		g := s.greater()
		a.above = between(g.bounds(from, to), from, to, func(t time.Time) []string { return g.alone(t) })
	}
	return a
}

// greater is what the second row of labels names.
func (s step) greater() step {
	if s.unit == days {
		return step{unit: weeks, n: 1}
	}
	return step{unit: years, n: 1}
}

// between names the stretches between boundaries, the cut ones at the ends too.
func between(bounds []time.Time, from, to time.Time, texts func(time.Time) []string) []label {
	var out []label
	at, named := from, from
	for _, b := range append(bounds, to) {
		if b.After(at) {
			out = append(out, label{at, b, texts(named)})
		}
		at, named = b, b
	}
	return out
}

// timeTicks label a time axis in its zone, each label in the longest form that all have
// room for, and none runs into another. They are a plot.Ticker.
type timeTicks struct {
	zone   *time.Location
	pixels int                  // of the axis
	wide   func(string) float64 // a text's width in pixels
	above  bool                 // the second row: days under hours, years under weeks
}

func (k timeTicks) Ticks(lo, hi float64) []plot.Tick {
	from, to := moment(lo, k.zone), moment(hi, k.zone)
	a := newTimeAxis(from, to, k.pixels)
	labels := a.labels
	if k.above {
		labels = a.above
	}
	g := grid{from, to, k.pixels}
	form, end := k.form(g, labels), math.Inf(-1)
	var out []plot.Tick
	for _, l := range labels {
		text := l.texts[min(form, len(l.texts)-1)]
		w := k.wide(text)
		x0, x1 := g.x(l.from), g.x(l.to)
		if x := (x0 + x1 - w) / 2; (x0 == x1 || x1-x0 >= w) && x >= end+6 {
			out = append(out, plot.Tick{Value: (unix(l.from) + unix(l.to)) / 2, Label: text})
			end = x + w
		}
	}
	return out
}

// form is the first form in which the labels of whole stretches fit.
func (k timeTicks) form(g grid, labels []label) int {
	most := 0
	for _, l := range labels {
		most = max(most, len(l.texts))
	}
	for form := range most {
		if k.fits(g, labels, form) {
			return form
		}
	}
	return most - 1
}

func (k timeTicks) fits(g grid, labels []label, form int) bool {
	for i, l := range labels {
		cutOff := len(labels) > 2 && (i == 0 || i == len(labels)-1)
		w := k.wide(l.texts[min(form, len(l.texts)-1)])
		if !cutOff && !l.from.Equal(l.to) && g.x(l.to)-g.x(l.from) < w+6 {
			return false
		}
	}
	return true
}
