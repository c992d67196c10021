package render

import (
	"cmp"
	"fmt"
	"image/color"
	"slices"

	"github.com/dustin/go-humanize"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// The measures of the picture of space, in pixels.
const (
	spaceHeight = 300
	spaceRow    = 21
	spaceTop    = 103 // percent: a line at 100 is within the frame and not on its edge
	mostSpaces  = 12  // lines that can be told apart; the fullest are what matters
	mostListed  = 60  // more in the table below
	listRow     = 17
	listWide    = 560 // of a column of that table
)

// drawSpace draws disk-space.png: how full each filesystem is, over weeks. Each line has
// its label at its right end. If there are more than twelve, the others are in a table.
func drawSpace(d *data, m medium) vg.CanvasWriterTo {
	luns, rest := d.withSpace(), []*lun(nil)
	limits := fullLimitsOf(luns)
	if len(luns) > mostSpaces+1 { // one more may as well be a line
		luns, rest = luns[:mostSpaces], luns[mostSpaces:]
	}
	rest, left := atMost(rest, mostListed)
	notes := d.imprint()
	if left > 0 {
		notes = append([]string{fmt.Sprintf("%d more are on the page.", left)}, notes...)
	}
	g := d.spaceGrid
	h := heading{
		d.title("Space used by LUN"), []string{d.when(g.from, g.to), "share of each filesystem that is used (df's Use%)"},
		d.findingLines(nil, facts.KindFull, facts.KindHSM, facts.KindReadOnly),
	}
	frame := max(spaceHeight, spaceRow*len(luns))
	height := 16 + frame + axisHeight + d.listHigh(rest)
	if d.narrow() {
		frame = spaceHeight
		height = 16 + frame + axisHeight + 30 + spaceRow*len(luns) + d.listHigh(rest)
	}
	ch := newChart(d, m, g, nil, h, height, footnotes{d.spaceKeys(g, luns, limits), notes})
	fr := ch.frame(frame, scale{top: spaceTop, step: 20, unit: 1})
	ps := plotters{ch.ground(nil)}
	if limits.shared {
		ps = append(ps, ch.fullness(limits.warn, limits.alarm))
	}
	ps = append(ps, ch.gaps(d.blank()), ch.rules())
	for i := len(luns) - 1; i >= 0; i-- {
		ps = append(ps, trace{luns[i].spaceLong.percent, ch.spaceStroke(luns[i])})
	}
	if !limits.shared {
		ps = append(ps, limitMarks(luns))
	}
	ch.timed(fr)
	ch.draw(fr, append(ps, ch.base())...)
	ch.blockTexts(fr)
	ch.unitName(fr, "%")
	ch.spaceLabels(fr, luns, limits)
	ch.spaceList(rest, limits)
	ch.flags()
	return ch.out
}

// spaceStroke is a filesystem's line: a full one is the loudest in the picture, one that
// is gone pale.
func (ch *chart) spaceStroke(l *lun) vgdraw.LineStyle {
	switch percent, old := ch.d.fill(l); {
	case old:
		return stroke(2, style{colour: tint(ch.faint, 0.6)})
	case percent >= 100:
		return stroke(3.5, style{colour: ch.alarm})
	}
	return stroke(2, l.style)
}

// spaceKeys explain the colours.
func (d *data) spaceKeys(g grid, luns []*lun, limits fullLimits) []key {
	th := paper()
	out := limits.keys()
	var full, gone bool
	for _, l := range luns {
		percent, old := d.fill(l)
		full, gone = full || percent >= 100 && !old, gone || old
	}
	if full {
		out = append(out, key{colour: th.alarm, high: 4, text: "full"})
	}
	if gone {
		out = append(out, key{colour: tint(th.faint, 0.6), high: 2, text: "no longer there, or not asked"})
	}
	if len(d.blank()) > 0 {
		out = append(out, key{colour: th.gap, high: 9, text: "no data of I/O"})
	}
	return append(out, d.shadeKeys(g)...)
}

// withSpace are the LUNs with a filesystem, the fullest first and what is gone last.
func (d *data) withSpace() []*lun {
	var out []*lun
	for _, l := range d.luns {
		if l.spaceLong.any() {
			out = append(out, l)
		}
	}
	gone := func(l *lun) int {
		if _, old := d.fill(l); old {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(out, func(a, b *lun) int {
		x, _ := a.spaceLong.last.UsedRatio()
		y, _ := b.spaceLong.last.UsedRatio()
		return cmp.Or(cmp.Compare(gone(a), gone(b)), cmp.Compare(y, x))
	})
	return out
}

// fullness tints where a filesystem is worth a look.
func (ch *chart) fullness(warn, alarm float64) plotters {
	return plotters{
		valueZone{warn, alarm, tint(ch.warn, 0.10)},
		valueZone{alarm, 100, tint(ch.warn, 0.22)},
	}
}

// reserved is the part of a filesystem that is neither used nor free for users, in bytes.
// ext4 keeps a twentieth for root; if it is more, the used share and the free space don't
// add up for a reader.
func reserved(s *series.Space) uint64 {
	if sum := s.UsedBytes + s.AvailBytes; sum < s.SizeBytes {
		return s.SizeBytes - sum
	}
	return 0
}

// misleading is the share from which the reserved part is mentioned.
const misleading = 0.1

// spaceWords are used, size and what is free, in bytes.
func spaceWords(s *series.Space) string {
	text := fmt.Sprintf("%s of %s used, %s free", humanize.IBytes(s.UsedBytes), humanize.IBytes(s.SizeBytes), humanize.IBytes(s.AvailBytes))
	if float64(reserved(s)) > misleading*float64(s.SizeBytes) {
		text += " for users"
	}
	return text
}

// spaceLabels is the table whose rows are next to the lines' ends, or below the frame.
func (ch *chart) spaceLabels(f *frame, luns []*lun, limits fullLimits) {
	ends, places := make([]float64, len(luns)), make([]float64, len(luns))
	for i, l := range luns {
		ratio, _ := l.spaceLong.last.UsedRatio()
		ends[i] = f.at(ratio * 100)
		places[i] = float64(ch.y+28) + float64(spaceRow*i)
	}
	if !ch.below {
		places = stack(ends, spaceRow, float64(f.Min.Y)+8, float64(f.Max.Y)-4)
	}
	head := ch.plain(smallSize, ch.faint)
	x, end := float64(ch.table), float64(ch.x1)
	y := float64(f.Min.Y) - 9
	if ch.below {
		y = float64(ch.y + 12)
	} else {
		end = x + panelWidth - edge
	}
	at := x
	if ch.below {
		at += keyWide + 12 // the sample of the line
	}
	ch.right(at+spaceUsed, y, "used", head)
	ch.right(end, y, "free", head)
	for i, l := range luns {
		if _, old := ch.d.fill(l); !old && !ch.below {
			ch.leader(ends[i], places[i], l.style.colour)
		} else if ch.below {
			ch.swatch(ch.table+swatchAt, int(places[i]), l.style)
		}
		ch.spaceRow(l, limits, at, places[i]+4, end)
	}
	if ch.below {
		ch.y += 30 + spaceRow*len(luns)
	}
}

const (
	spaceUsed = 72 // where the percentage ends
	spaceName = 84
	spaceFree = 70 // for what is free
)

// spaceRow is one filesystem: percent, name, what is free. One that is gone is grey and
// says since when.
func (ch *chart) spaceRow(l *lun, limits fullLimits, x, y, end float64) {
	percent, old := ch.d.fill(l)
	st, name, free := ch.bold(textSize+1, ch.theme.ink), ch.bold(textSize, ch.theme.ink), ch.plain(textSize, ch.soft)
	title := l.title
	switch {
	case old:
		st, name = ch.plain(textSize, ch.faint), ch.plain(textSize, ch.faint)
		title += ch.d.end(l)
		x0 := x + spaceName + 10
		ch.right(x+spaceUsed+10, y, ch.d.fillWords(l), st)
		ch.text(x0, y, ch.fit(title, end-x0, name), name)
		return
	case percent >= 100:
		w := ch.wide("FULL", ch.bold(textSize, color.White))
		ch.rect(int(x+spaceUsed-w)-6, int(y)-13, int(x+spaceUsed)+2, int(y)+5, ch.alarm)
		ch.right(x+spaceUsed-2, y, "FULL", ch.bold(textSize, color.White))
		name.Color = ch.alarm
	case percent >= l.fullFrom():
		st.Color, name.Color = ch.alarm, ch.alarm
		fallthrough
	default:
		ch.right(x+spaceUsed, y, ch.d.fillWords(l), st)
	}
	ch.text(x+spaceName, y, ch.fit(title, end-spaceFree-x-spaceName, name), name)
	s := l.spaceLong.last
	w := ch.wide(ch.fit(title, end-spaceFree-x-spaceName, name), name)
	of := "of " + humanize.IBytes(s.SizeBytes)
	if float64(reserved(s)) > misleading*float64(s.SizeBytes) {
		of = fmt.Sprintf("%s of %s, rest reserved", humanize.IBytes(s.UsedBytes), humanize.IBytes(s.SizeBytes))
	}
	if !limits.shared {
		of = fmt.Sprintf("limit %d %% %s", l.fullFrom(), of)
	}
	small := ch.plain(smallSize, ch.soft)
	if room := end - spaceFree - (x + spaceName + w + 8); room > 40 {
		ch.text(x+spaceName+w+8, y, ch.fit(of, room, small), small)
	}
	ch.right(end, y, humanize.IBytes(s.AvailBytes), free)
}

// listColumns is how many columns the table of the others has.
func (d *data) listColumns() int { return max(1, (d.opt.Width-2*edge)/listWide) }

func (d *data) listHigh(rest []*lun) int {
	if len(rest) == 0 {
		return 0
	}
	return 34 + listRow*((len(rest)+d.listColumns()-1)/d.listColumns())
}

// spaceList is the table of the filesystems that are not drawn as a line.
func (ch *chart) spaceList(rest []*lun, limits fullLimits) {
	if len(rest) == 0 {
		return
	}
	y := ch.y + 24
	ch.text(edge, float64(y), fmt.Sprintf("%d more", len(rest)), ch.bold(13.5, ch.theme.ink))
	n := ch.d.listColumns()
	each := (len(rest) + n - 1) / n
	wide := float64(ch.width()-2*edge) / float64(n)
	for i, l := range rest {
		x := float64(edge) + wide*float64(i/each)
		ch.spaceRow(l, limits, x-20, float64(y+listRow*(i%each+1)), x+wide-30)
	}
}
