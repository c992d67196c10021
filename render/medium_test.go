package render

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"image"
	"io"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/render/draw"
)

// A report in several formats is the same report: each picture in each of them, the
// numbers and, but for its links to the others, the page as they are with one, and the
// same bytes each time.
func TestFormats(t *testing.T) {
	m := made{luns: madeLUNs(3), start: monday, every: time.Minute, n: 90, space: func(l, i int) int { return 300 + l*100 + i }}
	m.luns[1].Label = `<b>Post</b> "日本" & → Öl`
	src := m.source()
	o := Options{From: monday, To: monday.Add(90 * time.Minute)}
	plain := files(t, src, o)
	o.Formats = []string{"png", "svg", "pdf"}
	all := files(t, src, o)
	again := files(t, src, o)
	for name, content := range all {
		if !bytes.Equal(content, again[name]) {
			t.Errorf("%s has other bytes the second time", name)
		}
		if name == pageFile {
			content = withoutLinks(t, content, all)
		}
		switch filepath.Ext(name) {
		case ".png", ".html", ".json":
			if !bytes.Equal(content, plain[name]) {
				t.Errorf("%s is another one with further formats beside it", name)
			}
		}
	}
	for name := range plain {
		base, png := strings.CutSuffix(name, ".png")
		if !png {
			continue
		}
		for _, ext := range []string{".svg", ".pdf"} {
			if len(all[base+ext]) == 0 {
				t.Errorf("no %s", base+ext)
			}
		}
		checkSVG(t, base, all[base+".svg"])
		if !bytes.HasPrefix(all[base+".pdf"], []byte("%PDF-")) {
			t.Errorf("%s.pdf is none", base)
		}
	}
	if n := len(all) - len(plain); n != 2*(len(plain)-2) {
		t.Errorf("%d files more than with one format", n)
	}
}

// checkSVG reads it as a browser does.
func checkSVG(t *testing.T, name string, content []byte) {
	t.Helper()
	var text strings.Builder
	for d := xml.NewDecoder(bytes.NewReader(content)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Errorf("%s.svg: %v", name, err)
			return
		}
		if c, ok := token.(xml.CharData); ok {
			text.Write(c)
		}
	}
	if name == "disk-io" && !strings.Contains(text.String(), `<b>Post</b> "`) {
		t.Errorf("%s.svg doesn't name the LUN: %q", name, text.String())
	}
}

// The page shows what a browser can.
func TestPageShowsSVG(t *testing.T) {
	m := made{luns: madeLUNs(1), start: monday, every: time.Minute, n: 5}
	got := files(t, m.source(), Options{From: monday, To: monday.Add(5 * time.Minute), Formats: []string{"pdf", "svg"}})
	for _, name := range []string{"disk-io.svg", "lun-vg-mysql0.svg"} {
		if !bytes.Contains(got[pageFile], []byte(`<img src="`+name)) {
			t.Errorf("the page doesn't show %s", name)
		}
	}
	if bytes.Contains(got[pageFile], []byte(".png")) || got["disk-io.pdf"] == nil {
		t.Error("the page shows a PNG that isn't there, or there is no PDF")
	}
}

func TestCheckFormats(t *testing.T) {
	for _, c := range []struct {
		formats []string
		problem string
	}{
		{[]string{"png"}, ""}, {[]string{"svg", "pdf"}, ""}, {[]string{"png", "svg", "pdf"}, ""},
		{[]string{"pdf"}, "the page shows png or svg"}, {nil, "the page shows png or svg"}, {[]string{"png", "jpg"}, `"jpg"`}, {[]string{"png", ""}, `""`},
		{[]string{"PNG"}, `"PNG"`}, {[]string{"png", "svg", "png"}, "twice"},
	} {
		err := CheckFormats(c.formats)
		if c.problem == "" && err != nil || c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)) {
			t.Errorf("%q: %v, want %q", c.formats, err, c.problem)
		}
	}
}

// Frames are aligned by their data whatever their labels are.
func TestFramesAreAligned(t *testing.T) {
	f, err := draw.LoadFonts("")
	if err != nil {
		t.Fatal(err)
	}
	d := &data{opt: Options{Width: 1000, Zone: time.UTC, From: monday, To: monday.AddDate(0, 0, 7)}.withDefaults()}
	d.grid = grid{d.opt.From, d.opt.To, plotWidth(1000)}
	for _, long := range []time.Duration{time.Minute, 26*time.Hour + 7*time.Minute, 7 * 24 * time.Hour, 400 * 24 * time.Hour} {
		d.grid.to = d.grid.from.Add(long)
		ch := newChart(d, medium{fonts: f}, d.grid, nil, heading{}, 500, footnotes{})
		for i, sc := range []scale{newScale(1, 5), newScale(1e9, 5), tightScale(0.003), tightScale(97), {top: 100, step: 50, unit: 1}} {
			fr := ch.frame(80, sc)
			if i%2 == 0 {
				ch.timed(fr)
			}
			want := vg.Rectangle{Min: ch.at(float64(fr.Min.X), float64(fr.Max.Y)), Max: ch.at(float64(fr.Max.X), float64(fr.Min.Y))}
			got := fr.plot.DataCanvas(around(fr.plot, vgdraw.Canvas{Canvas: ch.out, Rectangle: want})).Rectangle
			for _, l := range []vg.Length{got.Min.X - want.Min.X, got.Max.X - want.Max.X, got.Min.Y - want.Min.Y, got.Max.Y - want.Max.Y} {
				if math.Abs(l.Points()) > 1e-6 {
					t.Errorf("over %v, frame %d lies at %v, want %v", long, i, got, want)
					break
				}
			}
		}
	}
}

