package render

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"strings"
	"unicode"

	"codeberg.org/go-fonts/dejavu/dejavusans"
	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
)

// fonts are the faces that text is drawn with, parsed when a report begins: a
// collector never pays for them. Glyphs are kept once drawn, since a report says
// the same few hundred over and over.
type fonts struct {
	regular, bold []font.Face // the first that has the glyph is taken
	faces         map[faceKey]xfont.Face
	glyphs        map[glyphKey]*glyph
	buf           sfnt.Buffer
}

type faceKey struct {
	bold bool
	nth  int // of the fonts
	size float64
}

type glyphKey struct {
	faceKey
	r   rune
	sub int // quarter pixels to the right
}

// glyph is a drawn one: its mask lies relative to the origin on the baseline.
type glyph struct {
	mask *image.Alpha
	at   image.Point
}

// loadFonts parses the fonts. path names a further one, for scripts that the
// built-in ones lack; "" is none.
func loadFonts(path string) (*fonts, error) {
	f := &fonts{faces: map[faceKey]xfont.Face{}, glyphs: map[glyphKey]*glyph{}}
	more := [][]byte{dejavusans.TTF}
	if path != "" {
		ttf, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("font: %w", err)
		}
		more = append(more, ttf)
	}
	for _, set := range []struct {
		to   *[]font.Face
		face []byte
	}{{&f.regular, liberationsansregular.TTF}, {&f.bold, liberationsansbold.TTF}} {
		for _, ttf := range append([][]byte{set.face}, more...) {
			parsed, err := parseFont(ttf)
			if err != nil {
				return nil, fmt.Errorf("font %s: %w", path, err)
			}
			*set.to = append(*set.to, font.Face{Face: parsed})
		}
	}
	return f, nil
}

func parseFont(ttf []byte) (*opentype.Font, error) {
	if strings.HasPrefix(string(ttf[:min(4, len(ttf))]), "ttcf") {
		c, err := opentype.ParseCollection(ttf)
		if err != nil {
			return nil, err
		}
		return c.Font(0)
	}
	return opentype.Parse(ttf)
}

// style is how a piece of text looks.
type style struct {
	size float64 // pixels
	bold bool
	col  color.RGBA
}

// visible shows what can't be seen: control characters, line ends and marks that
// turn the direction of writing become dots.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) || r == unicode.ReplacementChar {
			return '·'
		}
		return r
	}, s)
}

func (f *fonts) set(bold bool) []font.Face {
	if bold {
		return f.bold
	}
	return f.regular
}

// missing stands for what no font has: a box is drawn, since the fonts' own glyph
// for it may be empty, and a name must not lose a letter without a word.
const missing rune = -1

// pick is the first font that has a glyph for r.
func (f *fonts) pick(bold bool, r rune) (nth int, have rune) {
	for i, face := range f.set(bold) {
		if g, err := face.Face.GlyphIndex(&f.buf, r); err == nil && g != 0 {
			return i, r
		}
	}
	return 0, missing
}

// face is a font at a size.
func (f *fonts) face(k faceKey) xfont.Face {
	if have, ok := f.faces[k]; ok {
		return have
	}
	at := f.set(k.bold)[k.nth]
	at.Font.Size = font.Length(k.size)
	face := at.FontFace(72)
	f.faces[k] = face
	return face
}

// walk calls fn for each rune with its place, and returns the width of all.
func (f *fonts) walk(s string, st style, fn func(k glyphKey, x float64)) float64 {
	x, before := 0.0, rune(-1)
	for _, r := range s {
		nth, have := f.pick(st.bold, r)
		k := faceKey{st.bold, nth, st.size}
		if have == missing {
			if fn != nil {
				fn(glyphKey{k, missing, 0}, x)
			}
			x, before = x+boxWidth(st.size)+2, -1
			continue
		}
		face := f.face(k)
		if before >= 0 && !(digit(before) && digit(have)) { // figures stay in their columns
			x += f.kern(k, before, have)
		}
		if fn != nil {
			fn(glyphKey{k, have, 0}, x)
		}
		adv, _ := face.GlyphAdvance(have)
		x += float64(adv) / 64
		before = have
		if nth != 0 {
			before = -1
		}
	}
	return x
}

