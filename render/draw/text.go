package draw

import (
	"encoding/binary"
	"image"
	"image/color"
	"math"

	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	xfont "golang.org/x/image/font"
)

// glyphs keep what was asked of fonts, and what was drawn: a report says the same few
// hundred letters over and over.
type glyphs struct {
	buf     sfnt.Buffer
	raster  vector.Rasterizer
	indices map[*opentype.Font]map[rune]sfnt.GlyphIndex
	faces   map[faceKey]*face
}

type faceKey struct {
	font *opentype.Font
	size fixed.Int26_6 // pixels an em
}

func newGlyphs() *glyphs {
	return &glyphs{indices: map[*opentype.Font]map[rune]sfnt.GlyphIndex{}, faces: map[faceKey]*face{}}
}

// index is the glyph for a letter; 0: the font has none.
func (g *glyphs) index(f *opentype.Font, r rune) sfnt.GlyphIndex {
	known := g.indices[f]
	if known == nil {
		known = map[rune]sfnt.GlyphIndex{}
		g.indices[f] = known
	}
	i, ok := known[r]
	if !ok {
		i, _ = f.GlyphIndex(&g.buf, r) // of an error 0, as of a letter that isn't there
		known[r] = i
	}
	return i
}

// face is a font at a size.
type face struct {
	*glyphs
	faceKey
	advances map[sfnt.GlyphIndex]float64
	kerns    map[[2]sfnt.GlyphIndex]float64
	masks    map[maskKey]*mask
}

type maskKey struct {
	index sfnt.GlyphIndex
	half  int // pixels to the right
}

// mask is a drawn glyph or another shape; at is its upper left corner, of a glyph from
// the origin on the baseline.
type mask struct {
	*image.Alpha
	at image.Point
}

// sized is a font at so many pixels an em.
func (g *glyphs) sized(f *opentype.Font, pixels float64) *face {
	k := faceKey{f, fixed.Int26_6(math.Round(pixels * 64))}
	if have, ok := g.faces[k]; ok {
		return have
	}
	made := &face{
		glyphs: g, faceKey: k,
		advances: map[sfnt.GlyphIndex]float64{}, kerns: map[[2]sfnt.GlyphIndex]float64{}, masks: map[maskKey]*mask{},
	}
	g.faces[k] = made
	return made
}

// walk calls do for each glyph with its place, and returns the width of all.
func (f *face) walk(s string, do func(i sfnt.GlyphIndex, x float64)) float64 {
	x, before, last := 0.0, rune(-1), sfnt.GlyphIndex(0)
	for _, r := range s {
		i := f.index(f.font, r)
		if before >= 0 && !(digit(before) && digit(r)) { // figures stay in their columns
			x += f.kern(last, i)
		}
		if do != nil {
			do(i, x)
		}
		x += f.advance(i)
		before, last = r, i
	}
	return x
}

func (f *face) width(s string) float64 { return f.walk(s, nil) }

func digit(r rune) bool { return r >= '0' && r <= '9' }

func (f *face) advance(i sfnt.GlyphIndex) float64 {
	v, ok := f.advances[i]
	if !ok {
		a, _ := f.font.GlyphAdvance(&f.buf, i, f.size, xfont.HintingNone)
		v = float64(a) / 64
		f.advances[i] = v
	}
	return v
}

func (f *face) kern(a, b sfnt.GlyphIndex) float64 {
	k := [2]sfnt.GlyphIndex{a, b}
	v, ok := f.kerns[k]
	if !ok {
		if by, err := f.font.Kern(&f.buf, a, b, f.size, xfont.HintingNone); err == nil { // else there is none for this pair
			v = float64(by) / 64
		}
		f.kerns[k] = v
	}
	return v
}

// largest is up to which size glyphs are kept as pictures, in pixels.
const largest = 128

// FillString draws text with its baseline at the nearest whole pixel, because between
// two pixels it would blur. It fills rotated or very large text as paths.
func (c *Canvas) FillString(fnt font.Face, pt vg.Point, s string) {
	pixels := fnt.Font.Size.Points() * c.size()
	if fnt.Face == nil || !(pixels > 0) {
		return
	}
	if !c.upright() || pixels > largest {
		c.glyphs.outlines(c, fnt, pt, s)
		return
	}
	c.inks.add(c.col)
	at, ok := near(c.at(pt))
	if !ok {
		return
	}
	face, base := c.glyphs.sized(fnt.Face, pixels), int(math.Round(at.y))
	face.walk(s, func(i sfnt.GlyphIndex, dx float64) {
		halves := int(math.Round((at.x + dx) * 2))
		if m := face.mask(maskKey{i, halves & 1}); m.Alpha != nil {
			c.stamp(m, image.Pt(halves>>1, base))
		}
	})
}

