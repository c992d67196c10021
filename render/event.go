package render

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/render/calendar"
	"lunstat/render/draw"
	"lunstat/render/facts"
)

// event is something that a flag over a picture says.
type event struct {
	facts.Span
	text string
	note bool // an admin's word; else the host's or the collector's
	gap  bool // it is a stretch without data
}

// mostNamed is up to how many hosts a picture says what happened to each.
const mostNamed = 4

// events are notes, boots and gaps in a range, in order of time: those that concern l or,
// if it is nil, all LUNs.
func (d *data) events(g grid, l *lun) []event {
	in := facts.Span{From: g.from, To: g.to}
	var out []event
	for _, n := range d.notes {
		out = append(out, event{Span: facts.Span{From: n.At, To: n.At}, text: visible(n.Text), note: true})
	}
	if l != nil && l.isNew() {
		out = append(out, event{Span: facts.Span{From: l.since, To: l.since}, text: causeNew})
	}
	out = append(out, changes(g)...)
	out = append(out, d.hsmRuns(in, l)...)
	about := d.about(l)
	if g == d.grid {
		out = append(out, d.outages(about)...)
	} else {
		for _, b := range d.boots {
			if about(b.host) {
				out = append(out, event{Span: facts.Span{From: b.at, To: b.at}, text: d.saying(b.host, "reboot")})
			}
		}
	}
	out = slices.DeleteFunc(out, func(e event) bool {
		return e.To.Before(in.From) || e.From.After(in.To)
	})
	slices.SortStableFunc(out, func(a, b event) int { return a.From.Compare(b.From) })
	return out
}

// hsmRuns are the runs of HSM that space shows, of all mailstores or those of a LUN. If
// they are more than a picture can name, there is none.
func (d *data) hsmRuns(in facts.Span, l *lun) []event {
	var out []event
	for _, s := range d.stores() {
		from, to := d.luns[s.Primary], d.luns[s.Secondary]
		if l != nil && l != from && l != to {
			continue
		}
		for _, r := range facts.HSMRuns(&from.levels, &to.levels) {
			if r.Overlaps(in) {
				text := fmt.Sprintf("HSM %s in %s, %s/s", humanize.IBytes(r.Bytes), facts.Long(r.Long()), humanize.IBytes(uint64(r.BytesPerS())))
				out = append(out, event{Span: r.Span, text: text})
			}
		}
	}
	if len(out) > mostGaps {
		return nil
	}
	return out
}

// changes are the moments at which the clocks of the zone were set forward or back, if a
// picture has room for hours.
func changes(g grid) []event {
	if g.to.Sub(g.from) > nightsUpTo {
		return nil
	}
	var out []event
	for at := calendar.Until(g.from); !at.IsZero() && at.Before(g.to); at = calendar.Until(at) {
		_, before := at.Add(-time.Second).Zone()
		_, after := at.Zone()
		if before == after {
			continue
		}
		to := calendar.Wall(at)
		from := to.Add(time.Duration(before-after) * time.Second)
		text := "clocks set forward, no " + from.Format("15:04") + "\u2013" + to.Format("15:04")
		if after < before {
			text = "clocks set back, " + to.Format("15:04") + "\u2013" + from.Format("15:04") + " twice"
		}
		out = append(out, event{Span: facts.Span{From: at, To: at}, text: text})
	}
	return out
}

// about says which hosts a picture is about: a LUN's own, else all as long as they
// are few. The page has what happened to each host of a fleet.
func (d *data) about(l *lun) func(host string) bool {
	if l == nil {
		return func(string) bool { return len(d.hosts) <= mostNamed }
	}
	return func(host string) bool {
		return slices.ContainsFunc(l.series, func(p *hostSeries) bool { return p.key.Host == host })
	}
}

// saying puts the host before what happened to it, where a report has several.
func (d *data) saying(host, what string) string {
	if host = d.named(host); host == "" {
		return what
	}
	return visible(host) + ": " + what
}

// outages are gaps with their causes, and boots that left none.
func (d *data) outages(about func(host string) bool) []event {
	var out []event
	explained := map[string][]facts.Span{}
	for _, g := range d.missing {
		if g.host != "" && !about(g.host) {
			continue
		}
		text := fmt.Sprintf("%s, %s", g.cause, facts.Long(g.Long()))
		if g.cause == causeDown {
			text = fmt.Sprintf("reboot, down %s", facts.Long(g.Long()))
		}
		out = append(out, event{Span: g.Span, text: d.saying(g.host, text), gap: true})
		explained[g.host] = append(explained[g.host], g.Span)
	}
	for _, b := range d.boots {
		known := slices.ContainsFunc(explained[d.named(b.host)], func(s facts.Span) bool {
			return !b.at.Before(s.From.Add(-2*time.Minute)) && !b.at.After(s.To.Add(2*time.Minute))
		})
		if !known && about(b.host) {
			out = append(out, event{Span: facts.Span{From: b.at, To: b.at}, text: d.saying(b.host, "reboot")})
		}
	}
	return out
}

// mostGaps is how many gaps a picture names one by one.
const mostGaps = 6

// eventMarks are the events of a picture by how they are shown.
type eventMarks struct {
	flags  []event
	blocks []event      // gaps wide enough for their cause
	bar    []facts.Span // what is missing where the gaps are too many for flags
	says   string       // about the bar
}

