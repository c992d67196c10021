package render

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dustin/go-humanize"
	"gonum.org/v1/plot/vg"
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
func drawSpace(d *data, m medium) vg.CanvasWriterTo {
	luns, left := atMost(d.withSpace(), mostSpaces)
	notes := d.imprint()
	if left > 0 {
		notes = append([]string{fmt.Sprintf("The %d fullest are shown; %d more stand on the page.", len(luns), left)}, notes...)
	}
	height := 16 + max(spaceHeight, spaceRow*len(luns)) + axisHeight
	g := d.spaceGrid
	says := []string{d.when(g.from, g.to), "share of each filesystem that is used (df's Use%)"}
	ch := newChart(d, m, g, nil, heading{d.title("Space used by LUN"), says, nil}, height, footnotes{d.shadeKeys(g), notes})
	fr := ch.frame(max(spaceHeight, spaceRow*len(luns)), scale{top: 100, step: 20, unit: 1})
	ps := plotters{ch.ground(d.beforeFirst(g)), ch.fullness(), ch.rules()}
	for i := len(luns) - 1; i >= 0; i-- {
		ps = append(ps, trace{luns[i].spaceLong.percent, stroke(2, luns[i].style)})
	}
	ch.timed(fr)
	ch.draw(fr, append(ps, ch.base())...)
	ch.unitName(fr, "%")
	ch.spaceLabels(fr, luns)
	ch.flags()
	return ch.out
}

// beforeFirst are the gaps in which nobody looked yet: what space has to say otherwise,
// its lines say.
func (d *data) beforeFirst(g grid) []gap {
	if g != d.grid {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(d.gaps), func(o gap) bool { return o.cause != causeBefore })
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

// fullness tints where a filesystem is worth a look.
func (ch *chart) fullness() plotters {
	return plotters{valueZone{spaceWarn, spaceAlarm, tint(ch.warn, 0.10)}, valueZone{spaceAlarm, 100, tint(ch.warn, 0.22)}}
}

// spaceLabels is the table whose rows stand beside the lines' ends.
func (ch *chart) spaceLabels(f *frame, luns []*lun) {
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
	head := ch.plain(smallSize, ch.faint)
	x := float64(ch.x1)
	y := float64(f.Min.Y) - 9
	ch.right(x+used, y, "used", head)
	ch.right(x+of, y, "size", head)
	ch.right(x+grown, y, "change", head)
	for i, l := range luns {
		y := places[i] + 4
		ch.leader(ends[i], places[i], l.style.colour)
		s := l.spaceLong.last
		st := ch.bold(textSize+1, l.style.colour)
		switch percent, old := ch.d.fill(l); {
		case old:
			st = ch.plain(textSize, ch.soft)
		case percent >= spaceWarn:
			st.Color = ch.alarm
		}
		plain := ch.plain(textSize, ch.soft)
		ch.right(x+used, y, ch.d.fillWords(l), st)
		ch.right(x+of, y, humanize.IBytes(s.SizeBytes), plain)
		ch.right(x+grown, y, signedByteSize(float64(s.UsedBytes)-float64(l.spaceLong.first.UsedBytes)), plain)
		title := ch.bold(textSize, ch.theme.ink)
		ch.text(x+name, y, ch.fit(l.title, of-60-name, title), title)
	}
}