// No label of a time axis runs into another or is of another form than its neighbours.
func TestTimeTicks(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	wide := func(s string) float64 { return 6 * float64(len([]rune(s))) }
	for _, c := range []struct {
		from, to string
		pixels   int
		above    bool
		want     []string
	}{
		{"2026-11-16 00:00:00", "2026-11-23 00:00:00", 700, true,
			[]string{"Mon 16 Nov", "Tue 17 Nov", "Wed 18 Nov", "Thu 19 Nov", "Fri 20 Nov", "Sat 21 Nov", "Sun 22 Nov"}},
		{"2026-11-16 00:00:00", "2026-11-23 00:00:00", 300, false, []string{"Mon 16", "Tue 17", "Wed 18", "Thu 19", "Fri 20", "Sat 21", "Sun 22"}},
		{"2026-10-25 00:00:00", "2026-10-25 06:00:00", 400, false, []string{"01:00", "02:00", "02:00", "03:00", "04:00", "05:00"}},
		{"2026-10-25 00:00:00", "2026-10-25 06:00:00", 400, true, []string{"Sunday 25 October 2026"}},
		{"2026-11-16 00:00:00", "2026-11-16 00:00:01", 120, false, nil},
	} {
		k := timeTicks{zone: z, pixels: c.pixels, wide: wide, above: c.above}
		lo, hi := unix(at(t, z, c.from)), unix(at(t, z, c.to))
		var got []string
		end := math.Inf(-1)
		for _, tick := range k.Ticks(lo, hi) {
			got = append(got, tick.Label)
			x := (tick.Value - lo) / (hi - lo) * float64(c.pixels)
			if x-wide(tick.Label)/2 < end || tick.Value < lo || tick.Value > hi {
				t.Errorf("%s to %s: %q is at %v, the one before it ends at %v", c.from, c.to, tick.Label, x, end)
			}
			end = x + wide(tick.Label)/2
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s to %s in %d pixels: %q, want %q", c.from, c.to, c.pixels, got, c.want)
		}
	}
}

// For a sharp screen the same picture has twice the pixels, and nothing in it moves.
func TestTwiceThePixels(t *testing.T) {
	m := made{luns: madeLUNs(9), start: monday, every: 5 * time.Minute, n: 7 * 288, ios: wave(5 * time.Minute), space: func(l, i int) int { return 990 - 110*l - i/40%100 }}
	src := m.source()
	spoil(src)
	d, err := gather(context.Background(), src, Options{From: monday, To: monday.AddDate(0, 0, 7), Width: 800}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	f, err := draw.LoadFonts("")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range d.pictures()[:4] {
		one := p.draw(d, medium{fonts: f}).(*draw.Canvas).Image()
		two := p.draw(d, medium{fonts: f, scale: 2}).(*draw.Canvas).Image()
		if two.Rect.Size() != one.Rect.Size().Mul(2) {
			t.Errorf("%s: %v, and twice as sharp %v", p.file, one.Rect.Size(), two.Rect.Size())
			continue
		}
		if off := offAt(one, two, 8); off > 30 {
			t.Errorf("%s: a square of pixels is off by %d of 255", p.file, off)
		}
	}
}

// offAt is by how much squares of n pixels differ on average, at most, from those of an
// image of twice the size.
func offAt(one, two *image.RGBA, n int) (most int) {
	light := func(img *image.RGBA, x, y, n int) (sum int) {
		for dy := range n {
			for dx := range n {
				c := img.RGBAAt(x+dx, y+dy)
				sum += int(c.R) + int(c.G) + int(c.B)
			}
		}
		return sum / (3 * n * n)
	}
	for y := 0; y+n <= one.Rect.Dy(); y += n {
		for x := 0; x+n <= one.Rect.Dx(); x += n {
			off := light(one, x, y, n) - light(two, 2*x, 2*y, 2*n)
			most = max(most, off, -off)
		}
	}
	return most
}

// withoutLinks is a page without the links to the pictures in further formats, which
// all have to be there.
func withoutLinks(t *testing.T, page []byte, files map[string][]byte) []byte {
	t.Helper()
	captions := regexp.MustCompile(`<figcaption>.*?</figcaption>`)
	linked := map[string]bool{}
	for _, c := range captions.FindAll(page, -1) {
		for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllSubmatch(c, -1) {
			linked[string(m[1])] = true
		}
	}
	for name := range files {
		if ext := filepath.Ext(name); (ext == ".svg" || ext == ".pdf") != linked[name] {
			t.Errorf("%s: linked is %t", name, linked[name])
		}
	}
	return captions.ReplaceAll(page, nil)
}
