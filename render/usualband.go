package render

import (
	"fmt"
	"image/color"
	"time"

	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/render/facts"
)

// usualBand is what a figure of a LUN was in the same hours of the weeks before, by the
// columns of a frame; nil where too little is known.
func (l *lun) usualBand(g grid, of func(*facts.Hours, time.Time) (facts.Usual, bool)) (least, largest columns) {
	if g.width() > time.Hour {
		return nil, nil
	}
	var u facts.Usual
	hour, ok, any := int64(-1), false, false
	least, largest = make(columns, g.n), make(columns, g.n)
	for i := range least {
		at := g.from.Add(time.Duration((float64(i) + 0.5) * float64(g.width())))
		if h := at.Unix() / 900; h != hour { // zones are off by quarters of an hour
			hour = h
			u, ok = of(&l.usual, at)
			any = any || ok
		}
		least[i], largest[i] = nan, nan
		if ok {
			least[i], largest[i] = u.Least, u.Largest
		}
	}
	if !any {
		return nil, nil
	}
	return least, largest
}

// usualOf is the band to be drawn behind a curve. Where all weeks were alike it is still
// a line.
func (ch *chart) usualOf(l *lun, of func(*facts.Hours, time.Time) (facts.Usual, bool)) plotters {
	least, largest := l.usualBand(ch.grid, of)
	edge := vgdraw.LineStyle{Color: usualColour(), Width: 1.3}
	return plotters{band{least, largest, tint(usualColour(), 0.55)}, trace{least, edge}, trace{largest, edge}}
}

// usualColour is that of no LUN and of no other ground.
func usualColour() color.RGBA { return rgb(0xA3CBAA) }

// usualKeys explain the band, where some LUN has one.
func (d *data) usualKeys(luns []*lun, beyond string) []key {
	for _, l := range luns {
		if least, _ := l.usualBand(d.grid, (*facts.Hours).IOPS); least != nil {
			return []key{{colour: tint(usualColour(), 0.8), high: 9, text: fmt.Sprintf("usual: the same hours of the %d weeks before", facts.UsualWeeks) + beyond}}
		}
	}
	return nil
}

// highestHour says which hour of the range and of the weeks before it had the most to do.
func (d *data) highestHour(l *lun) (iops float64, says string) {
	iops, at, ok := l.usual.Highest()
	if !ok || d.grid.width() > time.Hour {
		return 0, ""
	}
	return iops, fmt.Sprintf("highest hour that is known: %s on %s", short(iops, decimals([]float64{iops})), at.In(d.opt.Zone).Format("Mon 2 Jan 15:04"))
}
