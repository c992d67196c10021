package render

import (
	"fmt"
	"image/color"
	"math"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"
	"gonum.org/v1/plot/vg"

	"lunstat/render/draw"
	"lunstat/render/facts"
)

// spaceFlat reports that a filesystem's line says nothing: it hardly moved, and there is room.
func (l *lun) spaceFlat() bool {
	least, most := 100.0, 0.0
	for _, v := range l.space.percent {
		if !math.IsNaN(v) {
			least, most = min(least, v), max(most, v)
		}
	}
	return most-least < 2 && most < float64(l.fullFrom())
}

func (l *lun) spaceHigh() int {
	if l.spaceFlat() {
		return flatHeight
	}
	return panelHeight
}

// drawLUN draws one LUN, its panels on one time axis.
func drawLUN(d *data, m medium, l *lun) vg.CanvasWriterTo { return lunChart(d, m, l).out }

func lunChart(d *data, m medium, l *lun) *chart {
	defer l.unfold(d.cells, allMetrics()...)()
	panels := l.panels(d)
	height := 16 - panelGap + axisHeight
	if l.carpet.any() {
		height += d.carpetHigh() + panelGap
	}
	for _, p := range panels {
		height += p.high(d.narrow()) + panelGap
		if d.narrow() {
			height += belowFrame + p.tableHigh() + belowTable
		}
	}
	if l.space.any() {
		height += l.spaceHigh() + panelGap
		if d.narrow() {
			height += spaceTable
		}
	}
	h := heading{l.title + d.ofHost(l), []string{d.when(d.From, d.To), l.described() + d.newness(l) + d.end(l)}, d.findingLines(l)}
	foot := d.footnotes([]*lun{l}, l.colourKeys(d)...)
	foot.texts = append(d.carpetNotes(l), foot.texts...)
	ch := newChart(d, m, d.grid, l, h, height, foot)
	for i, p := range panels {
		if i > 0 {
			ch.y += panelGap
		}
		ch.panel(p, l, i == len(panels)-1 && !l.space.any())
		if l.carpet.any() && p.main() == readAwait {
			ch.y += panelGap
			ch.carpetPanel(l)
		}
	}
	if l.space.any() {
		ch.y += panelGap
		ch.spacePanel(l)
	}
	ch.flags()
	return ch
}

// colourKeys explain what only this picture has.
func (l *lun) colourKeys(d *data) []key {
	th := paper()
	out := []key{{colour: tint(th.soft, 0.5), high: 1, text: "Reads and writes together: " + d.peakOf()}}
	if l.carpet.any() && len(l.carpet.unknown(d.cells)) > 0 {
		out = append(out, key{colour: paper().gap, high: 9, text: "latency: not counted"})
	}
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
			least, most := l.usualBand(d.grid, dr.metric)
			for _, v := range l.views(dr.metric) {
				all = append(all, drawn{dr.metric, v.of(dr.name), v.style(dr.style), v, dr.down, least, most})
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
	operations.highest, operations.says = d.highestHour(l)
	busy := panel{
		name: "Busy", unit: "% of the time", total: numMetrics, percent: true, level: 100, mark: stalls{l.stalls, paper().alarm},
		lines: lines(drawn{metric: util, name: "busy", style: read}),
	}
	return []panel{
		operations,
		{
			name: "Throughput", unit: "per second", bytes: true, total: bytesPerS,
			lines: lines(drawn{metric: readBytes, name: "read, up", style: read}, drawn{metric: writeBytes, name: "written, down", style: write, down: true}),
		},
		{
			name: "Await", unit: "ms per I/O", total: numMetrics, level: limit, limit: limit > 0, mark: slowMarks{l.lines[slow].mean, paper().alarm}, // on any host
			lines: lines(drawn{metric: readAwait, name: "reads", style: read}, drawn{metric: writeAwait, name: "writes", style: writeAbove}),
		},
		{name: "Queue", unit: "I/Os in flight", total: numMetrics, lines: lines(drawn{metric: queue, name: "queue", style: read})},
		busy,
	}
}

func (l *lun) has(m metric) bool { _, ok := l.total[m].value(); return ok }

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

// spacePanel is how full the filesystem is, low where that says nothing.
func (ch *chart) spacePanel(l *lun) {
	f := ch.frame(l.spaceHigh(), scale{top: spaceTop, step: 50, unit: 1})
	ch.timed(f)
	ch.draw(f, ch.ground(nil), ch.fullness(facts.FullFrom(&l.entry.LUN)), ch.gaps(l.gaps), area{l.space.percent, tint(l.style.colour, 0.18)}, ch.rules(),
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
	if ch.below {
		ch.y += spaceTable
	}
}
