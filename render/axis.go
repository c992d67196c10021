package render

import (
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/plot"

	"lunstat/render/calendar"
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

// unit is a step of the clock or the calendar.
type unit int

const (
	seconds unit = iota
	minutes
	hours
	days
	weeks
	months
	years
)

type step struct {
	unit
	n    int
	long time.Duration // about
}

// steps are all that axes use, each dividing the next greater unit.
func steps() []step {
	day := 24 * time.Hour
	list := []step{}
	for _, n := range []int{1, 2, 5, 10, 15, 30} {
		list = append(list, step{seconds, n, time.Duration(n) * time.Second})
	}
	for _, n := range []int{1, 2, 5, 10, 15, 30} {
		list = append(list, step{minutes, n, time.Duration(n) * time.Minute})
	}
	for _, n := range []int{1, 2, 3, 6, 12} {
		list = append(list, step{hours, n, time.Duration(n) * time.Hour})
	}
	list = append(list, step{days, 1, day}, step{weeks, 1, 7 * day})
	for _, n := range []int{1, 3} {
		list = append(list, step{months, n, time.Duration(n) * 30 * day})
	}
	for _, n := range []int{1, 2, 5, 10, 20, 50} {
		list = append(list, step{years, n, time.Duration(n) * 365 * day})
	}
	return list
}

// plural is a calendar's step in words: "days", "3 months".
func (s step) plural() string {
	name := [...]string{days: "days", weeks: "weeks", months: "months", years: "years"}[s.unit]
	if s.n == 1 {
		return name
	}
	return fmt.Sprintf("%d %s", s.n, name)
}

// room is how many pixels a label of a step needs.
func (s step) room() float64 {
	switch s.unit {
	case seconds:
		return 64
	case days:
		return 28
	case weeks:
		return 42
	case months:
		return 34
	}
	return 46
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

// clock is a boundary's time of day.
func (s step) clock(t time.Time) string {
	if s.unit == seconds {
		return t.Format("15:04:05")
	}
	return t.Format("15:04")
}

func dayTexts(t time.Time) []string {
	return []string{t.Format("Monday 2 January 2006"), t.Format("Mon 2 Jan"), t.Format("Mon 2"), t.Format("Mon")}
}

// alone names the stretch that t lies in where nothing else says the year.
func (s step) alone(t time.Time) []string {
	if s.unit != weeks {
		return s.texts(t)
	}
	y, w := t.ISOWeek()
	return []string{fmt.Sprintf("week %d of %d", w, y), fmt.Sprintf("week %d", w), fmt.Sprintf("W%d", w)}
}

// texts name the stretch that t lies in, the longest first.
func (s step) texts(t time.Time) []string {
	switch s.unit {
	case days:
		return []string{t.Format("Monday 2 Jan"), t.Format("Mon 2 Jan"), t.Format("Mon 2"), t.Format("Mon"), t.Format("2")}
	case weeks:
		_, w := t.ISOWeek()
		monday := s.floor(t)
		return []string{fmt.Sprintf("week %d, %s–%s", w, monday.Format("2 Jan"), monday.AddDate(0, 0, 6).Format("2 Jan")),
			fmt.Sprintf("week %d, %s", w, monday.Format("2 Jan")), fmt.Sprintf("week %d", w), fmt.Sprintf("W%d", w)}
	case months:
		if s.n == 3 {
			first := s.floor(t)
			return []string{first.Format("Jan") + "–" + first.AddDate(0, 2, 0).Format("Jan"), first.Format("Jan")}
		}
		return []string{t.Format("January"), t.Format("Jan")}
	}
	return []string{t.Format("2006")}
}

// major tells the heavier boundaries.
func (s step) major(t time.Time) bool {
	_, m, sec := t.Clock()
	switch s.unit {
	case seconds:
		return sec == 0 && s.n < 60
	case minutes:
		return m == 0
	case hours:
		return calendar.Begins(t)
	case days:
		return t.Weekday() == time.Monday
	case weeks:
		return false
	}
	return t.YearDay() == 1
}

// bounds are the boundaries in (from, to), in from's zone and in order. Days, weeks
// and more begin where the calendar says; hours and less are those at which a clock
// on the wall shows a multiple, both of them where it is set back.
func (s step) bounds(from, to time.Time) []time.Time {
	if s.unit <= hours {
		return merged(s.clockBounds(from, to), step{days, 1, 0}.bounds(from, to))
	}
	var out []time.Time
	last := from
	// Dates are counted, not instants: a day may begin at 1:00, or not be at all.
	for date := s.floor(from); ; date = s.next(date) {
		t := calendar.At(date, from.Location(), calendar.First)
		if !t.Before(to) {
			return out
		}
		if t.After(last) {
			out = append(out, t)
			last = t
		}
	}
}

// edges are the boundaries that enclose a range: the first is at or before from, the
// last at or after to.
func (s step) edges(from, to time.Time) []time.Time {
	date := s.floor(from)
	out := []time.Time{calendar.At(date, from.Location(), calendar.First)}
	for {
		date = s.next(date)
		t := calendar.At(date, from.Location(), calendar.First)
		if t.After(out[len(out)-1]) {
			out = append(out, t)
		}
		if !t.Before(to) {
			return out
		}
	}
}

// clockBounds are the multiples that the clock shows. Zones may be off by minutes
// and seconds, and so each stretch without a change of clock has its own grid.
func (s step) clockBounds(from, to time.Time) []time.Time {
	var out []time.Time
	size := int64(s.size() / time.Second)
	for start := from; start.Before(to); {
		end := calendar.Until(start)
		if end.IsZero() || end.After(to) {
			end = to
		}
		_, offset := start.Zone()
		wall := start.Unix() + int64(offset)
		t := time.Unix(start.Unix()-floorMod(wall, size), 0).In(from.Location())
		for ; t.Before(end); t = t.Add(s.size()) {
			if t.After(from) && !t.Before(start) {
				out = append(out, t)
			}
		}
		start = end
	}
	return out
}

// floorMod is the remainder of a division that rounds down.
func floorMod(a, b int64) int64 { return (a%b + b) % b }

// merged are two ordered lists as one, each instant once.
func merged(a, b []time.Time) []time.Time {
	out := slices.Concat(a, b)
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// size is exact for the units of the clock only.
func (s step) size() time.Duration {
	return time.Duration(s.n) * [...]time.Duration{time.Second, time.Minute, time.Hour}[s.unit]
}

// floor is the date, in UTC, of the boundary at or before t.
func (s step) floor(t time.Time) time.Time {
	y, m, d := t.Date()
	switch s.unit {
	case weeks:
		d -= (int(t.Weekday()) + 6) % 7
	case months:
		m, d = m-(m-1)%time.Month(s.n), 1
	case years:
		y, m, d = y-y%s.n, 1, 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// next is the boundary after the one of a date.
func (s step) next(date time.Time) time.Time {
	switch s.unit {
	case weeks:
		return date.AddDate(0, 0, 7)
	case months:
		return date.AddDate(0, s.n, 0)
	case years:
		return date.AddDate(s.n, 0, 0)
	}
	return date.AddDate(0, 0, s.n)
}

// The hours of the night, which are shaded.
const (
	nightFrom = 22
	nightTo   = 6
)

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

// nights are the shaded hours in a range, in from's zone.
func nights(from, to time.Time) []span {
	return shaded(from, to, step{days, 1, 0}, func(date time.Time) (time.Time, time.Time) {
		return date.Add((nightFrom - 24) * time.Hour), date.Add(nightTo * time.Hour)
	})
}

// weekends are the Saturdays and Sundays in a range.
func weekends(from, to time.Time) []span {
	return shaded(from, to, step{weeks, 1, 0}, func(monday time.Time) (time.Time, time.Time) {
		return monday.AddDate(0, 0, 5), monday.AddDate(0, 0, 7)
	})
}

// shaded are the stretches, one for each step of the calendar, that overlap a range.
func shaded(from, to time.Time, by step, of func(date time.Time) (begin, end time.Time)) []span {
	var out []span
	for date := by.floor(from.AddDate(0, 0, -1)); ; date = by.next(date) {
		begin, end := of(date)
		n := span{
			calendar.At(begin, from.Location(), calendar.First),
			calendar.At(end, from.Location(), calendar.First),
		}
		if !n.from.Before(to) {
			return out
		}
		if n.from.Before(n.to) && n.overlaps(span{from, to}) {
			out = append(out, n)
		}
	}
}

// scale is a value axis from 0 up.
type scale struct {
	top  float64
	step float64
	unit float64 // what one of the labels' units is
	name string  // of that unit, "MiB/s"
}

// headroom keeps a line's upper half within its frame, tightRoom within that of a
// strip: 0.7 of 34 pixels.
const (
	headroom  = 1.02
	tightRoom = 1.025
)

// newScale has at most n steps of 1, 2 or 5 up to or above top.
func newScale(top float64, n int) scale {
	if top <= 0 || math.IsNaN(top) {
		top = 1
	}
	raw := top / float64(n)
	mag := math.Pow(10, math.Floor(math.Log10(raw)))
	st := 10 * mag
	for _, m := range []float64{1, 2, 5} {
		if m*mag >= raw*(1-1e-9) {
			st = m * mag
			break
		}
	}
	return scale{top: st * math.Ceil(top/st-1e-9), step: st, unit: 1}
}

// tightScale ends just above the value itself, for small frames. Its step is the largest
// of 1, 2 or 5 below, so that a mark besides 0 is always within.
func tightScale(top float64) scale {
	if top <= 0 || math.IsNaN(top) {
		return scale{top: tightRoom, step: 1, unit: 1}
	}
	mag := math.Pow(10, math.Floor(math.Log10(top)))
	st := mag
	for _, m := range []float64{2, 5} {
		if m*mag <= top*(1+1e-9) {
			st = m * mag
		}
	}
	return scale{top: tightRoom * max(top, st), step: st, unit: 1}
}

// byteScale is a scale whose steps are round in a power of 1024.
func byteScale(top float64, n int, per string) scale {
	u, name := byteUnit(top)
	s := newScale(top/u, n)
	return scale{s.top * u, s.step * u, u, name + per}
}

// values are the marks of the axis, 0 included.
func (s scale) values() []float64 {
	var out []float64
	for i := 0; float64(i)*s.step <= s.top*(1+1e-9); i++ {
		out = append(out, float64(i)*s.step)
	}
	return out
}

// Ticks makes a scale the plot.Ticker of its axis.
func (s scale) Ticks(_, _ float64) []plot.Tick {
	var out []plot.Tick
	for _, v := range s.values() {
		out = append(out, plot.Tick{Value: v, Label: s.label(v)})
	}
	return out
}

// label is a mark's text.
func (s scale) label(v float64) string {
	decimals := 0
	if st := s.step / s.unit; st < 1 {
		decimals = int(math.Ceil(-math.Log10(st) - 1e-9))
	}
	return number(v/s.unit, decimals)
}
