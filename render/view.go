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
	of      []*hostSeries
	lines   [numMetrics]line // those without means are folded
	figures [numMetrics]stats
	coarse  [numMetrics][]float64 // means of whole days or more, by column; nil: not drawn
	tally
}

// settle makes figures of samples, which are those of the series.
func (s *summary) settle(samples []sample) {
	for m := range numMetrics {
		s.figures[m] = statsOf(samples, m, s.total[m], s.top[m])
	}
}

// view is one figure of a LUN as it is shown: of all its hosts together or, where
// two used it at once and the figure can't be added up, of one of them.
type view struct {
	*summary
	metric metric
	stats  stats
	nth    int // of the LUN's views, from 0
}

// line is what is drawn of it, coarse the means of whole days or more where they are
// drawn too; the LUN must be unfolded.
func (v *view) line() line        { return v.lines[v.metric] }
func (v *view) coarse() []float64 { return v.summary.coarse[v.metric] }

// slow is when it was slow.
func (v *view) slow() line { return v.lines[slow] }

// views are a metric's, by host. There is at least one.
func (l *lun) views(m metric) []view {
	all := []*summary{&l.summary}
	if l.apart != nil && !m.adds() {
		all = l.apart
	}
	out := make([]view, len(all))
	for i, s := range all {
		out[i] = view{s, m, s.figures[m], i}
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
