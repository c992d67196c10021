package render

import (
	"fmt"
	"image/color"
	"math"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/render/draw"
	"lunstat/render/facts"
)

// drawn is one line of a panel.
type drawn struct {
	metric
	name  string
	style style
	view  view
	down  bool // from the zero line down
}

// values are those of a line as they are drawn.
func (dr *drawn) values(v []float64) columns {
	if !dr.down {
		return v
	}
	out := make(columns, len(v))
	for i := range v {
		out[i] = -v[i]
	}
	return out
}

// panel is one frame of a LUN's picture.
type panel struct {
	name    string
	unit    string
	lines   []drawn
	total   metric // of reads and writes, with its maxima as a thin line; numMetrics: none
	bytes   bool
	percent bool
	usual   func(*facts.Hours, time.Time) (facts.Usual, bool) // what was so in the weeks before; nil: not known
	highest float64                                           // a line at the highest hour; 0: not known
	says    string                                            // about it
	level   float64                                           // a dashed line; 0: none
	limit   bool                                              // which is the limit of the role
	mark    plot.Plotter                                      // on top of the lines; nil: none
}

// The measures of a LUN's picture, in pixels.
const (
	panelHeight  = 84
	mirrorHeight = 110
	flatHeight   = 44 // of a filesystem in which nothing happened
	spaceTable   = 60 // what is said about space, below its panel
	panelGap     = 24
)

// main is the figure that represents the panel.
func (p *panel) main() metric {
	if p.total < numMetrics {
		return p.total
	}
	return p.lines[0].metric
}

// mirrored reports that writes go down from the zero line.
func (p *panel) mirrored() bool { return len(p.lines) > 1 && p.lines[1].down }

// tableHigh is how much room the panel's part of the table takes.
func (p *panel) tableHigh() int {
	rows := len(p.lines)
	if p.total < numMetrics {
		rows++
	}
	if p.limit {
		rows++
	}
	if p.says != "" {
		rows++
	}
	return 12 + 20*rows
}

// high is the height of the frame, which leaves room for a table beside it.
func (p *panel) high(narrow bool) int {
	high := panelHeight
	if p.mirrored() {
		high = mirrorHeight
	}
	if narrow {
		return high
	}
	return max(high, p.tableHigh())
}

// spaceFlat reports that a filesystem's line says nothing: it hardly moved, and there is room.
func (l *lun) spaceFlat() bool {
	least, most := 100.0, 0.0
	for _, v := range l.space.percent {
		if !math.IsNaN(v) {
			least, most = min(least, v), max(most, v)
		}
	}
	return most-least < 2 && most < facts.FullWarn
}

func (l *lun) spaceHigh() int {
	if l.spaceFlat() {
		return flatHeight
	}
	return panelHeight
}

// drawLUN is one LUN under one time axis.
func drawLUN(d *data, m medium, l *lun) vg.CanvasWriterTo {
	panels := l.panels(d)
	height := 16 - panelGap + axisHeight
	for _, p := range panels {
		height += p.high(d.narrow()) + panelGap
		if d.narrow() {
			height += p.tableHigh() + 8
		}
	}
	if l.space.any() {
		height += l.spaceHigh() + panelGap
		if d.narrow() {
			height += spaceTable
		}
	}
	h := heading{l.title + d.ofHost(l), []string{d.when(d.From, d.To), l.described() + d.newness(l) + d.end(l)}, d.findingLines(l)}
	ch := newChart(d, m, d.grid, l, h, height, d.footnotes([]*lun{l}, l.colourKeys(d)...))
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

// colourKeys explain what only this picture has.
func (l *lun) colourKeys(d *data) []key {
	th := paper()
	out := []key{{colour: tint(th.soft, 0.5), high: 1, text: "Reads and writes together: " + d.peakOf()}}
	out = append(out, d.usualKeys([]*lun{l})...)
	if highest, _ := d.highestHour(l); highest > 0 {
		out = append(out, key{colour: th.warn, dashes: []vg.Length{5, 3}, text: "highest hour"})
	}
	if d.limit(l) > 0 {
		out = append(out, key{colour: th.soft, dashes: []vg.Length{5, 3}, text: "limit of await, 100 % busy"})
	}
	return out
}

// peakOf says what the finest maxima are of.
func (d *data) peakOf() string {
	if d.peakMS > 0 {
		return "largest " + facts.Long(time.Duration(d.peakMS)*time.Millisecond)
	}
	return d.largestOf()
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
		text += " · known only by its kernel name"
	}
	if n := len(lun.Paths); n > 0 {
		text += " · " + english.Plural(n, "path", "")
	}
	return text
}