// eventMarks parts a picture's events: a gap that is wide has its cause inside, and many
// gaps are one line and a bar, since nobody reads 56 flags.
func (d *data) eventMarks(f *draw.Fonts, g grid, l *lun) eventMarks {
	var m eventMarks
	var gaps []event
	for _, e := range d.events(g, l) {
		switch {
		case !e.gap:
			m.flags = append(m.flags, e)
		case g.x(e.To)-g.x(e.From) > f.Width(e.text, draw.Regular(smallSize)).Points()+8:
			m.blocks = append(m.blocks, e)
		default:
			gaps = append(gaps, e)
		}
	}
	if len(gaps) <= mostGaps {
		m.flags = append(m.flags, gaps...)
		slices.SortStableFunc(m.flags, func(a, b event) int { return a.From.Compare(b.From) })
		return m
	}
	var all, longest time.Duration
	for _, e := range gaps {
		m.bar = append(m.bar, e.Span)
		all, longest = all+e.Long(), max(longest, e.Long())
	}
	for _, e := range m.blocks {
		m.bar = append(m.bar, e.Span)
	}
	m.says = fmt.Sprintf("no data %d times, %s in all, %s at most", len(gaps), facts.Long(all), facts.Long(longest))
	return m
}

const barHigh = 5

// completeness is a thin bar above the first frame that shows what is missing.
func (ch *chart) completeness() {
	if ch.marks.bar == nil {
		return
	}
	y := ch.top - 4 - barHigh
	ch.rect(ch.x0, y, ch.x1, y+barHigh, ch.present)
	for _, s := range ch.marks.bar {
		x0, x1 := max(ch.grid.x(s.From), 0), min(ch.grid.x(s.To), float64(ch.grid.n))
		at := ch.x0 + int(math.Round(x0))
		ch.rect(at, y, max(at+1, ch.x0+int(math.Round(x1))), y+barHigh, ch.theme.ink)
	}
	st := ch.plain(smallSize, ch.soft)
	if ch.below {
		ch.right(float64(ch.x1), float64(y-3), ch.marks.says, st)
	} else {
		ch.text(float64(ch.x1+swatchAt), float64(y-2), ch.marks.says, st)
	}
}

// placed is an event with its place: pixels from the left edge of the frames.
type placed struct {
	event
	x    float64
	left bool // the text is left of the flag
	text string
	lane int // counted from below
}

// maxLanes is how many rows of flags a picture has at most.
const maxLanes = 4

// leastPoles is how far apart, in pixels, lines without a text are at least: closer ones
// would cover the curves.
const leastPoles = 8

// placeEvents finds a row for each flag in which its text meets no other's, and
// says how many rows there are. What finds none is drawn without its text, and not at
// all where it would be next to another. How many those are is said below the picture.
func placeEvents(f *draw.Fonts, evs []event, g grid) (out []placed, lanes int, unnamed string) {
	more := 0
	type taken struct{ lane, x0, x1 int }
	var used []taken
	for _, e := range evs {
		p := placed{event: e, x: min(max(g.x(e.From), 0), float64(g.n)), lane: -1}
		room := min(300, max(float64(g.n)-p.x, p.x)-16)
		p.text = f.Fit(e.text, vg.Length(room), draw.Regular(smallSize))
		w := int(f.Width(p.text, draw.Regular(smallSize)).Points()) + 16
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
		if p.lane < 0 {
			more++
			if slices.ContainsFunc(out, func(o placed) bool { return math.Abs(o.x-p.x) < leastPoles }) {
				continue
			}
		}
		out = append(out, p)
	}
	if more > 0 {
		unnamed = fmt.Sprintf("There is no room for the text of %s: see the page.", english.Plural(more, "more flag", ""))
	}
	return out, lanes, unnamed
}

// flags draws the events: a flag with its text above the first frame, and a thin
// line down through all frames. Texts come last, so that no line runs through one.
func (ch *chart) flags() {
	for _, p := range ch.evs {
		x, y := ch.pole(p)
		foot := float64(ch.top)
		dotted := vgdraw.LineStyle{Color: ch.flagColour(p), Width: 1, Dashes: []vg.Length{2, 3}}
		ch.line(dotted, point{x, y - 10}, point{x, foot})
		for _, f := range ch.frames {
			ch.line(dotted, point{x, float64(f.Min.Y)}, point{x, float64(f.Max.Y)})
		}
	}
	for _, p := range ch.evs {
		if p.lane < 0 {
			continue
		}
		x, y := ch.pole(p)
		col, side := ch.flagColour(p), 1.0
		st := ch.plain(smallSize, col)
		w := ch.wide(p.text, st)
		if p.left {
			side = -1
			ch.rect(int(x-11-w), int(y)-10, int(x-10), int(y)+3, color.White)
			ch.right(x-11, y, p.text, st)
		} else {
			ch.rect(int(x+11), int(y)-10, int(x+12+w), int(y)+3, color.White)
			ch.text(x+11, y, p.text, st)
		}
		ch.shape(col, point{x, y - 10}, point{x + side*8, y - 6.5}, point{x, y - 3})
	}
}

// pole is where a flag's line begins.
func (ch *chart) pole(p placed) (x, y float64) {
	foot := float64(ch.top)
	if ch.marks.bar != nil {
		foot -= laneHeight
	}
	return math.Round(float64(ch.x0)+p.x) + 0.5, foot - 4 - float64(max(p.lane, 0)*laneHeight)
}

func (ch *chart) flagColour(p placed) color.RGBA {
	if p.note {
		return ch.warn
	}
	return ch.soft
}

// blockTexts writes the causes of wide gaps into a frame.
func (ch *chart) blockTexts(f *frame) {
	for _, e := range ch.marks.blocks {
		st := ch.plain(smallSize, ch.soft)
		x0, x1 := max(ch.grid.x(e.From), 0), min(ch.grid.x(e.To), float64(ch.grid.n))
		room := x1 - x0 - 6
		s := ch.fit(e.text, room, st)
		ch.over(float64(ch.x0)+(x0+x1-ch.wide(s, st))/2, float64(f.Min.Y)+14, s, st, ch.gap)
	}
}
