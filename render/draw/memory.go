package draw

import (
	"image"
	"image/png"

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

// New is as the function of that name, in the memory of the canvas before, which can't be
// used any more.
func (m *Memory) New(w, h vg.Length, scale float64, f *Fonts) *Canvas {
	c := newCanvas(w, h, scale, f, func(r image.Rectangle) *image.RGBA {
		m.pix = room(m.pix, 4*r.Dx()*r.Dy())
		return &image.RGBA{Pix: m.pix, Stride: 4 * r.Dx(), Rect: r}
	})
	c.memory = m
	c.Encoder.BufferPool = m
	return c
}

// Get and Put make it a png.EncoderBufferPool.
func (m *Memory) Get() *png.EncoderBuffer  { return m.encoder }
func (m *Memory) Put(e *png.EncoderBuffer) { m.encoder = e }

// room is a slice of so many bytes, with whatever was there before.
func room(b []uint8, n int) []uint8 {
	if cap(b) < n {
		return make([]uint8, n, n+n/4)
	}
	return b[:n]
}