// panels are the frames of a LUN's picture but space, which has another source.
func (l *lun) panels(d *data) []panel {
	read := style{colour: l.style.colour}
	write := style{colour: draw.Mix(l.style.colour, color.Black, 0.55)}
	lines := func(of ...drawn) (all []drawn) {
		for _, dr := range of {
			for _, v := range l.views(dr.metric) {
				all = append(all, drawn{dr.metric, v.of(dr.name), v.style(dr.style), v, dr.down})
			}
		}
		return all
	}
	writeAbove := write
	writeAbove.dash = []vg.Length{5, 2}
	limit := float64(d.limit(l)) / float64(time.Millisecond)
	operations := panel{
		name: "I/O operations", unit: "per second", total: iops,
		lines: lines(drawn{metric: readIOPS, name: "reads, up", style: read}, drawn{metric: writeIOPS, name: "writes, down", style: write, down: true}),
	}
	if !l.has(readIOPS) { // a source that doesn't split reads from writes
		operations.lines = lines(drawn{metric: iops, name: "all", style: read})
		operations.total = numMetrics
	}
	operations.usual = (*facts.Hours).IOPS
	operations.highest, operations.says = d.highestHour(l)
	return []panel{
		operations,
		{
			name: "Throughput", unit: "per second", bytes: true, total: bytesPerS,
			lines: lines(drawn{metric: readBytes, name: "read, up", style: read}, drawn{metric: writeBytes, name: "written, down", style: write, down: true}),
		},
		{
			name: "Await", unit: "ms per I/O", total: numMetrics, usual: (*facts.Hours).Await, level: limit, limit: limit > 0, mark: slowMarks{l.lines[slow].mean, paper().alarm}, // on any host
			lines: lines(drawn{metric: readAwait, name: "reads", style: read}, drawn{metric: writeAwait, name: "writes", style: writeAbove}),
		},
		{name: "Queue", unit: "I/Os in flight", total: numMetrics, lines: lines(drawn{metric: queue, name: "queue", style: read})},
		{
			name: "Busy", unit: "% of the time", total: numMetrics, percent: true, level: 100, mark: stalls{l.stalls, paper().alarm},
			lines: lines(drawn{metric: util, name: "busy", style: read}),
		},
	}
}

func (l *lun) has(m metric) bool { _, ok := l.total[m].value(); return ok }

// scale is the panel's value axis. Spikes are cut off, and the limit is within unless
// all is far below it.
func (p *panel) scale(l *lun, g grid) scale {
	var up, down [][]float64
	for _, dr := range p.lines {
		if dr.down {
			down = append(down, dr.view.line.mean, dr.view.line.max)
		} else {
			up = append(up, dr.view.line.mean, dr.view.line.max, dr.view.line.peak)
		}
	}
	if p.total < numMetrics {
		up = append(up, l.lines[p.total].max, l.lines[p.total].peak)
	}
	if p.usual != nil {
		_, most := l.usualBand(g, p.usual)
		up = append(up, most)
	}
	top, per := headroom*robustTop(up...), ""
	if p.bytes {
		per = "/s"
	}
	switch {
	case p.percent:
		return percentScale(largest(up...), 2)
	case p.mirrored():
		return mirrorScale(top, headroom*robustTop(down...), 4, per)
	case p.bytes:
		return byteScale(top, 3, per)
	case p.limit && top > p.level/4:
		top = max(top, p.level)
	}
	return newScale(top, 3)
}

// panel draws one frame with its part of the table.
func (ch *chart) panel(p panel, l *lun, last bool) {
	f := ch.frame(p.high(ch.below), p.scale(l, ch.grid))
	ps := plotters{ch.ground(l.gaps)}
	ps = append(ps, p.bands()...)
	if p.usual != nil {
		ps = append(ps, ch.usualOf(l, p.usual))
	}
	for _, dr := range p.lines {
		ps = append(ps, dr.excessOf(ch.grid, l)...)
	}
	ps = append(ps, p.together(l)...)
	ps = append(ps, ch.rules(), level{p.level, ch.soft}, level{p.highest, ch.warn})
	var all [][]float64
	for i := len(p.lines) - 1; i >= 0; i-- {
		dr := p.lines[i]
		mean := dr.values(dr.view.line.mean)
		all = append(all, dr.view.line.mean, dr.view.line.max)
		ps = append(ps, flats{l, dr.view.host, dr.metric, dr.style.colour, dr.down}, trace{mean, stroke(1.5, dr.style)})
	}
	if p.mark != nil {
		ps = append(ps, p.mark)
	}
	if last {
		ch.timed(f)
	}
	ch.draw(f, append(ps, ch.base())...)
	if p.total < numMetrics {
		all = append(all, l.lines[p.total].max, l.lines[p.total].peak)
	}
	ch.spikes(f, all...)
	if len(ch.frames) == 1 {
		ch.blockTexts(f)
	} else {
		ch.flatTexts(f, l, p.main())
	}
	ch.panelTable(f, p, l)
}

