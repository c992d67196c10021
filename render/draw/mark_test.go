package draw_test

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gonum.org/v1/plot/vg"

	"lunstat/render/draw"
)

// A picture says that lunstat wrote it, in each format, and other programs can still read
// it. A picture of another program doesn't say so.
func TestMark(t *testing.T) {
	f := newFonts(t)
	translucent := new(draw.Memory).New(30, 20, 1, f)
	translucent.DrawImage(vg.Rectangle{Max: vg.Point{X: 10, Y: 10}}, translucent.Image())
	for name, c := range map[string]vg.CanvasWriterTo{
		"palette.png": new(draw.Memory).New(30, 20, 1, f), "true-colour.png": translucent, "large.png": new(draw.Memory).New(600, 400, 2, f),
		"x.svg": draw.NewSVG(30, 20, f), "x.pdf": draw.NewPDF(30, 20, time.Unix(0, 0), f),
	} {
		var b bytes.Buffer
		if n, err := c.WriteTo(&b); err != nil || n != int64(b.Len()) {
			t.Fatalf("%s: %d bytes of %d, %v", name, n, b.Len(), err)
		}
		if filepath.Ext(name) == ".png" {
			if _, err := png.Decode(bytes.NewReader(b.Bytes())); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !marked(t, name, b.Bytes()) {
			t.Errorf("%s has no mark", name)
		}
	}
	var foreign bytes.Buffer
	if err := png.Encode(&foreign, new(draw.Memory).New(3, 3, 1, f).Image()); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"foreign.png": foreign.String(), "foreign.svg": "<svg/>\n", "empty.png": "", "short.pdf": "%PDF",
		"words.png": "\x89PNG tEXt Software lunstat",
	} {
		if marked(t, name, []byte(content)) {
			t.Errorf("%s has our mark", name)
		}
	}
}

func marked(t *testing.T, name string, content []byte) bool {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	is, err := draw.IsMarked(file)
	if err != nil {
		t.Fatal(err)
	}
	return is
}
