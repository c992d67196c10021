package render

import (
	"cmp"
	"image/color"
	"math"
	"slices"
	"strings"
	"time"
)

// One enormous minute would press a week to the ground. So a frame whose few highest
// columns are far above all others ends below them, and says of each how high it is.
const (
	spikeColumns = 4     // that may be cut off at most, or
	spikeShare   = 0.005 // of the columns
	spikeTimes   = 4     // as high as all others a spike is at least
	mostSpikes   = 3     // that are said in a frame
)

// robustTop is the largest value of some lines but for spikes.
func robustTop(lines ...[]float64) float64 {
	var tops []float64
	for _, l := range lines {
		for i, v := range l {
			if i == len(tops) {
				tops = append(tops, 0)
			}
			if v > tops[i] {
				tops[i] = v
			}
		}
	}
	if len(tops) == 0 {
		return 0
	}
	skip := max(spikeColumns, int(spikeShare*float64(len(tops))))
	if skip >= len(tops) {
		return slices.Max(tops)
	}
	most := largestOf(tops, skip+1)
	top, below := most[0], most[skip]
	if below > 0 && top > spikeTimes*below {
		return below
	}
	return top
}

// largestOf are the n largest of at least so many values, the largest first. n is small.
func largestOf(values []float64, n int) []float64 {
	most := slices.Clone(values[:n])
	slices.SortFunc(most, func(a, b float64) int { return cmp.Compare(b, a) })
	for _, v := range values[n:] {
		if v <= most[n-1] {
			continue
		}
		i := n - 1
		for ; i > 0 && most[i-1] < v; i-- {
			most[i] = most[i-1]
		}
		most[i] = v
	}
	return most
}

// spike is a stretch of columns that a frame cuts off.
type spike struct {
	first, last int // columns with the highest value of the stretch
	value       float64
}

// spikesAbove are the stretches above the end of a scale, the highest first.
func spikesAbove(top float64, lines ...[]float64) []spike {
	at := map[int]float64{}
	for _, l := range lines {
		for i, v := range l {
			if v > top && v > at[i] {
				at[i] = v
			}
		}
	}
	var out []spike
	last := math.MinInt
	columns := make([]int, 0, len(at))
	for i := range at {
		columns = append(columns, i)
	}
	slices.Sort(columns)
	for _, i := range columns {
		switch n := len(out); {
		case i > last+2:
			out = append(out, spike{i, i, at[i]})
		case at[i] > out[n-1].value:
			out[n-1] = spike{i, i, at[i]}
		case at[i] == out[n-1].value:
			out[n-1].last = i
		}
		last = i
	}
	slices.SortStableFunc(out, func(a, b spike) int {
		if a.value > b.value {
			return -1
		}
		return map[bool]int{true: 1}[a.value < b.value]
	})
	return out
}

// spikes marks what a frame cuts off, and says how high it is and when.
func (ch *chart) spikes(f *frame, lines ...[]float64) {
	st := ch.bold(smallSize, ch.theme.ink)
	for n, s := range spikesAbove(f.top*1.01, lines...) {
		x, y := float64(f.Min.X)+float64(s.first+s.last+1)/2, float64(f.Min.Y)
		ch.shape(ch.theme.ink, point{x - 4, y + 7}, point{x, y}, point{x + 4, y + 7})
		if n == mostSpikes || n > 0 && f.Dy() < 2*ownHeight {
			continue
		}
		text := f.spikeSays(s.value) + " on " + ch.d.spikeAt(ch.grid, s)
		y += 9 + float64(n)*13
		w := ch.wide(text, st)
		if x += 7; x+w > float64(f.Max.X) {
			x -= 14 + w
		}
		ch.over(x, y, text, st, color.White)
	}
}

// spikeSays is how high a spike is: an await of seconds has its unit, as in the findings.
func (f *frame) spikeSays(v float64) string {
	switch {
	case f.ms && v >= 10_000:
		return short(v/1000, 0) + " s"
	case f.ms:
		return short(v, 0) + " ms"
	}
	return short(v/f.unit, 0)
}

// spikeAt is when a spike was, no finer than what is known of it. A bin's largest minute
// is somewhere in the bin, and all columns that the bin touches have it: it began in the
// first of them.
func (d *data) spikeAt(g grid, s spike) string {
	when, form := g.from.Add(time.Duration(s.first)*g.width()), "Mon 15:04"
	bin := max(d.width, time.Minute)
	if g.to.Sub(g.from) > 8*24*time.Hour {
		form = "2 Jan 15:04"
	}
	switch {
	case g.width() > 6*time.Hour:
		form = "2 Jan"
	case g.width() > bin:
		form = strings.Replace(form, "15:04", "about 15:04", 1)
	default: // the only boundary of bins in the column; its own edge is rounded
		when = when.Add(bin - 2*time.Second).Truncate(bin)
	}
	return when.Format(form)
}
