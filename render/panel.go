package render

import (
	"gonum.org/v1/plot"
	vgdraw "gonum.org/v1/plot/vg/draw"
)

// drawn is one line of a panel.
type drawn struct {
	metric
	name  string
	style style
	view  view
	down  bool // from the zero line down

	least, most columns // the usual; nil: not known
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
	highest float64      // a line at the highest hour; 0: not known
	says    string       // about it
	level   float64      // a dashed line; 0: none
	limit   bool         // which is the limit of the role
	mark    plot.Plotter // on top of the lines; nil: none
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

// scale is the panel's value axis. Spikes are cut off, and the limit is within unless
// all is far below it.
func (p *panel) scale(l *lun) scale {
	var up, down [][]float64
	for _, dr := range p.lines {
		line := dr.view.line()
		if dr.down {
			down = append(down, line.mean, line.max, dr.most)
		} else {
			up = append(up, line.mean, line.max, line.peak, dr.most)
		}
	}
	if p.total < numMetrics {
		up = append(up, l.lines[p.total].max, l.lines[p.total].peak)
	}
	top, per := headroom*robustTop(up...), ""
	if p.highest < 2*top { // else this range would be flat below it, and its words have to do
		top = max(top, p.highest)
	}
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
	f := ch.frame(p.high(ch.below), p.scale(l))
	f.ms = p.main() == readAwait
	ps := plotters{ch.ground(l.gaps)}
	ps = append(ps, p.bands()...)
	for _, dr := range p.lines {
		ps = append(ps, usualBehind(dr.least, dr.most, dr.view.line().mean, dr.style.colour, dr.down))
	}
	ps = append(ps, p.together(l)...)
	ps = append(ps, ch.rules(), level{p.level, ch.soft}, level{p.highest, ch.warn})
	var all [][]float64
	for i := len(p.lines) - 1; i >= 0; i-- {
		dr := p.lines[i]
		mean := dr.values(dr.view.line().mean)
		all = append(all, dr.view.line().mean, dr.view.line().max)
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
		line := dr.view.line()
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
		ch.y = y + belowTable
	}
}

// over changes the unit of figures.
func (s stats) over(unit float64) stats {
	return stats{s.last / unit, s.mean / unit, s.p95 / unit, s.max / unit}
}
