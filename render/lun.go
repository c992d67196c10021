package render

import (
	"fmt"
	"math"
	"time"
)

// drawn is one line of a panel.
type drawn struct {
	metric
	name string
	look look
}

// panel is one frame of a LUN's picture.
type panel struct {
	name  string
	unit  string
	lines []drawn
	total metric // drawn as a pale band of maxima; numMetrics: none
	bytes bool
	level float64 // a dashed line; 0: none
	least float64
}

// The measures of a LUN's picture, in pixels.
const (
	panelHeight = 100
	panelGap    = 26
)

// drawLUN is one LUN under one time axis.
func drawLUN(d *data, f *fonts, l *lun) ([]byte, error) {
	panels := l.panels(d)
	n := len(panels)
	if l.space.any() {
		n++
	}
	h := heading{l.title + d.ofHost(l), []string{d.when(d.from, d.to), l.described()}}
	height := 16 + n*(panelHeight+panelGap) - panelGap + axisHeight
	ch := newChart(d, f, d.grid, h, height, d.reading())
	for i, p := range panels {
		if i > 0 {
			ch.y += panelGap
		}
		ch.panel(p, l)
	}
	if l.space.any() {
		ch.y += panelGap
		ch.spacePanel(l)
	}
	ch.timeLabels()
	ch.flags()
	return ch.encode()
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
	if n := len(lun.Paths); n > 0 {
		text += fmt.Sprintf(" · %d paths", n)
	}
	return text
}

// panels are the frames of a LUN's picture but space, which has another source.
func (l *lun) panels(d *data) []panel {
	read := look{colour: l.look.colour}
	write := look{colour: mix(l.look.colour, rgb(0), 0.55), dash: []float64{5, 2}}
	limit := float64(d.opt.Limits[l.role()]) / float64(time.Millisecond)
	all := []panel{
		{name: "I/O operations", unit: "per second", total: iops, lines: []drawn{{readIOPS, "reads", read}, {writeIOPS, "writes", write}}},
		{name: "Throughput", unit: "per second", bytes: true, total: bytesPerS, lines: []drawn{{readBytes, "read", read}, {writeBytes, "written", write}}},
		{name: "Await", unit: "ms per I/O", total: numMetrics, level: limit, lines: []drawn{{readAwait, "reads", read}, {writeAwait, "writes", write}}},
		{name: "Busy", unit: "% of the time", total: util, level: 100, lines: []drawn{{util, "busy", read}}},
	}
	if !l.has(readIOPS) { // a source that doesn't split reads from writes
		all[0].lines = []drawn{{iops, "all", read}}
	}
	return all
}

func (l *lun) has(m metric) bool { _, ok := l.total[m].value(); return ok }

