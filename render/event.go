package render

import (
	"fmt"
	"slices"
	"time"
)

// event is something that a flag over a picture says.
type event struct {
	span
	text string
	note bool // an admin's word; else the host's or the collector's
}

// events are notes, boots and gaps in a range, in order of time.
func (d *data) events(g grid) []event {
	in := span{g.from, g.to}
	var out []event
	for _, n := range d.notes {
		out = append(out, event{span{n.At, n.At}, visible(n.Text), true})
	}
	if g == d.grid {
		out = append(out, d.outages()...)
	} else {
		for _, b := range d.boots {
			out = append(out, event{span{b.at, b.at}, "reboot", false})
		}
	}
	out = slices.DeleteFunc(out, func(e event) bool {
		return e.to.Before(in.from) || e.from.After(in.to)
	})
	slices.SortStableFunc(out, func(a, b event) int { return a.from.Compare(b.from) })
	return out
}

// outages are gaps with their causes, and boots that left none.
func (d *data) outages() []event {
	var out []event
	explained := func(t time.Time) bool {
		return slices.ContainsFunc(out, func(e event) bool {
			return !t.Before(e.from.Add(-2*time.Minute)) && !t.After(e.to.Add(2*time.Minute))
		})
	}
	for _, g := range d.allGaps() {
		text := fmt.Sprintf("%s, %s", g.cause, lasting(g.long()))
		if g.cause == causeDown {
			text = fmt.Sprintf("reboot, down %s", lasting(g.long()))
		}
		out = append(out, event{g.span, text, false})
	}
	for _, b := range d.boots {
		if !explained(b.at) {
			out = append(out, event{span{b.at, b.at}, "reboot", false})
		}
	}
	return out
}

// allGaps are the host's gaps and the long intervals that its LUNs share.
func (d *data) allGaps() []gap {
	out := slices.Clone(d.gaps)
	for _, l := range d.luns {
		for _, g := range l.gaps {
			known := slices.ContainsFunc(out, func(o gap) bool { return o.overlaps(g.span) })
			if g.flat && !known && d.shared(g) {
				out = append(out, g)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b gap) int { return a.from.Compare(b.from) })
	return out
}

// shared reports that no LUN has more to show in a gap.
func (d *data) shared(g gap) bool {
	return !slices.ContainsFunc(d.luns, func(l *lun) bool {
		return len(l.parts) > 0 && !slices.ContainsFunc(l.gaps, func(o gap) bool { return o.overlaps(g.span) })
	})
}

// placed is an event with its place: pixels from the left edge of the frames.
type placed struct {
	event
	x    float64
	left bool // the text stands left of the flag
	text string
	lane int // counted from below
}

// maxLanes is how many rows of flags a picture has at most.
const maxLanes = 4

func flagStyle() style { return style{size: smallSize} }

// placeEvents finds a row for each flag in which its text meets no other's, and
// says how many rows there are. What finds none is drawn without its text.
func placeEvents(f *fonts, evs []event, g grid) (out []placed, lanes int) {
	type taken struct{ lane, x0, x1 int }
	var used []taken
	for _, e := range evs {
		p := placed{event: e, x: min(max(g.x(e.from), 0), float64(g.n)), lane: -1}
		p.text = f.fit(e.text, 300, flagStyle())
		w := int(f.measure(p.text, flagStyle())) + 16
		x0 := int(p.x)
		if p.left = x0+w > g.n && x0 >= w; p.left {
			x0 -= w
		}
		for lane := 0; lane < maxLanes && p.lane < 0; lane++ {
			free := !slices.ContainsFunc(used, func(t taken) bool {
				return t.lane == lane && x0 < t.x1 && t.x0 < x0+w
			})
			if free {
				p.lane = lane
				used = append(used, taken{lane, x0, x0 + w})
				lanes = max(lanes, lane+1)
			}
		}
		out = append(out, p)
	}
	return out, lanes
}

// flags draws the events: a flag with its text above the first frame, and a thin
// line down through all frames.
func (ch *chart) flags() {
	for _, p := range ch.evs {
		col := ch.soft
		if p.note {
			col = ch.warn
		}
		x := float64(ch.x0) + p.x
		foot := float64(ch.top)
		y := foot - 4 - float64(max(p.lane, 0)*laneHeight)
		ch.segment(point{x, y - 10}, point{x, foot}, 1, col, 2, 3)
		for _, f := range ch.frames {
			ch.segment(point{x, float64(f.Min.Y)}, point{x, float64(f.Max.Y)}, 1, col, 2, 3)
		}
		if p.lane < 0 {
			continue
		}
		side := 1.0
		st := flagStyle()
		st.col = col
		if p.left {
			side = -1
			ch.right(x-11, y, p.text, st)
		} else {
			ch.text(x+11, y, p.text, st)
		}
		ch.shape(col, point{x, y - 10}, point{x + side*8, y - 6.5}, point{x, y - 3})
	}
}
