package draw

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"io"
)

// WriteTo writes a small PNG. It has a palette of the colours that were used and of
// their tints towards white, which is all that smooth edges need; the eye sees no
// difference. If a palette can't hold the picture (an image in it, translucent colours,
// very many colours), it is written in true colour.
func (c *Canvas) WriteTo(w io.Writer) (int64, error) {
	out := counter{w: w}
	signed := &signer{w: &out, left: pngHead}
	var img image.Image = c.img
	if !c.inks.many {
		img = c.paletted()
	}
	if c.Most == 0 {
		err := c.Encoder.Encode(signed, img)
		return out.n, err
	}
	small, err := c.small(img)
	if err != nil {
		return 0, err
	}
	_, err = signed.Write(small)
	return out.n, err
}

// small is the PNG, compressed harder where it is too large.
func (c *Canvas) small(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := c.Encoder.Encode(&b, img)
	if err == nil && b.Len() > c.Most {
		b.Reset()
		hard := c.Encoder
		hard.CompressionLevel = png.BestCompression
		err = hard.Encode(&b, img)
	}
	return b.Bytes(), err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// inks are the colours that were used, in the order of their first use.
type inks struct {
	list []color.RGBA
	many bool // too many for a palette, or not of one colour each
}

// mostInks leaves room for some tints; of so many inks most are tints of others.
const mostInks = 240

func (s *inks) add(col color.RGBA) {
	for i := len(s.list) - 1; i >= 0; i-- {
		if s.list[i] == col {
			return
		}
	}
	if col.A == 0 || s.many {
		return
	}
	if col.A < 0xFF || len(s.list) == mostInks {
		s.many = true
		return
	}
	s.list = append(s.list, col)
}

func (c *Canvas) paletted() *image.Paletted {
	tints := c.Shades - 1
	if c.Shades == 0 {
		tints = mostTints
	}
	pal := c.inks.palette(tints)
	c.memory.paletted = room(c.memory.paletted, c.img.Rect.Dx()*c.img.Rect.Dy())
	img := &image.Paletted{Pix: c.memory.paletted, Stride: c.img.Rect.Dx(), Rect: c.img.Rect, Palette: pal}
	n := &c.memory.nearest
	n.use(pal)
	// Neighbours mostly have the same colour.
	last, is := uint32(0), n.index(0, 0, 0)
	pix, to := c.img.Pix, img.Pix
	for i := 0; i < len(to); i++ {
		if i+1 < len(to) && binary.LittleEndian.Uint64(pix[4*i:]) == uint64(last)<<32|uint64(last) {
			to[i], to[i+1] = is, is
			i++
			continue
		}
		if now := binary.LittleEndian.Uint32(pix[4*i:]); now != last {
			last, is = now, n.index(uint8(now), uint8(now>>8), uint8(now>>16))
		}
		to[i] = is
	}
	return img
}

// mostTints of a colour are as many as a smooth edge needs: none of its pixels is further
// off than a sixteenth.
const mostTints = 8

// palette has the inks themselves first, so that they are met exactly, then the
// shades of each on white as far as there is room, then what lies between two of them.
func (s *inks) palette(most int) color.Palette {
	const room = 256
	pal := color.Palette{color.RGBA{255, 255, 255, 255}}
	var strong []color.RGBA
	for _, ink := range s.list {
		pal = append(pal, ink)
		if ink.R < 0xB0 || ink.G < 0xB0 || ink.B < 0xB0 {
			strong = append(strong, ink)
		}
	}
	tints := min(most, (room-len(pal))/max(1, len(strong)))
	for _, ink := range strong {
		for i := range tints {
			pal = append(pal, Mix(color.White, ink, float64(i+1)/float64(tints+1)))
		}
	}
	for i, a := range strong {
		for _, b := range strong[:i] {
			for share := 1; share < 4 && len(pal) < room; share++ {
				pal = append(pal, Mix(a, b, float64(share)/4))
			}
		}
	}
	return pal
}

// Mix mixes two colours; share is how much of the second, 0 to 1. The result is opaque.
func Mix(from, to color.Color, share float64) color.RGBA {
	a, b := color.RGBAModel.Convert(from).(color.RGBA), color.RGBAModel.Convert(to).(color.RGBA)
	m := func(a, b uint8) uint8 { return uint8(float64(a)*(1-share) + float64(b)*share + 0.5) }
	return color.RGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 0xFF}
}

// nearest finds the palette's nearest colour, and remembers it by its upper bits.
type nearest struct {
	pal   []color.RGBA
	table [1 << 18]uint16 // index+1 by 6 bits of each colour
}

// use begins with a palette.
func (n *nearest) use(pal color.Palette) {
	n.pal = n.pal[:0]
	clear(n.table[:])
	for i, c := range pal { // so that flat areas keep their colour exactly
		n.pal = append(n.pal, c.(color.RGBA))
		n.keep(n.pal[i], i)
	}
}

func (n *nearest) index(r, g, b uint8) uint8 {
	at := slot(r, g, b)
	if n.table[at] == 0 {
		n.table[at] = uint16(n.search(r, g, b)) + 1
	}
	return uint8(n.table[at] - 1)
}

func slot(r, g, b uint8) int { return int(r>>2)<<12 | int(g>>2)<<6 | int(b>>2) }

// keep gives a colour its index beforehand; the first in a slot stays.
func (n *nearest) keep(c color.RGBA, i int) {
	if at := slot(c.R, c.G, c.B); n.table[at] == 0 {
		n.table[at] = uint16(i) + 1
	}
}

func (n *nearest) search(r, g, b uint8) int {
	best, least := 0, 1<<30
	for i, p := range n.pal {
		dr, dg, db := int(p.R)-int(r), int(p.G)-int(g), int(p.B)-int(b)
		if d := 3*dr*dr + 4*dg*dg + 2*db*db; d < least {
			best, least = i, d
		}
	}
	return best
}