// panel draws one frame with its part of the table.
func (ch *chart) panel(p panel, l *lun) {
	top := p.least
	for _, dr := range p.lines {
		top = max(top, largest(l.lines[dr.metric].mean))
		if p.total == numMetrics {
			top = max(top, largest(l.lines[dr.metric].max))
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
	f := ch.frame(panelHeight, sc)
	ch.ground(f, l.gaps)
	ch.bands(f, p, l)
	ch.rules(f, true)
	ch.level(f, p.level, ch.soft)
	for i := len(p.lines) - 1; i >= 0; i-- {
		dr := p.lines[i]
		ch.flats(f, l, dr.metric, dr.look.colour)
		ch.curve(f, l.lines[dr.metric].mean, 1.5, dr.look)
	}
	switch p.total {
	case util:
		ch.stalled(f, l)
	case numMetrics: // await
		ch.slow(f, l)
	}
	ch.base(f)
	ch.panelTable(f, p, l)
}

func (ch *chart) bands(f frame, p panel, l *lun) {
	if p.total < numMetrics {
		t := l.lines[p.total]
		ch.between(f, t.max, t.peak, tint(l.look.colour, 0.10))
		ch.between(f, t.mean, t.max, tint(l.look.colour, 0.28))
		ch.area(f, t.mean, tint(l.look.colour, 0.12))
		return
	}
	for _, dr := range p.lines {
		ch.between(f, l.lines[dr.metric].mean, l.lines[dr.metric].max, tint(dr.look.colour, 0.2))
	}
}

func (ch *chart) panelTable(f frame, p panel, l *lun) {
	unit := p.unit
	if p.bytes {
		unit = f.name
	}
	y := f.Min.Y + 8
	ch.text(float64(ch.x1+swatchAt), float64(y), p.name, style{textSize + 0.5, true, ch.theme.ink})
	w := ch.fonts.measure(p.name, style{textSize + 0.5, true, ch.theme.ink})
	ch.text(float64(ch.x1+swatchAt)+w+6, float64(y), unit, style{smallSize, false, ch.soft})
	ch.heads(y, "", "last", "mean", "95th", "max")
	var all []stats
	var rows []row
	for _, dr := range p.lines {
		all = append(all, l.stats(dr.metric).over(f.unit))
		rows = append(rows, row{look: &dr.look, title: dr.name})
	}
	if p.total < numMetrics && len(p.lines) > 1 {
		all = append(all, l.stats(p.total).over(f.unit))
		rows = append(rows, row{look: &look{colour: tint(l.look.colour, 0.28)}, title: "total (area)"})
	}
	figures := figuresOf(all, number)
	for i, r := range rows {
		y += 20
		r.cells = figures[i]
		ch.row(y, r)
	}
	if p.level > 0 && p.level != 100 {
		ch.text(float64(ch.x1+nameAt), float64(y+18), "limit "+number(p.level, 0)+" ms; "+slowWords(l), style{smallSize, false, ch.soft})
	}
}

func slowWords(l *lun) string {
	if l.slowMS == 0 {
		return "never slow"
	}
	return "slow for " + lasting(time.Duration(l.slowMS)*time.Millisecond)
}

// over changes the unit of figures.
func (s stats) over(unit float64) stats {
	return stats{s.last / unit, s.mean / unit, s.p95 / unit, s.max / unit}
}

// spacePanel is how full the filesystem is, on its own scale where little changes.
func (ch *chart) spacePanel(l *lun) {
	f := ch.frame(panelHeight, scale{top: 100, step: 50, unit: 1})
	ch.ground(f, l.gaps)
	ch.zone(f, spaceWarn, spaceAlarm, 0.10)
	ch.zone(f, spaceAlarm, 100, 0.22)
	ch.area(f, l.space.percent, tint(l.look.colour, 0.18))
	ch.rules(f, true)
	ch.curve(f, l.space.percent, 1.6, look{colour: l.look.colour})
	ch.base(f)
	s := l.space.last
	percent, _ := s.UsedPercent()
	x, y := float64(ch.x1+swatchAt), float64(f.Min.Y+8)
	bold := style{textSize + 0.5, true, ch.theme.ink}
	ch.text(x, y, "Space used", bold)
	ch.text(x+ch.fonts.measure("Space used", bold)+6, y, "%, df's", style{smallSize, false, ch.soft})
	plain := style{textSize, false, ch.theme.ink}
	ch.text(x, y+21, fmt.Sprintf("%d %% of %s, %s free", percent, size(s.SizeBytes), size(s.AvailBytes)), plain)
	change := float64(s.UsedBytes) - float64(l.space.first.UsedBytes)
	if change != 0 && !math.IsNaN(change) {
		ch.text(x, y+40, signedSize(change)+" over the range", style{textSize, false, ch.soft})
	}
	if s.Inodes > 0 {
		ch.text(x, y+59, fmt.Sprintf("inodes %s %% of %s", number(float64(s.InodesUsed)/float64(s.Inodes)*100, 0), number(float64(s.Inodes), 0)), style{textSize, false, ch.soft})
	}
}
