package render

import (
	"math"

	"gonum.org/v1/plot"
)

// scale is a value axis from 0 up and, where a second figure goes the other way, down.
type scale struct {
	top  float64
	down float64 // how far below 0 it goes, 0 or more
	step float64
	unit float64 // what one of the labels' units is
	name string  // of that unit, "MiB/s"
}

// headroom keeps a line's upper half within its frame, tightRoom within that of a
// low row: 0.7 of 34 pixels.
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

// mirrorScale goes up and down from 0, with at most n steps in all.
func mirrorScale(up, down float64, n int, per string) scale {
	s := newScale(up+down, n)
	if per != "" {
		s = byteScale(up+down, n, per)
	}
	steps := func(v float64) float64 { return s.step * max(1, math.Ceil(v/s.step-1e-9)) }
	s.top, s.down = steps(up), steps(down)
	return s
}

// percentScale ends at 100, so that half full looks half full, unless something is above.
// A little above, which is the kernel's stamps, makes a little more room.
func percentScale(top float64, n int) scale {
	if top > 115 {
		return newScale(top, n)
	}
	s := newScale(100, n)
	s.top = max(s.top, top) * tightRoom
	return s
}

// tightScale ends just above the value itself, for small frames. Its step is the largest
// of 1, 2 or 5 below, so that there is always a mark in addition to 0.
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
	return scale{top: s.top * u, step: s.step * u, unit: u, name: name + per}
}

// values are the marks of the axis, 0 included.
func (s scale) values() []float64 {
	var out []float64
	for i := int(s.down/s.step + 1e-9); i > 0; i-- {
		out = append(out, -float64(i)*s.step)
	}
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

// label is a mark's text. What goes down is no less than nothing.
func (s scale) label(v float64) string {
	v = math.Abs(v)
	decimals, unit, name := 0, s.unit, ""
	if s.unit == 1 {
		unit, name = thousands(max(s.top, s.down))
	}
	if st := s.step / unit; st < 1 {
		decimals = int(math.Ceil(-math.Log10(st) - 1e-9))
	}
	if name == "" || v == 0 {
		return number(v/unit, decimals)
	}
	return number(v/unit, decimals) + "\u2009" + name
}