// kern is how far two letters move together, in pixels. The font is asked and not
// its face, which in x/image answers in the font's own units.
func (f *fonts) kern(k faceKey, a, b rune) float64 {
	at := f.set(k.bold)[k.nth].Face
	ga, errA := at.GlyphIndex(&f.buf, a)
	gb, errB := at.GlyphIndex(&f.buf, b)
	if errA != nil || errB != nil {
		return 0
	}
	kern, err := at.Kern(&f.buf, ga, gb, fixed.Int26_6(k.size*64), xfont.HintingNone)
	if err != nil {
		return 0 // there is none for this pair
	}
	return float64(kern) / 64
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

// measure is the width of a text in pixels.
func (f *fonts) measure(s string, st style) float64 { return f.walk(s, st, nil) }

// glyph draws one, once.
func (f *fonts) glyph(k glyphKey) *glyph {
	if g, ok := f.glyphs[k]; ok {
		return g
	}
	g := &glyph{}
	if k.r == missing {
		g = box(k.size)
	}
	dot := fixed.Point26_6{X: fixed.Int26_6(k.sub * 16)}
	if dr, mask, mp, _, ok := f.face(k.faceKey).Glyph(dot, k.r); k.r != missing && ok && !dr.Empty() {
		g.at = dr.Min
		g.mask = image.NewAlpha(image.Rect(0, 0, dr.Dx(), dr.Dy()))
		for y := range dr.Dy() {
			for x := range dr.Dx() {
				_, _, _, a := mask.At(mp.X+x, mp.Y+y).RGBA()
				g.mask.Pix[y*g.mask.Stride+x] = firmer(a)
			}
		}
	}
	f.glyphs[k] = g
	return g
}

func boxWidth(size float64) float64 { return math.Round(size * 0.6) }

// box is the empty rectangle that stands for a letter that can't be drawn.
func box(size float64) *glyph {
	w, h := int(boxWidth(size)), int(size*0.75)
	m := image.NewAlpha(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			if x == 0 || y == 0 || x == w-1 || y == h-1 {
				m.Pix[y*m.Stride+x] = 0xFF
			}
		}
	}
	return &glyph{mask: m, at: image.Pt(1, -h)}
}

// firmer makes unhinted text a little darker, which small sizes need on white.
func firmer(a uint32) uint8 {
	return uint8(math.Pow(float64(a)/0xFFFF, 0.8)*255 + 0.5)
}

// text draws s with its baseline's left end at (x, y), and returns its width.
func (c *canvas) text(x, y float64, s string, st style) float64 {
	col := c.ink(st.col)
	base := int(math.Round(y)) // a baseline between two rows of pixels would blur
	return c.fonts.walk(s, st, func(k glyphKey, dx float64) {
		quarter := int(math.Round((x + dx) * 4))
		k.sub = quarter & 3
		if g := c.fonts.glyph(k); g.mask != nil {
			c.stamp(g, quarter>>2, base, col)
		}
	})
}

// stamp blends a glyph into the image.
func (c *canvas) stamp(g *glyph, x, y int, col color.RGBA) {
	r := g.mask.Rect.Add(image.Pt(x, y).Add(g.at)).Intersect(c.img.Rect)
	for py := r.Min.Y; py < r.Max.Y; py++ {
		row := g.mask.Pix[(py-y-g.at.Y)*g.mask.Stride:]
		for px := r.Min.X; px < r.Max.X; px++ {
			a := uint32(row[px-x-g.at.X])
			if a == 0 {
				continue
			}
			p := c.img.Pix[c.img.PixOffset(px, py):]
			p[0] = blend(p[0], col.R, a)
			p[1] = blend(p[1], col.G, a)
			p[2] = blend(p[2], col.B, a)
		}
	}
}

func blend(under, over uint8, a uint32) uint8 {
	return uint8((uint32(under)*(255-a) + uint32(over)*a + 127) / 255)
}

// right draws s so that it ends at x.
func (c *canvas) right(x, y float64, s string, st style) {
	c.text(x-c.fonts.measure(s, st), y, s, st)
}

// fit shortens s to a width, in its middle, since names differ at their ends.
func (f *fonts) fit(s string, w float64, st style) string {
	if f.measure(s, st) <= w {
		return s
	}
	r := []rune(s)
	for keep := len(r) - 1; keep > 1; keep-- {
		head := (keep + 1) / 2
		short := strings.TrimRight(string(r[:head]), " ") + "…" + strings.TrimLeft(string(r[len(r)-keep/2:]), " ")
		if f.measure(short, st) <= w {
			return short
		}
	}
	return "…"
}
