package render

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// pressure is how long the tasks of a host waited for I/O, in percent of the time: at
// least one of them (some), and all that were not idle (full).
type pressure struct {
	host       string
	some, full pressureLine
}

// pressureLine is one of the two, over time.
type pressureLine struct {
	columns
	stats
	total  ratio
	curve  curve
	values []weighted
	top    maximum
}

func (l *pressureLine) add(s stretch, ms uint64, percent float64, ok bool) {
	if !ok {
		return
	}
	r := ratio{percent * float64(ms), float64(ms)}
	l.total.add(r)
	l.curve.add(s, r, nan32, nan32)
	l.values = append(l.values, weighted{float32(percent), float32(ms)})
	l.top.add(float32(percent))
	l.last = percent
}

// settle makes a line and figures of what was gathered.
func (l *pressureLine) settle(c cells) {
	last := l.last
	l.stats = noStats
	if v, ok := l.total.value(); ok {
		l.stats = stats{last: last, mean: v, p95: percentile(l.values, 95), max: l.top.v}
	}
	l.columns = c.columns(l.curve.means())
	l.curve, l.values = curve{}, nil
}

// readPressure reads what the hosts waited for I/O. Where the kernel doesn't say it, there
// is nothing.
func (d *data) readPressure(ctx context.Context, src Source) error {
	all, err := src.Pressures(ctx, series.Query{From: d.From, To: d.To, Width: d.width, Keys: d.keys()})
	if err != nil {
		return fmt.Errorf("reading the I/O pressure: %w", err)
	}
	of := map[string]*pressure{}
	for i := range all {
		p := &all[i]
		h := of[p.Host]
		if h == nil {
			h = &pressure{host: p.Host}
			h.some.curve, h.full.curve = newCurve(d.cells.len()), newCurve(d.cells.len())
			of[p.Host] = h
			d.pressures = append(d.pressures, h)
		}
		long := cmp.Or(d.width, time.Duration(p.ElapsedMS)*time.Millisecond)
		s := d.cells.stretch(p.End.Add(-long), p.End)
		some, ok := p.SomePercent()
		h.some.add(s, p.ElapsedMS, some, ok)
		full, ok := p.FullPercent()
		h.full.add(s, p.ElapsedMS, full, ok)
	}
	for _, h := range d.pressures {
		h.some.settle(d.cells)
		h.full.settle(d.cells)
	}
	slices.SortFunc(d.pressures, func(a, b *pressure) int { return cmp.Compare(a.host, b.host) })
	return nil
}

// The measures of a host's frame, in pixels.
const (
	pressureHeight = 40
	pressureStep   = 58
	pressureTable  = 58 // of its rows, where they are below it
	mostPressures  = 4
)

// pressureHigh is how much room the frames of the hosts take, in pixels.
func (o *overview) pressureHigh(d *data) int {
	if o.metric != util || len(d.pressures) == 0 {
		return 0
	}
	step := pressureStep
	if d.narrow() {
		step += pressureTable
	}
	return rowsAfter + step*min(len(d.pressures), mostPressures) - (pressureStep - pressureHeight)
}

// pressure draws how long each host waited for I/O.
func (o *overview) pressure(ch *chart) {
	if o.pressureHigh(ch.d) == 0 {
		return
	}
	ch.y += rowsAfter
	title, left := "How long the host waited for I/O, in % of the time", 0
	shown, left := atMost(ch.d.pressures, mostPressures)
	if len(shown) > 1 {
		title = "How long each host waited for I/O, in % of the time"
	}
	if left > 0 {
		title += fmt.Sprintf("; %d more are in report.json", left)
	}
	ch.text(edge, float64(ch.y)-18, title, ch.bold(13.5, ch.theme.ink))
	ch.heads(ch.y-18, "", "last", "mean", "95th", "max")
	for _, h := range shown {
		o.hostPressure(ch, h, len(shown) > 1)
	}
	ch.y -= pressureStep - pressureHeight
}

func (o *overview) hostPressure(ch *chart, h *pressure, named bool) {
	f := ch.frame(pressureHeight, tightScale(max(largest(h.some.columns, h.full.columns), leastPressure)))
	some, full := style{colour: ch.others}, style{colour: ch.ink}
	ch.draw(f, ch.ground(nil), stripes{h.unknown(ch.grid), ch.gap}, area{h.some.columns, tint(some.colour, 0.35)}, area{h.full.columns, tint(full.colour, 0.6)}, ch.rules(),
		trace{h.some.columns, stroke(1.4, some)}, trace{h.full.columns, stroke(1.2, full)}, ch.base())
	y := ch.tableTop(f) + 12
	figures := figuresOf([]stats{h.some.stats, h.full.stats})
	of := ""
	if named {
		of = " on " + visible(h.host)
	}
	ch.row(y, row{style: &some, title: "at least one task" + of, cells: figures[0]})
	ch.row(y+20, row{style: &full, title: "every task" + of, cells: figures[1]})
	ch.y = f.Min.Y + pressureStep
	if ch.below {
		ch.y += pressureTable
	}
}

// unknown are the stretches in which neither is known.
func (h *pressure) unknown(g grid) []facts.Span {
	return g.spans(func(i int) bool { return math.IsNaN(h.some.columns[i]) && math.IsNaN(h.full.columns[i]) })
}

// leastPressure is the least value that fills a frame, in percent: below it, nobody waited.
const leastPressure = 1

// pressureJSON is a host's pressure in report.json.
type pressureJSON struct {
	Host string     `json:"host"`
	Some metricJSON `json:"some_percent"`
	Full metricJSON `json:"full_percent"`
}

func (d *data) pressuresJSON() []pressureJSON {
	var out []pressureJSON
	of := func(l *pressureLine) metricJSON {
		s := l.stats
		return metricJSON{Last: figure(s.last), Mean: figure(s.mean), P95: figure(s.p95), Max: figure(s.max), By: known(l.columns)}
	}
	for _, h := range d.pressures {
		out = append(out, pressureJSON{h.host, of(&h.some), of(&h.full)})
	}
	return out
}
