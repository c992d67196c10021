package draw

import (
	"bytes"
	"image/color"
	"math"
	"testing"

	"gonum.org/v1/plot/vg"
)

// TestPolyline: a line and a polygon through points are what their paths are, with points
// that can't be drawn among them too.
func TestPolyline(t *testing.T) {
	far, nan := vg.Length(1e12), vg.Length(math.NaN())
	for name, pts := range map[string][]vg.Point{
		"none": nil, "one": {{X: 5, Y: 5}}, "twice the same": {{X: 5, Y: 5}, {X: 5, Y: 5}},
		"rectangle":  {{X: 10, Y: 10}, {X: 50, Y: 10}, {X: 50, Y: 40}, {X: 10, Y: 40}},
		"star":       {{X: 10, Y: 10}, {X: 90, Y: 50}, {X: 10, Y: 50}, {X: 90, Y: 10}, {X: 50, Y: 70}},
		"not finite": {{X: nan, Y: 3}, {X: 10, Y: 10}, {X: 50, Y: nan}, {X: 70, Y: 60}, {X: 30, Y: 70}},
		"far out":    {{X: -far, Y: 20}, {X: far, Y: 40}, {X: 30, Y: far}},
	} {
		var path vg.Path
		for i, p := range pts {
			if i == 0 {
				path.Move(p)
			} else {
				path.Line(p)
			}
		}
		draw := func(do func(*Canvas)) []byte {
			c := new(Memory).New(100, 80, 1, nil)
			c.SetColor(color.RGBA{200, 30, 60, 255})
			c.SetLineWidth(3)
			c.SetLineDash([]vg.Length{7, 4}, 1)
			do(c)
			return bytes.Clone(c.Image().Pix)
		}
		if !bytes.Equal(draw(func(c *Canvas) { c.StrokeLine(pts) }), draw(func(c *Canvas) { c.Stroke(path) })) {
			t.Errorf("%s: the line is another", name)
		}
		if path != nil {
			path.Close()
		}
		if !bytes.Equal(draw(func(c *Canvas) { c.FillPolygon(pts) }), draw(func(c *Canvas) { c.Fill(path) })) {
			t.Errorf("%s: the polygon is another", name)
		}
	}
}
