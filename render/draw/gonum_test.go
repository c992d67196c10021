package draw_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	xdraw "image/draw"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/cmpimg"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"lunstat/render/draw"
)

// example is a plot after one of gonum's own examples.
type example struct {
	name string
	plot func() *plot.Plot
}

// The examples use what gonum has to ask of a canvas: lines, dashes, steps, fills,
// translucent colours, all glyphs, images, turned text, several lines of text, legends.
func examples() []example {
	return []example{
		{"line", lines}, {"scatter", scatter}, {"glyphs", glyphs}, {"bars", bars}, {"boxes", boxPlots}, {"bubbles", bubbles},
		{"histogram", histogram}, {"heat", heat}, {"image", picture}, {"contour", contour}, {"polygons", polygons},
		{"logarithmic", logarithmic}, {"turned", turned}, {"sankey", sankey}, {"errors", errorBars},
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func random() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func points(n int, y func(x float64) float64) plotter.XYs {
	pts := make(plotter.XYs, n)
	for i := range pts {
		pts[i].X = float64(i)
		pts[i].Y = y(float64(i))
	}
	return pts
}

func titled(title string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, "the X axis", "the Y axis"
	p.Add(plotter.NewGrid())
	return p
}

func lines() *plot.Plot {
	p := titled("Lines, dashes and steps")
	plain := must(plotter.NewLine(points(60, func(x float64) float64 { return 10 * math.Sin(x/8) })))
	plain.Color, plain.Width = color.RGBA{B: 200, A: 255}, vg.Points(2)
	dashed := must(plotter.NewLine(points(60, func(x float64) float64 { return 10 * math.Cos(x/5) })))
	dashed.Dashes, dashed.Color = []vg.Length{6, 3, 1, 3}, color.RGBA{R: 200, A: 255}
	steps := must(plotter.NewLine(points(20, func(x float64) float64 { return x - 12 })))
	steps.StepStyle, steps.FillColor = plotter.MidStep, color.NRGBA{G: 90, A: 60}
	p.Add(steps, plain, dashed)
	p.Legend.Add("plain", plain)
	p.Legend.Add("dashed", dashed)
	p.Legend.Add("steps", steps)
	p.Legend.Top = true
	return p
}

func scatter() *plot.Plot {
	p, rnd := titled("Points"), random()
	s := must(plotter.NewScatter(points(80, func(x float64) float64 { return x + 30*rnd.Float64() })))
	s.Color = color.RGBA{R: 255, B: 128, A: 255}
	p.Add(s)
	return p
}

func glyphs() *plot.Plot {
	p := titled("Glyphs")
	for i, g := range []vgdraw.GlyphDrawer{
		vgdraw.CircleGlyph{}, vgdraw.RingGlyph{}, vgdraw.SquareGlyph{}, vgdraw.BoxGlyph{},
		vgdraw.TriangleGlyph{}, vgdraw.PyramidGlyph{}, vgdraw.PlusGlyph{}, vgdraw.CrossGlyph{},
	} {
		s := must(plotter.NewScatter(points(6, func(x float64) float64 { return x + float64(2*i) })))
		s.GlyphStyle = vgdraw.GlyphStyle{Shape: g, Radius: 6, Color: color.Black}
		p.Add(s)
		p.Legend.Add(fmt.Sprintf("%T", g), s)
	}
	return p
}

func bars() *plot.Plot {
	p := titled("Bars\nof two lines")
	for i, col := range []color.Color{color.RGBA{R: 255, A: 255}, color.RGBA{R: 196, G: 196, A: 255}, color.RGBA{B: 255, A: 255}} {
		b := must(plotter.NewBarChart(plotter.Values{20, 35, 30, 35, float64(27 - i)}, 18))
		b.Color, b.Offset = col, vg.Length(20*(i-1))
		p.Add(b)
	}
	p.NominalX("One", "Two", "Three", "Four", "Five")
	return p
}

func boxPlots() *plot.Plot {
	p, rnd := titled("Boxes"), random()
	for i := range 3 {
		v := make(plotter.Values, 40)
		for k := range v {
			v[k] = rnd.NormFloat64() * float64(i+1)
		}
		p.Add(must(plotter.NewBoxPlot(20, float64(i), v)))
	}
	return p
}

func bubbles() *plot.Plot {
	p, rnd := titled("Bubbles"), random()
	s := must(plotter.NewScatter(points(40, func(x float64) float64 { return 100 * rnd.Float64() })))
	s.GlyphStyleFunc = func(i int) vgdraw.GlyphStyle {
		return vgdraw.GlyphStyle{Color: color.RGBA{R: 98, B: 64, A: 128}, Radius: vg.Length(2 + i%15), Shape: vgdraw.CircleGlyph{}}
	}
	p.Add(s)
	return p
}

func histogram() *plot.Plot {
	p, rnd := titled("Histogram"), random()
	v := make(plotter.Values, 1000)
	for i := range v {
		v[i] = rnd.NormFloat64()
	}
	p.Add(must(plotter.NewHist(v, 16)))
	f := plotter.NewFunction(func(x float64) float64 { return 350 * math.Exp(-x*x/2) })
	f.Color, f.Width = color.RGBA{R: 255, A: 255}, 2
	p.Add(f)
	return p
}

// field is a grid of values.
type field struct{ n int }

func (f field) Dims() (c, r int)   { return f.n, f.n }
func (f field) X(c int) float64    { return float64(c) }
func (f field) Y(r int) float64    { return float64(r) }
func (f field) Z(c, r int) float64 { return math.Sin(float64(c)/3) * math.Cos(float64(r)/4) }

func heat() *plot.Plot {
	p := titled("Heat")
	h := plotter.NewHeatMap(field{16}, palette.Heat(12, 1))
	h.Rasterized = true
	p.Add(h)
	return p
}

func picture() *plot.Plot {
	p := titled("An image")
	img := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for y := range 30 {
		for x := range 40 {
			img.Set(x, y, color.RGBA{R: uint8(6 * x), G: uint8(8 * y), B: 90, A: 255})
		}
	}
	p.Add(plotter.NewImage(img, 100, 100, 200, 200))
	return p
}

func contour() *plot.Plot {
	p := titled("Contour")
	m := moreland.Kindlmann()
	m.SetMax(1)
	m.SetMin(-1)
	p.Add(plotter.NewContour(field{20}, []float64{-0.8, -0.4, 0, 0.4, 0.8}, m.Palette(5)))
	return p
}

func polygons() *plot.Plot {
	p := titled("Polygons with a hole")
	outer := plotter.XYs{{X: 0, Y: 0}, {X: 9, Y: 1}, {X: 8, Y: 9}, {X: 1, Y: 8}}
	hole := plotter.XYs{{X: 3, Y: 3}, {X: 3, Y: 6}, {X: 6, Y: 6}, {X: 6, Y: 3}}
	g := must(plotter.NewPolygon(outer, hole))
	g.Color = color.NRGBA{R: 0, G: 120, B: 200, A: 255}
	p.Add(g)
	return p
}

func logarithmic() *plot.Plot {
	p := titled("A logarithmic scale")
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	l := must(plotter.NewLine(points(30, func(x float64) float64 { return math.Exp(x / 4) })))
	l.Color = color.RGBA{R: 255, A: 255}
	p.Add(l)
	return p
}

func turned() *plot.Plot {
	p := titled("Turned text")
	p.X.Tick.Label.Rotation = math.Pi / 4
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = vgdraw.XRight, vgdraw.YCenter
	l := must(plotter.NewLabels(plotter.XYLabels{XYs: points(5, func(x float64) float64 { return x * x }), Labels: []string{"one", "two", "three", "four", "five"}}))
	for i := range l.TextStyle {
		l.TextStyle[i].Rotation = math.Pi / 3
	}
	p.Add(l, must(plotter.NewLine(points(5, func(x float64) float64 { return x * x }))))
	return p
}

func sankey() *plot.Plot {
	p := plot.New()
	p.Add(must(plotter.NewSankey(
		plotter.Flow{SourceCategory: 0, SourceLabel: "Large", ReceptorCategory: 1, ReceptorLabel: "Mohamed", Value: 5},
		plotter.Flow{SourceCategory: 0, SourceLabel: "Large", ReceptorCategory: 1, ReceptorLabel: "Sofia", Value: 2},
		plotter.Flow{SourceCategory: 0, SourceLabel: "Small", ReceptorCategory: 1, ReceptorLabel: "Wei", Value: 3},
	)))
	return p
}

func errorBars() *plot.Plot {
	p, rnd := titled("Errors"), random()
	pts := points(12, func(x float64) float64 { return x })
	errs := make(plotter.YErrors, len(pts))
	for i := range errs {
		errs[i].Low, errs[i].High = -rnd.Float64(), rnd.Float64()
	}
	p.Add(must(plotter.NewYErrorBars(struct {
		plotter.XYs
		plotter.YErrors
	}{pts, errs})), must(plotter.NewScatter(pts)))
	return p
}

// mute is a canvas without text.
type mute struct{ vg.Canvas }

func (mute) FillString(font.Face, vg.Point, string) {}

// TestGonumExamples draws them on both canvases. Shapes agree pixel by pixel. Text lies
// at whole pixels and is a little darker on ours, so with it pixels agree on average
// over squares of eight by eight.
func TestGonumExamples(t *testing.T) {
	const w, h = 5 * vg.Inch, 4 * vg.Inch
	for _, scale := range []int{1, 2} {
		for _, e := range examples() {
			t.Run(fmt.Sprint(e.name, scale), func(t *testing.T) {
				both := func(on func(vg.Canvas) vg.Canvas) (theirs, ours *image.RGBA) {
					v := vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(72*scale))
					e.plot().Draw(vgdraw.NewCanvas(on(v), w, h))
					c := new(draw.Memory).New(w, h, float64(scale), nil)
					e.plot().Draw(vgdraw.NewCanvas(on(c), w, h))
					return v.Image().(*image.RGBA), c.Image()
				}
				theirs, ours := both(func(c vg.Canvas) vg.Canvas { return mute{c} })
				agree(t, e.name+"-shapes", theirs, ours, 0.2)
				theirs, ours = both(func(c vg.Canvas) vg.Canvas { return c })
				agree(t, e.name, smaller(theirs), smaller(ours), 0.15)
				agree(t, e.name+"-written", ours, written(t, e.plot(), w, h, scale), 0.2)
			})
		}
	}
}

// written is what the canvas writes of a plot: its palette changes nothing that counts.
func written(t *testing.T, p *plot.Plot, w, h vg.Length, scale int) *image.RGBA {
	t.Helper()
	c := new(draw.Memory).New(w, h, float64(scale), nil)
	p.Draw(vgdraw.New(c))
	var b bytes.Buffer
	if n, err := c.WriteTo(&b); err != nil || n != int64(b.Len()) {
		t.Fatalf("%d of %d bytes counted: %v", n, b.Len(), err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewRGBA(img.Bounds())
	xdraw.Draw(out, out.Rect, img, image.Point{}, xdraw.Src)
	return out
}

// agree compares with gonum's own measure: 0 is the same, 1 is black against white.
func agree(t *testing.T, name string, theirs, ours *image.RGBA, delta float64) {
	t.Helper()
	if ok, err := cmpimg.EqualApprox("png", encoded(t, theirs), encoded(t, ours), delta); err != nil || ok {
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	dir := t.ArtifactDir()
	if keep := os.Getenv("LOOK"); keep != "" {
		dir = keep
	}
	for kind, img := range map[string]*image.RGBA{"theirs": theirs, "ours": ours} {
		if err := os.WriteFile(filepath.Join(dir, name+"-"+kind+".png"), encoded(t, img), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Errorf("%s: the canvases differ by more than %v; see %s", name, delta, dir)
}

func encoded(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// smaller is an image at an eighth of its size.
func smaller(img *image.RGBA) *image.RGBA {
	const n = 8
	small := image.NewRGBA(image.Rect(0, 0, img.Rect.Dx()/n, img.Rect.Dy()/n))
	for y := range small.Rect.Dy() {
		for x := range small.Rect.Dx() {
			small.SetRGBA(x, y, mean(img, image.Rect(n*x, n*y, n*x+n, n*y+n)))
		}
	}
	return small
}

func mean(img *image.RGBA, r image.Rectangle) color.RGBA {
	var sum [3]int
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c := img.RGBAAt(x, y)
			sum[0], sum[1], sum[2] = sum[0]+int(c.R), sum[1]+int(c.G), sum[2]+int(c.B)
		}
	}
	n := r.Dx() * r.Dy()
	return color.RGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), 255}
}