// together are reads and writes as thin lines, their mean and the largest.
func (p *panel) together(l *lun) plotters {
	if p.total == numMetrics {
		return nil
	}
	t := l.lines[p.total]
	top := t.max
	if t.peak != nil {
		top = t.peak
	}
	return plotters{
		trace{top, vgdraw.LineStyle{Color: tint(paper().soft, 0.5), Width: 0.8}},
		trace{t.mean, vgdraw.LineStyle{Color: paper().soft, Width: 1.1}},
	}
}

func (p *panel) bands() plotters {
	var out plotters
	for _, dr := range p.lines {
		line := dr.view.line
		if p.mirrored() {
			out = append(out, area{dr.values(line.mean), tint(dr.style.colour, 0.3)})
			continue
		}
		out = append(out, band{line.max, line.peak, tint(dr.style.colour, 0.12)}, band{line.mean, line.max, tint(dr.style.colour, 0.28)})
		if p.percent {
			out = append(out, area{line.mean, tint(dr.style.colour, 0.12)})
		}
	}
	return out
}

func (ch *chart) panelTable(f *frame, p panel, l *lun) {
	unit := p.unit
	if p.bytes {
		unit = f.name
	}
	x, y := float64(ch.table+swatchAt), ch.tableTop(f)+8
	ch.text(x, float64(y), p.name, ch.bold(textSize+0.5, ch.theme.ink))
	w := ch.wide(p.name, ch.bold(textSize+0.5, ch.theme.ink))
	ch.text(x+w+6, float64(y), unit, ch.plain(smallSize, ch.soft))
	ch.heads(y, "", "last", "mean", "95th", "max")
	var all []stats
	var rows []row
	for _, dr := range p.lines {
		all = append(all, dr.view.stats.over(f.unit))
		rows = append(rows, row{style: &dr.style, title: dr.name})
	}
	if p.total < numMetrics {
		all = append(all, l.figures[p.total].over(f.unit))
		rows = append(rows, row{style: &style{colour: paper().soft}, title: "together"})
	}
	figures := figuresOf(all)
	for i, r := range rows {
		y += 20
		r.cells = figures[i]
		ch.row(y, r)
	}
	if p.limit {
		y += 20
		ch.text(float64(ch.table+nameAt), float64(y-2), "limit "+number(p.level, 0)+" ms; "+ch.d.slowWords(l), ch.plain(smallSize, ch.soft))
	}
	if p.says != "" {
		y += 20
		ch.text(float64(ch.table+nameAt), float64(y-2), p.says, ch.plain(smallSize, ch.warn))
	}
	if ch.below {
		ch.y = y + 8
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

// spacePanel is how full the filesystem is, low where that says nothing.
func (ch *chart) spacePanel(l *lun) {
	f := ch.frame(l.spaceHigh(), scale{top: spaceTop, step: 50, unit: 1})
	ch.timed(f)
	ch.draw(f, ch.ground(nil), ch.fullness(), ch.gaps(l.gaps), area{l.space.percent, tint(l.style.colour, 0.18)}, ch.rules(),
		trace{l.space.percent, ch.spaceStroke(l)}, ch.base())
	s := l.space.last
	x, y := float64(ch.table+swatchAt), float64(ch.tableTop(f)+8)
	bold := ch.bold(textSize+0.5, ch.theme.ink)
	ch.text(x, y, "Space used", bold)
	ch.text(x+ch.wide("Space used", bold)+6, y, "%, df's", ch.plain(smallSize, ch.soft))
	ch.text(x, y+18, fmt.Sprintf("%s: %s", ch.d.fillWords(l), spaceWords(s)), ch.plain(textSize, ch.theme.ink))
	if s.Inodes > 0 {
		ch.text(x, y+34, fmt.Sprintf("inodes %s %% of %s", number(float64(s.InodesUsed)/float64(s.Inodes)*100, 0), number(float64(s.Inodes), 0)), ch.plain(textSize, ch.soft))
	}
}
