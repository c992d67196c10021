package render

import (
	"fmt"
	"image/color"
	"time"

	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/render/draw"
	"lunstat/render/facts"
)

// key says what a colour in a picture means.
type key struct {
	colour color.RGBA
	high   int         // of its sample in pixels; 0: a dashed line; below 0: no sample
	dashes []vg.Length // of the dashed line
	text   string
}

const (
	keyWide = 14 // of a sample
	keyStep = 16 // between two keys
)

// footnotes are the texts below a picture: what its colours mean, then sentences.
type footnotes struct {
	keys  []key
	texts []string
}

// footItem is a key or a sentence with its place in a line.
type footItem struct {
	key
	x float64
}

// lines lays footnotes out in so many pixels.
func (f *footnotes) lines(fonts *draw.Fonts, width int) [][]footItem {
	var out [][]footItem
	x := 0.0
	for _, k := range f.keys {
		w := fonts.Width(k.text, draw.Regular(smallSize)).Points()
		if k.high >= 0 {
			w += keyWide + 5
		}
		if out == nil || x+w > float64(width) {
			out, x = append(out, nil), 0
		}
		out[len(out)-1] = append(out[len(out)-1], footItem{k, x})
		x += w + keyStep
	}
	for _, t := range f.texts {
		out = append(out, []footItem{{key: key{high: -1, text: t}}})
	}
	return out
}

func (ch *chart) footer(lines [][]footItem) {
	y := ch.height() - edge - footerLine*(len(lines)-1) + 4
	for i, items := range lines {
		st := ch.plain(smallSize, ch.faint)
		for _, it := range items {
			x := float64(edge) + it.x
			if it.high >= 0 {
				ch.sample(x, float64(y+i*footerLine), it.key)
				x += keyWide + 5
			}
			ch.text(x, float64(y+i*footerLine), ch.fit(it.text, float64(ch.width()-edge)-x, st), st)
		}
	}
}

// sample is a piece of what a key explains, on the middle of a line of text.
func (ch *chart) sample(x, y float64, k key) {
	if k.high == 0 {
		ch.line(vgdraw.LineStyle{Color: k.colour, Width: 1, Dashes: k.dashes}, point{x, y - 4.5}, point{x + keyWide, y - 4.5})
		return
	}
	top := int(y) - 4 - (k.high+1)/2
	ch.rect(int(x), top, int(x)+keyWide, top+k.high, k.colour)
}

// shadeKeys explain what lies behind the curves.
func (d *data) shadeKeys(g grid) []key {
	th := paper()
	var out []key
	long := g.to.Sub(g.from)
	if long <= nightsUpTo && len(nights(g.from, g.to)) > 0 {
		out = append(out, key{colour: th.night, high: 9, text: "night, 22–6 h"})
	}
	if long <= weekendsUpTo && len(weekends(g.from, g.to)) > 0 {
		out = append(out, key{colour: th.weekend, high: 9, text: "weekend"})
	}
	return out
}

// drawnGaps reports whether there are gaps, and long intervals, in some LUNs' frames.
func drawnGaps(luns []*lun) (gaps, flat bool) {
	for _, l := range luns {
		for _, g := range l.gaps {
			gaps = gaps || !g.flat
			flat = flat || g.flat
		}
	}
	return gaps, flat
}

// colourKeys explain the colours in which some LUNs are drawn, of those that appear.
func (d *data) colourKeys(luns []*lun) []key {
	th := paper()
	out := []key{{high: -1, text: "Line: " + d.resolution()}, {colour: tint(th.soft, 0.28), high: 9, text: d.largestOf() + " (max)"}}
	if d.peakMS > 0 {
		out = append(out, key{colour: tint(th.soft, 0.12), high: 9, text: "largest " + facts.Long(time.Duration(d.peakMS)*time.Millisecond)})
	}
	var isSlow, isStalled bool
	for _, l := range luns {
		isSlow = isSlow || l.slowMS > 0
		isStalled = isStalled || len(l.stalls) > 0
	}
	if isSlow {
		out = append(out, key{colour: th.alarm, high: 3, text: "await above the limit, pale for a part of the time"})
	}
	if isStalled {
		out = append(out, key{colour: th.alarm, high: 6, text: "stalled: no I/O completed"})
	}
	gaps, flat := drawnGaps(luns)
	gaps = gaps || len(d.blank()) > 0
	if gaps || flat {
		out = append(out, key{colour: th.gap, high: 9, text: "no data"})
	}
	if flat {
		out = append(out, key{colour: tint(th.soft, 0.45), high: 2, text: "mean of a long interval; nothing else is known of it"})
	}
	return append(out, d.shadeKeys(d.grid)...)
}

// footnotes are those of a picture of some LUNs.
func (d *data) footnotes(luns []*lun, more ...key) footnotes {
	return footnotes{
		keys:  append(d.colourKeys(luns), more...),
		texts: append([]string{fmt.Sprintf("95th: below it for 95 %% of the time, over %s.", d.percentileOver())}, d.imprint()...),
	}
}
