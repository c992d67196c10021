package render

import (
	"image/color"
	"time"

	"lunstat/render/draw"
)

// summary is what the hosts of a LUN counted together or, where two used it at once, one
// of them.
type summary struct {
	host    string // "": all
	lines   [numMetrics]line
	figures [numMetrics]stats
	coarse  [numMetrics][]float64 // means of whole days or more, by column; nil: not drawn
	tally
}

// settle makes lines and figures of what the series gathered; samples are theirs.
func (s *summary) settle(c cells, list []*hostSeries, samples []sample) {
	for m := range numMetrics {
		var curves, coarse []curve
		for _, p := range list {
			curves = append(curves, p.curves[m])
			if c.coarse != nil {
				coarse = append(coarse, p.coarse[m])
			}
		}
		s.lines[m] = lineOf(c, curves, m)
		if c.coarse != nil && list != nil && list[0].coarse[m].ratios != nil {
			s.coarse[m] = lineOf(*c.coarse, coarse, m).mean
		}
		s.figures[m] = statsOf(samples, m, s.total[m], s.top[m])
	}
}

// view is one figure of a LUN as it is shown: of all its hosts together or, where
// two used it at once and the figure can't be added up, of one of them.
type view struct {
	host   string // "": of all
	line   line
	stats  stats
	coarse []float64
	slow   line // when it was
	slowMS uint64
	upMS   uint64
	nth    int // of the LUN's views, from 0
}

// views are a metric's, by host. There is at least one.
func (l *lun) views(m metric) []view {
	all := []*summary{&l.summary}
	if l.apart != nil && !m.adds() {
		all = l.apart
	}
	out := make([]view, len(all))
	for i, s := range all {
		out[i] = view{s.host, s.lines[m], s.figures[m], s.coarse[m], s.lines[slow], s.slowMS, s.upMS, i}
	}
	return out
}

// of is a name of the LUN, or of one of its lines, with the host that it is of.
func (v *view) of(name string) string {
	if v.host == "" {
		return name
	}
	return name + " on " + visible(v.host)
}

// style is the LUN's, with other dashes for the second host and on.
func (v *view) style(l style) style {
	if v.nth == 0 {
		return l
	}
	all, n := dashes(), v.nth
	if l.dash != nil {
		n++
	}
	l.dash = all[n%len(all)]
	l.colour = draw.Mix(l.colour, color.Black, 0.25)
	return l
}

func (v *view) slowFor() time.Duration { return time.Duration(v.slowMS) * time.Millisecond }
