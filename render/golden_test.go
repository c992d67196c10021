package render

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

// Floats differ between CPU types, and with them the shade of an edge, or the tint that
// is nearest to it. A thing that moved or changed its colour makes hundreds of pixels
// differ by more.
const (
	tolerance = 40 // of 255, in one channel
	few       = 20 // pixels
)

// TestGolden compares pictures with those that a person looked at and accepted.
func TestGolden(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	from := time.Date(2026, 10, 21, 0, 0, 0, 0, z) // the clocks change within
	m := made{luns: madeLUNs(9), start: from, every: 5 * time.Minute, n: 7*288 + 12, ios: wave(5 * time.Minute)}
	m.space = func(l, i int) int {
		if l == 8 {
			return -1
		}
		return 990 - 110*l - i/40%100
	}
	m.skip = func(i int) bool { return i >= 700 && i < 760 }
	src := m.source()
	spoil(src)
	o := Options{From: from, To: from.AddDate(0, 0, 7), Zone: z, Width: 1000, Limits: map[string]time.Duration{"mysql": 4 * time.Millisecond}}
	got := files(t, src, o)
	for _, name := range []string{"disk-io.png", "disk-busy.png", "disk-space.png", "lun-vg-mysql0.png"} {
		compare(t, filepath.Join("testdata", name), got[name])
	}
}

// spoil gives the host a night in which it was slow, a stall, a long interval, peaks
// and notes.
func spoil(m *memory) {
	k := series.Key{ID: "LVM-0000", Host: "box", Source: series.SourceHost}
	list := m.intervals[k]
	for i := range list {
		iv := &list[i]
		switch {
		case i >= 300 && i < 420:
			iv.Set(series.SlowMS, iv.ElapsedMS)
			iv.Set(series.ReadMS, iv.Value(series.ReadMS)*3)
		case i >= 900 && i < 920:
			iv.Quality |= series.Stalled
		}
		v, _ := iv.IOPS()
		iv.Peak = series.Maxima{WindowMS: 1000, IOPS: float32(v * 1.3), IOPSAt: iv.End.Unix()}
	}
	m.notes = []series.Note{
		{At: list[0].End, Text: "a note at the left edge"},
		{At: list[100].End, Text: "a note that has no room beside the first and goes above it"},
		{At: list[len(list)-20].End, Text: "near the right edge"},
	}
	k.ID = "LVM-0001"
	other := m.intervals[k]
	for i := 1200; i < 1260; i++ {
		other[1200] = series.Merge(other[1200], other[i+1])
	}
	other[1200].Quality |= series.Long
	m.intervals[k] = append(other[:1201], other[1261:]...)
}

func compare(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update { // tests write what isn't compressed
		var small bytes.Buffer
		e := png.Encoder{CompressionLevel: png.BestCompression}
		if err := e.Encode(&small, decode(t, got)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, small.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a, b := decode(t, got), decode(t, want)
	if a.Bounds() != b.Bounds() {
		t.Errorf("%s: %v, want %v", path, a.Bounds(), b.Bounds())
	}
	off, diff := difference(a, b)
	if off <= few && a.Bounds() == b.Bounds() {
		return
	}
	base := strings.TrimSuffix(path, ".png")
	t.Errorf("%s: %d pixels differ; see %s.new and %s.diff.png", path, off, base, base)
	var out bytes.Buffer
	if err := png.Encode(&out, diff); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{base + ".new": got, base + ".diff.png": out.Bytes()} {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Error(err)
		}
	}
}

func decode(t *testing.T, content []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// difference counts the pixels that are off, and shows them in black.
func difference(a, b image.Image) (off int, diff *image.Gray) {
	area := a.Bounds().Intersect(b.Bounds())
	diff = image.NewGray(area)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			diff.SetGray(x, y, color.Gray{Y: 0xFF})
			if apart(a.At(x, y), b.At(x, y)) {
				diff.SetGray(x, y, color.Gray{})
				off++
			}
		}
	}
	return off, diff
}

func apart(a, b color.Color) bool {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	far := func(x, y uint32) bool { return max(x, y)-min(x, y) > tolerance*0x101 }
	return far(ar, br) || far(ag, bg) || far(ab, bb)
}
