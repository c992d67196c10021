package render

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/render/facts"
)

// fullLimits are the shares from which a filesystem is nearly full and full, in percent.
type fullLimits struct {
	warn, alarm float64
	shared      bool // by all of some LUNs
}

// fullLimitsOf are those of some LUNs.
func fullLimitsOf(luns []*lun) fullLimits {
	out := fullLimits{facts.FullWarn, facts.FullAlarm, true}
	for i, l := range luns {
		warn, alarm := facts.FullFrom(&l.entry.LUN)
		out.shared = out.shared && (i == 0 || out.warn == warn && out.alarm == alarm)
		out.warn, out.alarm = warn, alarm
	}
	return out
}

// keys explain the bands or the marks.
func (f fullLimits) keys() []key {
	th := paper()
	switch {
	case !f.shared:
		return []key{{colour: th.soft, high: 2, text: "at the right edge, in a LUN's colour: nearly full from there on"}}
	case f.alarm <= f.warn:
		return []key{{colour: tint(th.warn, 0.22), high: 9, text: fmt.Sprintf("from %g %%: nearly full", f.warn)}}
	}
	return []key{
		{colour: tint(th.warn, 0.10), high: 9, text: fmt.Sprintf("from %g %%: nearly full", f.warn)},
		{colour: tint(th.warn, 0.22), high: 9, text: fmt.Sprintf("from %g %%", f.alarm)},
	}
}

// limitMarks are short lines at the right edge of a frame, one at each LUN's own limit.
// Those of one limit are next to each other.
type limitMarks []*lun

func (m limitMarks) Plot(c vgdraw.Canvas, p *plot.Plot) {
	const wide, gap = 12, 3
	_, y := p.Transforms(&c)
	at := map[float64]vg.Length{}
	for _, l := range m {
		warn, _ := facts.FullFrom(&l.entry.LUN)
		x, mid := c.Max.X-at[warn], whole(y(warn))
		box(&c, l.style.colour, x-wide, mid-1, x, mid+1)
		at[warn] += wide + gap
	}
}
