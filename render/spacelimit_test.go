package render

import (
	"image"
	"image/color"
	"testing"
	"time"
)

// The picture of space has bands only where all filesystems have these limits. Else each
// has a mark at its own, in its colour.
func TestSpaceLimits(t *testing.T) {
	var lines []int // rows of pixels that a LUN's line has at the right edge
	for _, tt := range []struct {
		name string
		own  []float64 // of the first LUNs
		want fullLimits
		keys string
	}{
		{"none has its own", nil, fullLimits{90, 95, true}, "from 90 %: nearly full"},
		{"all have the same", []float64{70, 70, 70}, fullLimits{70, 95, true}, "from 70 %: nearly full"},
		{"all have one above", []float64{98.5, 98.5, 98.5}, fullLimits{98.5, 98.5, true}, "from 98.5 %: nearly full"},
		{"one has its own", []float64{70}, fullLimits{}, "at the right edge, in a LUN's colour: nearly full from there on"},
	} {
		m := made{luns: madeLUNs(3), start: monday, every: 15 * time.Minute, n: 96, space: func(l, _ int) int { return 300 + 100*l }}
		for i, v := range tt.own {
			m.luns[i].Limits.FullPercent = v
		}
		d := gathered(t, m.source(), Options{From: monday, To: monday.AddDate(0, 0, 1)})
		got := fullLimitsOf(d.withSpace())
		if tt.want.shared && got != tt.want || got.shared != tt.want.shared || got.keys()[0].text != tt.keys {
			t.Errorf("%s: %+v, %q", tt.name, got, got.keys()[0].text)
		}
		img := decode(t, files(t, m.source(), Options{From: monday, To: monday.AddDate(0, 0, 1)})["disk-space.png"])
		for i, l := range d.luns {
			rows := rowsOf(img, leftMargin+d.grid.n-45, leftMargin+d.grid.n, l.style.colour)
			if len(lines) < len(d.luns) { // the first case has only lines
				lines = append(lines, rows)
			}
			want := lines[i]
			if !tt.want.shared {
				want += 2
			}
			if rows != want {
				t.Errorf("%s: %s is in %d rows at the right edge, want %d", tt.name, l.title, rows, want)
			}
		}
	}
}

// rowsOf is how many rows of pixels have twelve and more of a colour between two columns.
func rowsOf(img image.Image, x0, x1 int, col color.RGBA) (n int) {
	for y := range img.Bounds().Max.Y {
		in := 0
		for x := x0; x < x1; x++ {
			if r, g, b, _ := img.At(x, y).RGBA(); uint8(r>>8) == col.R && uint8(g>>8) == col.G && uint8(b>>8) == col.B {
				in++
			}
		}
		if in >= 12 {
			n++
		}
	}
	return n
}
