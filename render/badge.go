package render

import (
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot/text"
)

// Badges are numbers that tell lines apart for those who can't see colours: in grey, on
// paper, or colour-blind. Each is on its line where that is farthest from all others, and
// before the LUN's name in the table.

func (ch *chart) badgeStyle(l style) text.Style { return ch.bold(smallSize, l.colour) }

// badges writes the numbers on the lines of a frame.
func (ch *chart) badges(f *frame, lines [][]float64, styles []style) {
	var taken []point
	for i, v := range lines {
		p, ok := f.clearest(v, lines, i, taken)
		if !ok {
			continue
		}
		taken = append(taken, p)
		s, st := strconv.Itoa(i+1), ch.badgeStyle(styles[i])
		w := ch.wide(s, st)
		ch.rect(int(p.x-w/2)-2, int(p.y)-7, int(p.x+w/2)+3, int(p.y)+7, color.White)
		ch.text(p.x-w/2, p.y+4, s, st)
	}
}

const (
	badgeRoom  = 14  // pixels from a badge to other badges and to the frame's edges
	badgeClear = 3.0 // pixels by which its line must stand out, or it tells nothing
)

// clearest is the place on its line where a badge is farthest from other lines.
func (f *frame) clearest(v []float64, lines [][]float64, own int, taken []point) (best point, ok bool) {
	far := badgeClear
	for x := badgeRoom; x < len(v)-badgeRoom; x++ {
		if math.IsNaN(v[x]) {
			continue
		}
		p := point{float64(f.Min.X+x) + 0.5, f.at(v[x])}
		if p.y < float64(f.Min.Y)+8 || p.y > float64(f.Max.Y)-8 || near(p, taken) {
			continue
		}
		if d := f.nearest(p.y, x, lines, own) - f.slope(v, x); d > far {
			best, far, ok = p, d, true
		}
	}
	return best, ok
}

// nearest is how far the next other line is, in pixels.
func (f *frame) nearest(y float64, x int, lines [][]float64, own int) float64 {
	d := float64(f.Dy())
	for i, v := range lines {
		if i != own && !math.IsNaN(v[x]) {
			d = min(d, math.Abs(f.at(v[x])-y))
		}
	}
	return d
}

// slope is how far the line moves around x: on a steep line a badge would hide much.
func (f *frame) slope(v []float64, x int) float64 {
	a, b := v[x-6], v[x+6]
	if math.IsNaN(a) || math.IsNaN(b) {
		return float64(f.Dy())
	}
	return max(math.Abs(f.at(a)-f.at(v[x])), math.Abs(f.at(b)-f.at(v[x])))
}

func near(p point, taken []point) bool {
	for _, t := range taken {
		if math.Abs(p.x-t.x) < badgeRoom && math.Abs(p.y-t.y) < badgeRoom {
			return true
		}
	}
	return false
}
