package draw_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"rsc.io/pdf"

	"lunstat/render/draw"
)

var black, red = color.RGBA{A: 255}, color.RGBA{R: 200, A: 255}

func newFonts(t testing.TB) *draw.Fonts {
	t.Helper()
	f, err := draw.LoadFonts("")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func polyline(pts ...vg.Point) (p vg.Path) {
	for i, pt := range pts {
		if i == 0 {
			p.Move(pt)
		} else {
			p.Line(pt)
		}
	}
	return p
}

// dark counts the pixels that aren't white.
func dark(img *image.RGBA) (n int) {
	for i := 0; i < len(img.Pix); i += 4 {
		if img.Pix[i] != 255 || img.Pix[i+1] != 255 || img.Pix[i+2] != 255 {
			n++
		}
	}
	return n
}

// Nonsense that no plot should ask for is drawn as far as possible, in bounded time.
func TestHardPaths(t *testing.T) {
	nan, inf := vg.Length(math.NaN()), vg.Length(math.Inf(1))
	circle := func(r vg.Length, angle float64) (p vg.Path) {
		p.Arc(vg.Point{X: 50, Y: 50}, r, 0, angle)
		return p
	}
	for _, c := range []struct {
		name  string
		path  vg.Path
		dash  []vg.Length
		width vg.Length
		drawn bool
	}{
		{"nothing", nil, nil, 1, false},
		{"a point", polyline(vg.Point{X: 5, Y: 5}, vg.Point{X: 5, Y: 5}), nil, 1, false},
		{"only a move", polyline(vg.Point{X: 5, Y: 5}), nil, 1, false},
		{"a value that is none", polyline(vg.Point{X: 5, Y: 50}, vg.Point{X: 50, Y: nan}, vg.Point{X: 95, Y: 50}), nil, 1, true},
		{"only values that are none", polyline(vg.Point{X: nan, Y: nan}, vg.Point{X: nan, Y: inf}), nil, 1, false},
		{"infinite", polyline(vg.Point{X: -inf, Y: 50}, vg.Point{X: 50, Y: 50}, vg.Point{X: inf, Y: 50}), nil, 1, false},
		{"far out", polyline(vg.Point{X: -1e300, Y: 50}, vg.Point{X: 50, Y: 50}, vg.Point{X: 1e300, Y: -1e300}), nil, 1, true},
		{"far out, dashed", polyline(vg.Point{X: -1e18, Y: 50}, vg.Point{X: 1e18, Y: 51}), []vg.Length{5, 3}, 1, true},
		{"passing by", polyline(vg.Point{X: -1e9, Y: 150}, vg.Point{X: 1e9, Y: 150}), []vg.Length{5, 3}, 1, false},
		{"a wide pen", polyline(vg.Point{X: 5, Y: 5}, vg.Point{X: 50, Y: 50}), nil, 1e12, true},
		{"no pen", polyline(vg.Point{X: 5, Y: 5}, vg.Point{X: 50, Y: 50}), nil, 0, false},
		{"a pen that is none", polyline(vg.Point{X: 5, Y: 5}, vg.Point{X: 50, Y: 50}), nil, nan, false},
		{"dashes of nothing", polyline(vg.Point{X: 5, Y: 5}, vg.Point{X: 95, Y: 50}), []vg.Length{0, 0}, 1, true},
		{"the finest dashes", polyline(vg.Point{X: 5, Y: 5}, vg.Point{X: 95, Y: 50}), []vg.Length{1e-12, 1e-12}, 1, true},
		{"dashes that are none", polyline(vg.Point{X: 5, Y: 5}, vg.Point{X: 95, Y: 50}), []vg.Length{nan, 1}, 1, true},
		{"a dash of nothing and a gap", polyline(vg.Point{X: 5, Y: 5}, vg.Point{X: 95, Y: 50}), []vg.Length{0, 5}, 1, false},
		{"odd dashes", polyline(vg.Point{X: 5, Y: 5}, vg.Point{X: 95, Y: 50}), []vg.Length{3}, 1, true},
		{"many turns", circle(30, 1e9), nil, 1, true},
		{"a huge circle", circle(1e12, 7), nil, 1, false},
		{"no radius", circle(nan, 7), nil, 1, false},
		{"no control point", vg.Path{{Type: vg.CurveComp, Pos: vg.Point{X: 50, Y: 50}}}, nil, 1, false},
		{"an unknown part", vg.Path{{Type: 99, Pos: vg.Point{X: 50, Y: 50}}}, nil, 1, false},
		{"closed twice", append(polyline(vg.Point{X: 5, Y: 5}, vg.Point{X: 50, Y: 50}), vg.PathComp{Type: vg.CloseComp}, vg.PathComp{Type: vg.CloseComp}), nil, 1, true},
	} {
		canvas := new(draw.Memory).New(100, 100, 1, nil)
		canvas.SetLineWidth(c.width)
		canvas.SetLineDash(c.dash, 1)
		canvas.Stroke(c.path)
		if got := dark(canvas.Image()) > 0; got != c.drawn {
			t.Errorf("%s: drawn %v", c.name, got)
		}
		canvas.Fill(c.path)
		canvas.DrawImage(vg.Rectangle{Max: vg.Point{X: nan, Y: inf}}, image.NewRGBA(image.Rect(0, 0, 2, 2)))
	}
}

// What is filled beyond the edges covers what lies within.
func TestFillBeyondTheEdges(t *testing.T) {
	c := new(draw.Memory).New(40, 40, 1, nil)
	p := polyline(vg.Point{X: -1e6, Y: -1e6}, vg.Point{X: 1e6, Y: -1e6}, vg.Point{X: 20, Y: 1e6})
	p.Close()
	c.Fill(p)
	if n := dark(c.Image()); n != 40*40 {
		t.Errorf("%d of 1600 pixels are filled", n)
	}
}

// Pop without a Push, and states within states.
func TestPushPop(t *testing.T) {
	c := new(draw.Memory).New(10, 10, 1, nil)
	c.Pop()
	c.SetColor(red)
	c.Push()
	c.SetColor(nil)
	c.Translate(vg.Point{X: 1e6, Y: 0})
	c.Pop()
	c.Fill(vg.Rectangle{Max: vg.Point{X: 10, Y: 10}}.Path())
	if got := c.Image().RGBAAt(5, 5); got != red {
		t.Errorf("filled in %v", got)
	}
}

// Rectangles between pixels have no shades at their edges, at either scale.
func TestSharpRectangles(t *testing.T) {
	for _, scale := range []float64{1, 2} {
		c := new(draw.Memory).New(20, 20, scale, nil)
		c.SetColor(red)
		c.Fill(vg.Rectangle{Min: vg.Point{X: 3, Y: 4}, Max: vg.Point{X: 10, Y: 6}}.Path())
		if n := dark(c.Image()); n != int(14*scale*scale) {
			t.Errorf("scale %v: %d pixels, want %v", scale, n, 14*scale*scale)
		}
		if got := c.Image().RGBAAt(int(3*scale), int(15*scale)); got != red {
			t.Errorf("scale %v: the corner is %v", scale, got)
		}
	}
}

func texted(f *draw.Fonts, s string) *draw.Canvas {
	c := new(draw.Memory).New(300, 30, 1, f)
	dc := vgdraw.New(c)
	dc.FillText(text.Style{Color: black, Font: draw.Regular(12), Handler: f}, vg.Point{X: 5, Y: 8}, s)
	return c
}

// A letter comes from the first font that has it. What none has is a box, and never
// nothing: a name must not lose a letter.
func TestFallback(t *testing.T) {
	f := newFonts(t)
	for _, c := range []struct{ name, text string }{
		{"Latin", "zimbra"}, {"Greek and Cyrillic", "αβγ Привет"}, {"arrows, from the second font", "→⇒▲"},
		{"what no font has", "日本語"}, {"all together", "LUN 日本 → α"}, {"a broken letter", "a\xffb"},
	} {
		without := dark(texted(f, "").Image())
		if n := dark(texted(f, c.text).Image()); n <= without {
			t.Errorf("%s: nothing is drawn", c.name)
		}
		parts := vg.Length(0)
		for _, r := range c.text {
			parts += f.Width(string(r), draw.Regular(12))
		}
		if w := f.Width(c.text, draw.Regular(12)); w <= 0 || w > parts+1 {
			t.Errorf("%s is %v wide, its letters %v", c.name, w, parts)
		}
	}
	mixed, alone := f.Width("a→日b", draw.Regular(12)), vg.Length(0)
	for _, r := range "a→日b" {
		alone += f.Width(string(r), draw.Regular(12))
	}
	if math.Abs((mixed - alone).Points()) > 1e-9 {
		t.Errorf("letters of several fonts are %v wide together, %v each alone", mixed, alone)
	}
	one, three := dark(texted(f, "日").Image()), dark(texted(f, "日本語").Image())
	if three != 3*one {
		t.Errorf("a box has %d pixels, three have %d", one, three)
	}
}

// Figures have one width, so that columns of them line up.
func TestFiguresLineUp(t *testing.T) {
	f := newFonts(t)
	for _, font := range []struct {
		name string
		at   func(vg.Length) vg.Length
	}{
		{"regular", func(s vg.Length) vg.Length {
			return f.Width("1111", draw.Regular(s)) - f.Width("0000", draw.Regular(s))
		}},
		{"bold", func(s vg.Length) vg.Length { return f.Width("1171", draw.Bold(s)) - f.Width("0400", draw.Bold(s)) }},
	} {
		for _, size := range []vg.Length{11, 12.5, 21} {
			if d := font.at(size); math.Abs(d.Points()) > 1e-9 {
				t.Errorf("%s at %v: off by %v", font.name, size, d)
			}
		}
	}
}

func TestFit(t *testing.T) {
	f := newFonts(t)
	long := strings.Repeat("a long name ", 2000) + "end"
	for _, w := range []vg.Length{0, 5, 50, 100, 1e6} {
		got := f.Fit(long, w, draw.Regular(12))
		if wide := f.Width(got, draw.Regular(12)); wide > w && got != "…" {
			t.Errorf("%q is %v wide, has %v", got, wide, w)
		}
		if w == 100 && !(strings.HasPrefix(got, "a l") && strings.HasSuffix(got, "end")) {
			t.Errorf("%q lost an end", got)
		}
	}
}

// Text at a scale of 2 is twice as large and as sharp, and its baseline lies at the
// same whole pixel wherever between two it was asked for.
func TestTextAtWholePixels(t *testing.T) {
	f := newFonts(t)
	at := func(y vg.Length) []byte {
		c := new(draw.Memory).New(60, 30, 1, f)
		dc := vgdraw.New(c)
		dc.FillText(text.Style{Color: black, Font: draw.Regular(12), Handler: f}, vg.Point{X: 5, Y: y}, "Rate")
		return c.Image().Pix
	}
	ascent := f.Extents(draw.Regular(12)).Ascent - 12 // what text.Plain puts between the point and the baseline
	if !bytes.Equal(at(10+ascent), at(10.3+ascent)) || !bytes.Equal(at(10+ascent), at(9.6+ascent)) {
		t.Error("the baseline isn't at a whole pixel")
	}
	if bytes.Equal(at(10+ascent), at(11+ascent)) {
		t.Error("a pixel higher is the same")
	}
}

// The same picture gives the same bytes, in all formats.
func TestSameBytes(t *testing.T) {
	f := newFonts(t)
	made := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	for name, open := range map[string]func() vg.CanvasWriterTo{
		"png": func() vg.CanvasWriterTo { return new(draw.Memory).New(300, 200, 1, f) },
		"svg": func() vg.CanvasWriterTo { return draw.NewSVG(300, 200, f) },
		"pdf": func() vg.CanvasWriterTo { return draw.NewPDF(300, 200, made, f) },
	} {
		var first []byte
		for range 3 {
			c := open()
			p := lines()
			p.Title.TextStyle.Handler, p.Title.TextStyle.Font = f, draw.Bold(12)
			p.Title.Text = `Häufig "–" → 日本 <b>pt"`
			p.Draw(vgdraw.New(c))
			var b bytes.Buffer
			if _, err := c.WriteTo(&b); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if first == nil {
				first = b.Bytes()
			}
			if !bytes.Equal(first, b.Bytes()) {
				t.Errorf("%s: other bytes the second time", name)
			}
		}
		checkFormat(t, name, first)
	}
}

func checkFormat(t *testing.T, name string, b []byte) {
	t.Helper()
	want := map[string][]string{
		"png": {"\x89PNG"},
		"svg": {`width="300" height="200"`, `stroke-linejoin="round"`, `font-family:'Liberation Sans',Arial`, `<text textLength="`, "Häufig &#34;–&#34;", "&lt;b&gt;pt&#34;"},
		"pdf": {"%PDF-", "/CreationDate (D:20261123070000)"},
	}[name]
	for _, s := range want {
		if !bytes.Contains(b, []byte(s)) {
			t.Errorf("%s: no %q in it", name, s)
		}
	}
	if name == "pdf" {
		checkPDF(t, b)
	}
}

// checkPDF reads it with another library, which finds each object by the table.
func checkPDF(t *testing.T, b []byte) {
	t.Helper()
	r, err := pdf.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(r.Page(1).V.Key("Contents").Reader())
	if err != nil || r.NumPage() != 1 {
		t.Fatalf("%d pages: %v", r.NumPage(), err)
	}
	if !bytes.Contains(page, []byte("\n1 j\n")) || bytes.Contains(page, []byte("\n0 j\n")) {
		t.Error("joints of lines aren't round")
	}
	if made := r.Trailer().Key("Info").Key("CreationDate").Text(); made != "D:20261123070000" {
		t.Errorf("made %q", made)
	}
}

// A picture of few colours has a palette with each of them exactly; what a palette
// can't hold is in true colour.
func TestPalette(t *testing.T) {
	for _, tt := range []struct {
		name string
		draw func(c *draw.Canvas)
		pal  bool
	}{
		{"two colours", func(c *draw.Canvas) {}, true},
		{"a translucent one", func(c *draw.Canvas) {
			c.SetColor(color.NRGBA{G: 200, A: 99})
			c.Fill(polyline(vg.Point{X: 1, Y: 2}, vg.Point{X: 30, Y: 5}, vg.Point{X: 9, Y: 30}))
		}, false},
		{"an image", func(c *draw.Canvas) {
			c.DrawImage(vg.Rectangle{Max: vg.Point{X: 10, Y: 10}}, image.NewGray(image.Rect(0, 0, 3, 3)))
		}, false},
		{"a thousand", func(c *draw.Canvas) {
			for i := range 1000 {
				c.SetColor(color.RGBA{uint8(i), uint8(i / 4), 7, 255})
				c.Fill(vg.Rectangle{Min: vg.Point{X: 1, Y: 1}, Max: vg.Point{X: 3, Y: 3}}.Path())
			}
		}, false},
	} {
		c := new(draw.Memory).New(40, 40, 1, nil)
		c.SetColor(red)
		c.Fill(vg.Rectangle{Min: vg.Point{X: 20, Y: 20}, Max: vg.Point{X: 30, Y: 30}}.Path())
		c.SetColor(color.RGBA{1, 99, 3, 255})
		c.Stroke(polyline(vg.Point{X: 0, Y: 0}, vg.Point{X: 19, Y: 7}))
		tt.draw(c)
		var b bytes.Buffer
		if _, err := c.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		if _, pal := img.(*image.Paletted); pal != tt.pal {
			t.Errorf("%s: a palette %v", tt.name, pal)
		}
		if got := fmt.Sprint(img.At(25, 15).RGBA()); got != fmt.Sprint(red.RGBA()) {
			t.Errorf("%s: the flat area is %v", tt.name, got)
		}
	}
}

// noise is a spiky line, the worst case of a rasteriser that searches its edges.
func noise(n int, w, h vg.Length) vg.Path {
	rnd := random()
	pts := make([]vg.Point, n)
	for i := range pts {
		pts[i] = vg.Point{X: w * vg.Length(i) / vg.Length(n), Y: h * vg.Length(rnd.Float64())}
	}
	return polyline(pts...)
}

// BenchmarkSpikyWeek is a line with a point for each minute of a week.
func BenchmarkSpikyWeek(b *testing.B) {
	p := noise(7*24*60, 1200, 300)
	for _, dash := range [][]vg.Length{nil, {7, 3}} {
		b.Run(fmt.Sprint("dashes", len(dash)), func(b *testing.B) {
			c := new(draw.Memory).New(1200, 300, 1, nil)
			c.SetLineDash(dash, 0)
			c.SetLineWidth(1.5)
			for b.Loop() {
				c.Stroke(p)
			}
		})
	}
}

// BenchmarkPNG is the writing of a picture.
func BenchmarkPNG(b *testing.B) {
	c := new(draw.Memory).New(1200, 300, 1, nil)
	c.SetColor(red)
	c.Stroke(noise(500, 1200, 300))
	for b.Loop() {
		var out bytes.Buffer
		if _, err := c.WriteTo(&out); err != nil {
			b.Fatal(err)
		}
	}
}

// A picture that is too large is compressed harder, and has the same pixels.
func TestMostBytes(t *testing.T) {
	f := newFonts(t)
	written := func(most int) []byte {
		c := new(draw.Memory).New(300, 200, 1, f)
		lines().Draw(vgdraw.New(c))
		c.Encoder.CompressionLevel, c.Most = png.DefaultCompression, most
		var b bytes.Buffer
		if n, err := c.WriteTo(&b); err != nil || n != int64(b.Len()) {
			t.Fatal(n, err)
		}
		return b.Bytes()
	}
	plain, hard := written(0), written(1)
	if len(hard) >= len(plain) {
		t.Errorf("%d bytes, and harder %d", len(plain), len(hard))
	}
	if plenty := written(len(plain)); !bytes.Equal(plenty, plain) {
		t.Error("what is small enough is compressed harder, too")
	}
	a, err := png.Decode(bytes.NewReader(plain))
	b, err2 := png.Decode(bytes.NewReader(hard))
	if err != nil || err2 != nil || !reflect.DeepEqual(a, b) {
		t.Error("other pixels", err, err2)
	}
}

// An edge of three shades is where the smooth one is: each pixel has the nearest shade, in the
// written picture, too, and what is covered fully or not at all is as before.
func TestShades(t *testing.T) {
	paint := func(shades int) *draw.Canvas {
		f := newFonts(t)
		c := new(draw.Memory).New(60, 40, 1, f)
		c.Shades = shades
		c.SetColor(black)
		c.SetLineWidth(1.5)
		c.Stroke(polyline(vg.Point{X: 2, Y: 3}, vg.Point{X: 30, Y: 17}, vg.Point{X: 10, Y: 38}))
		f.Draw(c, "g", text.Style{Color: black, Font: draw.Regular(12), Handler: f}, vg.Point{X: 40.3, Y: 15})
		return c
	}
	smooth, few := paint(0).Image(), paint(3)
	var b bytes.Buffer
	if _, err := few.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	written, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[uint8]bool{}
	for y := range 40 {
		for x := range 60 {
			want := smooth.RGBAAt(x, y).R
			nearest := uint8(math.Round(float64(want)/85) * 85)
			if got := few.Image().RGBAAt(x, y).R; got != nearest {
				t.Errorf("(%d, %d) is %d, smooth it is %d", x, y, got, want)
			}
			if got := color.RGBAModel.Convert(written.At(x, y)).(color.RGBA).R; got != nearest {
				t.Errorf("(%d, %d) is written as %d, not %d", x, y, got, nearest)
			}
			seen[nearest] = true
		}
	}
	if len(seen) != 4 {
		t.Errorf("shades seen: %v", seen)
	}
}
