package draw

import (
	"image"
	stddraw "image/draw"
	"image/png"
	"math"

	"golang.org/x/image/vector"
	"gonum.org/v1/plot/vg"
)

// Memory is what pictures that are drawn one after the other share: of two hundred that
// have their own, most of a program's time goes into making room. Its zero value is
// ready. It is for one goroutine, and for one canvas at a time.
type Memory struct {
	pix, paletted []uint8
	nearest       nearest
	encoder       *png.EncoderBuffer
	raster        vector.Rasterizer
	mask          image.Alpha // of what is being painted
}

// New makes a canvas of w × h points in the memory of the canvas before, which can't be
// used any more. scale is the number of pixels for each point: 1, or 2 for sharp
// screens. Fonts keep the glyphs of all pictures; nil: the canvas has its own. A canvas
// has at least one pixel.
func (m *Memory) New(w, h vg.Length, scale float64, f *Fonts) *Canvas {
	pixels := func(l vg.Length) int { return max(1, int(math.Round(l.Points()*scale))) }
	r := image.Rect(0, 0, pixels(w), pixels(h))
	m.pix = room(m.pix, 4*r.Dx()*r.Dy())
	img := &image.RGBA{Pix: m.pix, Stride: 4 * r.Dx(), Rect: r}
	stddraw.Draw(img, r, image.White, image.Point{}, stddraw.Src)
	c := &Canvas{img: img, w: w, h: h, scale: scale, memory: m}
	c.Encoder.BufferPool = m
	c.matrix = matrix{scale, 0, 0, 0, -scale, float64(r.Dy())}
	if c.glyphs = newGlyphs(); f != nil {
		c.glyphs = f.glyphs
	}
	vg.Initialize(c)
	return c
}

// Get makes Memory a png.EncoderBufferPool.
func (m *Memory) Get() *png.EncoderBuffer { return m.encoder }

// Put makes Memory a png.EncoderBufferPool.
func (m *Memory) Put(e *png.EncoderBuffer) { m.encoder = e }

// spacious is how many times as much memory as a picture needs may be kept for it: with
// two hundred LUNs the overviews take eight times as much as the pictures that follow.
const (
	spacious = 4
	spare    = 1 << 20 // bytes more, for a picture that is a little larger
)

// room is a slice of so many bytes, with whatever was there before.
func room(b []uint8, n int) []uint8 {
	if cap(b) < n || cap(b) > spacious*n {
		return make([]uint8, n, n+min(n/4, spare))
	}
	return b[:n]
}