// mask draws a glyph, once.
func (f *face) mask(k maskKey) *mask {
	if m, ok := f.masks[k]; ok {
		return m
	}
	m := &mask{}
	f.masks[k] = m
	segments, err := f.font.LoadGlyph(&f.buf, k.index, f.size, nil)
	if err != nil || len(segments) == 0 {
		return m
	}
	dot := fixed.Point26_6{X: fixed.Int26_6(k.half * 32)}
	b := segments.Bounds().Add(dot)
	r := image.Rect(b.Min.X.Floor(), b.Min.Y.Floor(), b.Max.X.Ceil(), b.Max.Y.Ceil())
	if r.Empty() {
		return m
	}
	f.raster.Reset(r.Dx(), r.Dy())
	x, y := float32(k.half)/2-float32(r.Min.X), float32(-r.Min.Y)
	to := func(p fixed.Point26_6) (float32, float32) { return float32(p.X)/64 + x, float32(p.Y)/64 + y }
	for _, s := range segments {
		x0, y0 := to(s.Args[0])
		x1, y1 := to(s.Args[1])
		x2, y2 := to(s.Args[2])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			f.raster.MoveTo(x0, y0)
		case sfnt.SegmentOpLineTo:
			f.raster.LineTo(x0, y0)
		case sfnt.SegmentOpQuadTo:
			f.raster.QuadTo(x0, y0, x1, y1)
		case sfnt.SegmentOpCubeTo:
			f.raster.CubeTo(x0, y0, x1, y1, x2, y2)
		}
	}
	m.Alpha, m.at = image.NewAlpha(image.Rect(0, 0, r.Dx(), r.Dy())), r.Min
	f.raster.Draw(m.Alpha, m.Alpha.Rect, image.Opaque, image.Point{})
	for i, a := range m.Alpha.Pix {
		m.Alpha.Pix[i] = firmer(a)
	}
	return m
}

// firmer makes unhinted text a little darker, which small sizes need on white.
func firmer(a uint8) uint8 { return uint8(math.Pow(float64(a)/0xFF, 0.8)*0xFF + 0.5) }

// stamp blends a shape into the image.
func (c *Canvas) stamp(m *mask, origin image.Point) {
	corner := origin.Add(m.at)
	r := m.Rect.Add(corner).Intersect(c.img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		from := (y-corner.Y)*m.Stride + r.Min.X - corner.X
		pix := c.img.Pix[c.img.PixOffset(r.Min.X, y):]
		row := m.Pix[from : from+r.Dx()]
		for x := 0; x < len(row); x++ {
			if a := c.shade(uint32(row[x])); a > 0 {
				blend(pix[4*x:4*x+4:4*x+4], c.col, a)
			} else if x+8 <= len(row) && binary.LittleEndian.Uint64(row[x:]) == 0 {
				x += 7 // most of a line's mask is empty
			}
		}
	}
}

// shade is the nearest of the canvas's shades to how much of a pixel is covered, of 255.
func (c *Canvas) shade(covered uint32) uint32 {
	if c.Shades == 0 {
		return covered
	}
	n := uint32(c.Shades)
	return (covered*n + 127) / 255 * 255 / n
}

// blend puts a share a of 255 of a colour over a pixel, which is opaque, as the
// background of a canvas is.
func blend(p []uint8, over color.RGBA, a uint32) {
	if a&uint32(over.A) == 0xFF {
		p[0], p[1], p[2] = over.R, over.G, over.B
		return
	}
	under := 255 - (uint32(over.A)*a+127)/255
	p[0] = mix(uint32(p[0])*under + uint32(over.R)*a)
	p[1] = mix(uint32(p[1])*under + uint32(over.G)*a)
	p[2] = mix(uint32(p[2])*under + uint32(over.B)*a)
}

// mix is a colour of 255 times 255 as one of 255. A colour's own share and what is left
// for the other are both rounded, so their sum may be above it by one.
func mix(sum uint32) uint8 { return uint8(min(255, (sum+127)/255)) }

// outlines fills the shape of each glyph of a text. Each glyph is moved to its place,
// and its path is always the same: in a PDF that packs to a fraction.
func (g *glyphs) outlines(c vg.Canvas, fnt font.Face, pt vg.Point, s string) {
	const em = 1000 // fine enough whatever the size
	face, scale := g.sized(fnt.Face, em), fnt.Font.Size/em
	face.walk(s, func(i sfnt.GlyphIndex, dx float64) {
		if p := face.path(i, scale); len(p) > 0 {
			c.Push()
			c.Translate(vg.Point{X: pt.X + vg.Length(dx)*scale, Y: pt.Y})
			c.Fill(p)
			c.Pop()
		}
	})
}

// path is a glyph's shape from its origin on the baseline.
func (f *face) path(i sfnt.GlyphIndex, scale vg.Length) (p vg.Path) {
	segments, err := f.font.LoadGlyph(&f.buf, i, f.size, nil)
	if err != nil {
		return nil
	}
	at := func(p fixed.Point26_6) vg.Point {
		return vg.Point{X: vg.Length(p.X) / 64 * scale, Y: -vg.Length(p.Y) / 64 * scale}
	}
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if len(p) > 0 {
				p.Close()
			}
			p.Move(at(s.Args[0]))
		case sfnt.SegmentOpLineTo:
			p.Line(at(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			p.QuadTo(at(s.Args[0]), at(s.Args[1]))
		case sfnt.SegmentOpCubeTo:
			p.CubeTo(at(s.Args[0]), at(s.Args[1]), at(s.Args[2]))
		}
	}
	if len(p) > 0 {
		p.Close()
	}
	return p
}
