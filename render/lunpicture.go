package render

import (
	"fmt"
	"image/color"
	"math"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"lunstat/render/draw"
	"lunstat/render/facts"
)

// drawn is one line of a panel.
type drawn struct {
	metric
	name  string
	style style
	view  view
}

// panel is one frame of a LUN's picture.
type panel struct {
	name  string
	unit  string
	lines []drawn
	total metric // drawn as a pale band of maxima; numMetrics: none
	bytes bool
	level float64      // a dashed line; 0: none
	mark  plot.Plotter // on top of the lines; nil: none
}

// height leaves room for the table beside it.
func (p *panel) height() int { return max(panelHeight, 28+20*len(p.lines)) }

// The measures of a LUN's picture, in pixels.
const (
	panelHeight = 100
	panelGap    = 26
)

// drawLUN is one LUN under one time axis.
func drawLUN(d *data, m medium, l *lun) vg.CanvasWriterTo {
	panels := l.panels(d)
	height := 16 - panelGap + axisHeight
	for _, p := range panels {
		height += p.height() + panelGap
	}
	if l.space.any() {
		height += panelHeight + panelGap
	}
	h := heading{l.title + d.ofHost(l), []string{d.when(d.From, d.To), l.described() + d.newness(l) + d.end(l)}, d.findingLines(l)}
	ch := newChart(d, m, d.grid, l, h, height, d.footnotes([]*lun{l}))
	for i, p := range panels {
		if i > 0 {
			ch.y += panelGap
		}
		ch.panel(p, l, i == len(panels)-1 && !l.space.any())
	}
	if l.space.any() {
		ch.y += panelGap
		ch.spacePanel(l)
	}
	ch.flags()
	return ch.out
}

// ofHost says whose the LUN is where its title doesn't.
func (d *data) ofHost(l *lun) string { return " – " + d.name() }

// described is a LUN in one line.
func (l *lun) described() string {
	lun := &l.entry.LUN
	text := l.under()
	if lun.Role != "" {
		text += " · role " + visible(lun.Role)
		if lun.RoleFrom != "" && lun.RoleFrom != "config" {
			text += " (guessed by " + visible(lun.RoleFrom) + ")"
		}
	}
	if lun.DMName != "" {
		text += fmt.Sprintf(" · at the end %s, %s", visible(lun.Kernel), lun.Dev)
	}
	if lun.ID.Local() {
		text += " · known by a mere name"
	}
	if n := len(lun.Paths); n > 0 {
		text += " · " + english.Plural(n, "path", "")
	}
	return text
}

// panels are the frames of a LUN's picture but space, which has another source.
func (l *lun) panels(d *data) []panel {
	read := style{colour: l.style.colour}
	write := style{colour: draw.Mix(l.style.colour, color.Black, 0.55), dash: []vg.Length{5, 2}}
	limit := float64(d.opt.Limits[l.role()]) / float64(time.Millisecond)
	lines := func(of ...drawn) (all []drawn) {
		for _, dr := range of {
			for _, v := range l.views(dr.metric) {
				all = append(all, drawn{dr.metric, v.of(dr.name), v.style(dr.style), v})
			}
		}
		return all
	}
	operations := lines(drawn{metric: readIOPS, name: "reads", style: read}, drawn{metric: writeIOPS, name: "writes", style: write})
	if !l.has(readIOPS) { // a source that doesn't split reads from writes
		operations = lines(drawn{metric: iops, name: "all", style: read})
	}
	busy := panel{
		name: "Busy", unit: "% of the time", total: util, level: 100, mark: stalls{l.stalls, paper().alarm},
		lines: lines(drawn{metric: util, name: "busy", style: read}),
	}
	if len(busy.lines) > 1 {
		busy.total = numMetrics // of two hosts there is none
	}
	return []panel{
		{name: "I/O operations", unit: "per second", total: iops, lines: operations},
		{
			name: "Throughput", unit: "per second", bytes: true, total: bytesPerS,
			lines: lines(drawn{metric: readBytes, name: "read", style: read}, drawn{metric: writeBytes, name: "written", style: write}),
		},
		{
			name: "Await", unit: "ms per I/O", total: numMetrics, level: limit, mark: slowMarks{l.lines[slow].mean, paper().alarm}, // on any host
			lines: lines(drawn{metric: readAwait, name: "reads", style: read}, drawn{metric: writeAwait, name: "writes", style: write}),
		},
		busy,
	}
}

func (l *lun) has(m metric) bool { _, ok := l.total[m].value(); return ok }

