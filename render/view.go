package render

import "time"

// hostView is what one of the hosts saw that used a LUN at the same time.
type hostView struct {
	host    string
	lines   [numMetrics]line
	figures [numMetrics]stats
	tally
}

func (l *lun) hostViews(c cells) []hostView {
	out := make([]hostView, len(l.parts))
	for i, p := range l.parts {
		v := hostView{host: p.key.Host, tally: p.tally}
		for m := range numMetrics {
			v.lines[m] = lineOf(c, []curve{p.curves[m]}, m)
			v.figures[m] = statsOf(p.samples, m, p.total[m], p.top[m])
		}
		out[i] = v
	}
	return out
}

// view is one figure of a LUN as it is shown: of all its hosts together or, where
// two used it at once and the figure can't be added up, of one of them.
type view struct {
	host   string // "": of all
	line   line
	stats  stats
	slow   line // when it was
	slowMS uint64
	upMS   uint64
	nth    int // of the LUN's views, from 0
}

// views are a metric's, by host. There is at least one.
func (l *lun) views(m metric) []view {
	if l.apart == nil || m.adds() {
		return []view{{line: l.lines[m], stats: l.figures[m], slow: l.lines[slow], slowMS: l.slowMS, upMS: l.upMS}}
	}
	out := make([]view, len(l.apart))
	for i := range l.apart {
		h := &l.apart[i]
		out[i] = view{h.host, h.lines[m], h.figures[m], h.lines[slow], h.slowMS, h.upMS, i}
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

// look is the LUN's, with other dashes for the second host and on.
func (v *view) look(l look) look {
	if v.nth == 0 {
		return l
	}
	all, n := dashes(), v.nth
	if l.dash != nil {
		n++
	}
	l.dash = all[n%len(all)]
	l.colour = mix(l.colour, rgb(0), 0.25)
	return l
}

func (v *view) slowFor() time.Duration { return time.Duration(v.slowMS) * time.Millisecond }
