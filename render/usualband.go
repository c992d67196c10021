package render

import (
	"fmt"
	"image/color"
	"time"

	"gonum.org/v1/plot"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/render/facts"
)

// usual is the figure that is known of the weeks before; ok is false if none is.
func (m metric) usual() (f facts.Figure, ok bool) {
	f, ok = map[metric]facts.Figure{
		iops: facts.IOPS, readIOPS: facts.Reads, writeIOPS: facts.Writes, readBytes: facts.ReadBytes, writeBytes: facts.WriteBytes,
		readAwait: facts.ReadAwait, writeAwait: facts.WriteAwait, util: facts.Busy, queue: facts.Queue,
	}[m]
	return f, ok
}

// usualBand is what a figure of a LUN was in the same hours of the weeks before, by the
// columns of a frame; nil where too little is known, and for one of two hosts that used
// the LUN at once: the sums are of both.
func (l *lun) usualBand(g grid, m metric) (least, largest columns) {
	f, ok := m.usual()
	if !ok || g.width() > time.Hour || l.apart != nil && !m.adds() || !l.usual.HasUsual(g.to.Add(time.Hour)) {
		return nil, nil
	}
	return bandOf(g, &l.usual, f)
}

// bandOf is a usual by the columns of a frame; nil where too little is known. It goes in straight
// lines from the middle of one hour to that of the next: in steps, what rises would be
// beyond the usual in the second half of each hour.
func bandOf(g grid, h *facts.Hours, f facts.Figure) (least, largest columns) {
	least, largest = make(columns, g.n), make(columns, g.n)
	any := false
	long := float64(g.to.Sub(g.from))
	var middle time.Duration // of the earlier hour, from the left edge
	var a, b facts.Usual
	for i := range least {
		at := time.Duration((float64(i) + 0.5) / float64(g.n) * long)
		if i == 0 || at-middle >= time.Hour {
			hour := g.from.Add(at - 30*time.Minute).Truncate(time.Hour).Add(30 * time.Minute)
			middle = hour.Sub(g.from)
			a, b = ofTwo(h, f, hour)
		}
		share := (at - middle).Hours()
		least[i], largest[i] = a.Least+(b.Least-a.Least)*share, a.Largest+(b.Largest-a.Largest)*share
		any = any || largest[i] == largest[i]
	}
	if !any {
		return nil, nil
	}
	return least, largest
}

// ofTwo is the usual of an hour and the next; NaN where neither has one, and of both where one
// has.
func ofTwo(h *facts.Hours, f facts.Figure, hour time.Time) (a, b facts.Usual) {
	a, okA := h.Usual(f, hour)
	b, okB := h.Usual(f, hour.Add(time.Hour))
	switch {
	case okA && okB:
		return a, b
	case okA:
		return a, a
	case okB:
		return b, b
	}
	none := facts.Usual{Least: nan, Largest: nan}
	return none, none
}

// usualBehind draws the usual of a figure, and fills what its line has beyond that.
func usualBehind(least, largest, line columns, col color.RGBA, down bool) plotters {
	if least == nil {
		return nil
	}
	return plotters{usualFill{least, largest, down}, excess{largest, line, down, tint(col, 0.6)}}
}

// usualFill fills the usual. Where all weeks were alike it is still as high as a line; where
// they all had nothing there is nothing to see.
type usualFill struct {
	least, largest columns
	down           bool
}

func (u usualFill) Plot(c vgdraw.Canvas, p *plot.Plot) {
	const high = 3 // pixels
	thin := high * (p.Y.Max - p.Y.Min) / float64(c.Max.Y-c.Min.Y)
	lower, upper := make(columns, len(u.least)), make(columns, len(u.least))
	for i := range lower {
		a, b := u.least[i], u.largest[i]
		if b == 0 {
			a, b = nan, nan
		}
		if more := (thin - (b - a)) / 2; more > 0 {
			a, b = a-more, b+more
		}
		if u.down {
			a, b = -b, -a
		}
		lower[i], upper[i] = a, b
	}
	band{lower, upper, usualColour()}.Plot(c, p)
}

// excess fills what is beyond the usual: from its largest value to the line, where the
// line is above.
type excess struct {
	usual, line columns
	down        bool
	colour      color.Color
}

func (e excess) Plot(c vgdraw.Canvas, p *plot.Plot) {
	upper, lower := make(columns, len(e.line)), make(columns, len(e.line))
	for i, v := range e.line {
		upper[i], lower[i] = nan, nan
		if v > e.usual[i] {
			upper[i], lower[i] = v, e.usual[i]
			if e.down {
				upper[i], lower[i] = -e.usual[i], -v
			}
		}
	}
	band{lower, upper, e.colour}.Plot(c, p)
}

// usualKeys explain the band, where some LUN has one.
func (d *data) usualKeys(luns []*lun) []key {
	for _, l := range luns {
		if least, _ := l.usualBand(d.grid, iops); least != nil {
			return []key{{colour: usualColour(), high: 9, text: fmt.Sprintf("usual: the same hours of the %d weeks before; what is beyond it is in full colour", facts.UsualWeeks)}}
		}
	}
	return nil
}

// highestHour says which hour of the range and of the weeks before it had the most to do.
func (d *data) highestHour(l *lun) (iops float64, says string) {
	iops, at, ok := l.usual.Highest()
	if !ok || iops <= 0 || d.grid.width() > time.Hour {
		return 0, ""
	}
	return iops, fmt.Sprintf("highest hour that is known: %s on %s", short(iops, decimals([]float64{iops})), at.In(d.opt.Zone).Format("Mon 2 Jan 15:04"))
}
