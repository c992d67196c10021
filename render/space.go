package render

import (
	"cmp"
	"fmt"
	"slices"
)

// The measures of the picture of space, in pixels.
const (
	spaceHeight = 400
	spaceRow    = 21
	mostSpaces  = 40 // lines that can be told apart, at best; the fullest are what matters
)

// From these shares on a filesystem is worth a look, in percent as df says.
const (
	spaceWarn  = 90
	spaceAlarm = 95
)

// drawSpace is how full each filesystem is, over weeks, each labelled at its
// line's right end.
func drawSpace(d *data, f *fonts) ([]byte, error) {
	luns, left := atMost(d.withSpace(), mostSpaces)
	notes := d.imprint()
	if left > 0 {
		notes = append([]string{fmt.Sprintf("The %d fullest are shown; %d more stand on the page.", len(luns), left)}, notes...)
	}
	height := 16 + max(spaceHeight, spaceRow*len(luns)) + axisHeight
	g := d.spaceGrid
	says := []string{d.when(g.from, g.to), "share of each filesystem that is used (df's Use%)"}
	ch := newChart(d, f, g, nil, heading{d.title("Space used by LUN"), says}, height, notes)
	fr := ch.frame(max(spaceHeight, spaceRow*len(luns)), scale{top: 100, step: 20, unit: 1})
	ch.ground(fr, nil)
	ch.zone(fr, spaceWarn, spaceAlarm, 0.10)
	ch.zone(fr, spaceAlarm, 100, 0.22)
	ch.rules(fr, true)
	for i := len(luns) - 1; i >= 0; i-- {
		ch.curve(fr, luns[i].spaceLong.percent, 1.8, luns[i].look)
	}
	ch.base(fr)
	ch.unitName(fr, "%")
	ch.spaceLabels(fr, luns)
	ch.timeLabels()
	ch.flags()
	return ch.encode()
}

// withSpace are the LUNs with a filesystem, the fullest first.
func (d *data) withSpace() []*lun {
	var out []*lun
	for _, l := range d.luns {
		if l.spaceLong.any() {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b *lun) int {
		x, _ := a.spaceLong.last.UsedRatio()
		y, _ := b.spaceLong.last.UsedRatio()
		return cmp.Compare(y, x)
	})
	return out
}

// zone tints a stretch of values.
func (ch *chart) zone(f frame, from, to, share float64) {
	ch.rect(f.Min.X, int(f.at(to)), f.Max.X, int(f.at(from)), tint(ch.warn, share))
}

// spaceLabels is the table whose rows stand beside the lines' ends.
func (ch *chart) spaceLabels(f frame, luns []*lun) {
	ends := make([]float64, len(luns))
	for i, l := range luns {
		ratio, _ := l.spaceLong.last.UsedRatio()
		ends[i] = f.at(ratio * 100)
	}
	places := stack(ends, spaceRow, float64(f.Min.Y)+8, float64(f.Max.Y)-4)
	const (
		used  = 72
		name  = 84
		of    = panelWidth - edge - 84
		grown = panelWidth - edge
	)
	head := style{smallSize, false, ch.faint}
	x := float64(ch.x1)
	y := float64(f.Min.Y) - 9
	ch.right(x+used, y, "used", head)
	ch.right(x+of, y, "size", head)
	ch.right(x+grown, y, "change", head)
	for i, l := range luns {
		y := places[i] + 4
		ch.leader(ends[i], places[i], l.look.colour)
		s := l.spaceLong.last
		percent, _ := s.UsedPercent()
		st := style{textSize + 1, true, l.look.colour}
		if percent >= spaceWarn {
			st.col = ch.alarm
		}
		plain := style{textSize, false, ch.soft}
		ch.right(x+used, y, number(float64(percent), 0)+" %", st)
		ch.right(x+of, y, size(s.SizeBytes), plain)
		ch.right(x+grown, y, signedSize(float64(s.UsedBytes)-float64(l.spaceLong.first.UsedBytes)), plain)
		title := style{textSize, true, ch.theme.ink}
		ch.text(x+name, y, ch.fonts.fit(l.title, of-60-name, title), title)
	}
}
