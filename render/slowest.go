package render

import (
	"time"

	"lunstat/render/facts"
)

// slowLUN is a LUN that was slow, on one host where two used it at once.
type slowLUN struct {
	facts.Slow
	lun  *lun
	name string
}

// worst are the three LUNs with the most slow time.
func (d *data) worst() []slowLUN {
	var all []slowLUN
	var slows []facts.Slow
	for _, l := range d.luns {
		for _, v := range l.views(slow) {
			s := facts.Slow{Slow: v.slowFor(), Watched: time.Duration(v.upMS) * time.Millisecond}
			slows = append(slows, s)
			all = append(all, slowLUN{s, l, v.of(l.title)})
		}
	}
	var out []slowLUN
	for _, i := range facts.Worst(slows, 3) {
		out = append(out, all[i])
	}
	return out
}