// panel draws one frame with its part of the table.
func (ch *chart) panel(p panel, l *lun, last bool) {
	top := 0.0
	for _, dr := range p.lines {
		top = max(top, largest(dr.view.line.mean))
		if p.total == numMetrics {
			top = max(top, largest(dr.view.line.max))
		}
	}
	if p.total < numMetrics {
		top = max(top, largest(l.lines[p.total].max, l.lines[p.total].peak))
	}
	top *= headroom
	sc := newScale(top, 3)
	if p.bytes {
		sc = byteScale(top, 3, "/s")
	}
	f := ch.frame(p.height(), sc)
	ps := append(plotters{ch.ground(l.gaps)}, p.bands(l)...)
	ps = append(ps, ch.rules(), level{p.level, ch.soft})
	for i := len(p.lines) - 1; i >= 0; i-- {
		dr := p.lines[i]
		ps = append(ps, flats{l, dr.view.host, dr.metric, dr.style.colour}, trace{dr.view.line.mean, stroke(1.7, dr.style)})
	}
	if p.mark != nil {
		ps = append(ps, p.mark)
	}
	if last {
		ch.timed(f)
	}
	ch.draw(f, append(ps, ch.base())...)
	ch.panelTable(f, p, l)
}

func (p *panel) bands(l *lun) plotters {
	if p.total < numMetrics {
		t := l.lines[p.total]
		return plotters{
			band{t.max, t.peak, tint(l.style.colour, 0.10)}, band{t.mean, t.max, tint(l.style.colour, 0.28)},
			area{t.mean, tint(l.style.colour, 0.12)},
		}
	}
	var out plotters
	for _, dr := range p.lines {
		out = append(out, band{dr.view.line.mean, dr.view.line.max, tint(dr.style.colour, 0.2)})
	}
	return out
}

func (ch *chart) panelTable(f *frame, p panel, l *lun) {
	unit := p.unit
	if p.bytes {
		unit = f.name
	}
	y := f.Min.Y + 8
	ch.text(float64(ch.x1+swatchAt), float64(y), p.name, ch.bold(textSize+0.5, ch.theme.ink))
	w := ch.wide(p.name, ch.bold(textSize+0.5, ch.theme.ink))
	ch.text(float64(ch.x1+swatchAt)+w+6, float64(y), unit, ch.plain(smallSize, ch.soft))
	ch.heads(y, "", "last", "mean", "95th", "max")
	var all []stats
	var rows []row
	for _, dr := range p.lines {
		all = append(all, dr.view.stats.over(f.unit))
		rows = append(rows, row{style: &dr.style, title: dr.name})
	}
	if p.total < numMetrics && len(p.lines) > 1 {
		all = append(all, l.figures[p.total].over(f.unit))
		rows = append(rows, row{style: &style{colour: tint(l.style.colour, 0.28)}, title: "total (area)"})
	}
	figures := figuresOf(all)
	for i, r := range rows {
		y += 20
		r.cells = figures[i]
		ch.row(y, r)
	}
	if p.level > 0 && p.level != 100 {
		ch.text(float64(ch.x1+nameAt), float64(y+18), "limit "+number(p.level, 0)+" ms; "+ch.d.slowWords(l), ch.plain(smallSize, ch.soft))
	}
}

func (d *data) slowWords(l *lun) string {
	var parts []string
	for _, v := range l.views(slow) {
		if v.slowMS > 0 {
			parts = append(parts, v.of(facts.Long(v.slowFor())))
		}
	}
	var all []string
	if len(parts) > 0 {
		all = append(all, "slow for "+strings.Join(parts, ", "))
	}
	if len(l.stalls) > 0 { // in which no I/O completed that could have been slow
		all = append(all, "stalled for "+facts.Long(d.stalledFor(l)))
	}
	if len(all) == 0 {
		return "never slow"
	}
	return strings.Join(all, ", ")
}

// over changes the unit of figures.
func (s stats) over(unit float64) stats {
	return stats{s.last / unit, s.mean / unit, s.p95 / unit, s.max / unit}
}

// spacePanel is how full the filesystem is, on its own scale where little changes.
func (ch *chart) spacePanel(l *lun) {
	f := ch.frame(panelHeight, scale{top: 100, step: 50, unit: 1})
	ch.timed(f)
	ch.draw(f, ch.ground(l.gaps), ch.fullness(), area{l.space.percent, tint(l.style.colour, 0.18)}, ch.rules(),
		trace{l.space.percent, stroke(1.8, style{colour: l.style.colour})}, ch.base())
	s := l.space.last
	x, y := float64(ch.x1+swatchAt), float64(f.Min.Y+8)
	bold := ch.bold(textSize+0.5, ch.theme.ink)
	ch.text(x, y, "Space used", bold)
	ch.text(x+ch.wide("Space used", bold)+6, y, "%, df's", ch.plain(smallSize, ch.soft))
	plain := ch.plain(textSize, ch.theme.ink)
	ch.text(x, y+21, fmt.Sprintf("%s of %s, %s free", ch.d.fillWords(l), humanize.IBytes(s.SizeBytes), humanize.IBytes(s.AvailBytes)), plain)
	change := float64(s.UsedBytes) - float64(l.space.first.UsedBytes)
	if change != 0 && !math.IsNaN(change) {
		ch.text(x, y+40, signedByteSize(change)+" over the range", ch.plain(textSize, ch.soft))
	}
	if s.Inodes > 0 {
		ch.text(x, y+59, fmt.Sprintf("inodes %s %% of %s", number(float64(s.InodesUsed)/float64(s.Inodes)*100, 0), number(float64(s.Inodes), 0)), ch.plain(textSize, ch.soft))
	}
}
