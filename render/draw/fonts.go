package draw

import (
	"fmt"
	"math"
	"os"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"codeberg.org/go-fonts/dejavu/dejavusans"
	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// Regular and Bold name the first fonts of [Fonts], at a size in points.
func Regular(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// Bold is Regular's bold face.
func Bold(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Weight: xfont.WeightBold, Size: size}
}

// Fonts are a text.Handler with fallback faces: each letter comes from the first font
// that has it. If none has it, it is a box, as wide as a letter.
//
// They place text like gonum's text.Plain, so that any plot looks the same with them.
// All digits have the same width, so that columns line up. Only one goroutine at a time
// may use Fonts.
type Fonts struct {
	*glyphs
	cache   *font.Cache
	more    []font.Face // asked in order after the font that is wanted
	extents map[font.Font]font.Extents

	// Instead, if it is set, gives what is drawn in place of a text.
	Instead func(string) string
}

var _ text.Handler = (*Fonts)(nil)

// LoadFonts parses the built-in fonts: Liberation Sans, then DejaVu Sans. extra is the
// file of another font, for scripts that these lack; "" means none.
func LoadFonts(extra string) (*Fonts, error) {
	f := &Fonts{glyphs: newGlyphs(), cache: font.NewCache(nil), extents: map[font.Font]font.Extents{}}
	regular, bold := Regular(0), Bold(0)
	for _, one := range []struct {
		font.Font
		ttf []byte
	}{{regular, liberationsansregular.TTF}, {bold, liberationsansbold.TTF}} {
		parsed, err := parse(one.ttf)
		if err != nil {
			return nil, fmt.Errorf("font %s: %w", one.Name(), err)
		}
		f.cache.Add(font.Collection{{Font: one.Font, Face: parsed}})
	}
	dejavu, err := parse(dejavusans.TTF)
	if err != nil {
		return nil, fmt.Errorf("font DejaVu Sans: %w", err)
	}
	f.more = []font.Face{{Font: font.Font{Typeface: "DejaVu", Variant: "Sans"}, Face: dejavu}}
	if extra == "" {
		return f, nil
	}
	ttf, err := readFont(extra)
	if err != nil {
		return nil, err
	}
	parsed, err := parse(ttf)
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", extra, err)
	}
	f.more = append(f.more, font.Face{Font: font.Font{Typeface: "Extra"}, Face: parsed})
	return f, nil
}

// mostFont is above the largest fonts that there are, with all of Chinese in them.
const mostFont = 256 << 20

// readFont refuses what would be waited for, or read without an end.
func readFont(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("font: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("font %s: not a regular file", path)
	case info.Size() > mostFont:
		return nil, fmt.Errorf("font %s: %d bytes are too many for a font: must be %d or fewer", path, info.Size(), mostFont)
	}
	ttf, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	return ttf, nil
}

// parse takes the first font of a collection.
func parse(ttf []byte) (*opentype.Font, error) {
	if !strings.HasPrefix(string(ttf[:min(4, len(ttf))]), "ttcf") {
		return opentype.Parse(ttf)
	}
	c, err := opentype.ParseCollection(ttf)
	if err != nil {
		return nil, err
	}
	return c.Font(0)
}

// Cache has the fonts without the fallback ones.
func (f *Fonts) Cache() *font.Cache { return f.cache }

func (f *Fonts) Extents(fnt font.Font) font.Extents {
	e, ok := f.extents[fnt]
	if !ok {
		face := f.cache.Lookup(fnt, fnt.Size)
		e = face.Extents()
		f.extents[fnt] = e
	}
	return e
}

// Covers reports whether a text can be drawn as people read it: the faces have all its
// letters, and none of them belongs to a script that runs from right to left or joins
// its letters.
func (f *Fonts) Covers(txt string) bool {
	first := f.cache.Lookup(Regular(12), 12)
	for _, c := range txt {
		if unicode.In(c, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko) {
			return false
		}
		if _, ok := f.having(c, first); !ok {
			return false
		}
	}
	return true
}

// as is what is drawn in the place of a text.
func (f *Fonts) as(txt string) string {
	if f.Instead == nil {
		return txt
	}
	return f.Instead(txt)
}

func (f *Fonts) Lines(txt string) []string { return strings.Split(strings.TrimRight(txt, "\n"), "\n") }

func (f *Fonts) Box(txt string, fnt font.Font) (width, height, depth vg.Length) {
	e := f.Extents(fnt)
	return f.Width(txt, fnt), e.Ascent, e.Descent
}

// Width is how wide a line of text is.
func (f *Fonts) Width(txt string, fnt font.Font) vg.Length {
	width := vg.Length(0)
	for r := range f.runs(f.as(txt), fnt) {
		width += r.width
	}
	return width
}

// run is a stretch of text that one face has, or none.
type run struct {
	face  font.Face
	text  string
	width vg.Length
	none  bool // no face has its letters
}

// runs splits a line by the faces that have its letters.
func (f *Fonts) runs(txt string, fnt font.Font) func(yield func(run) bool) {
	return func(yield func(run) bool) {
		first := f.cache.Lookup(fnt, fnt.Size)
		for len(txt) > 0 {
			r := run{}
			end := len(txt)
			for i, c := range txt {
				face, ok := f.having(c, first)
				switch {
				case i == 0:
					r.face, r.none = face, !ok
				case face.Face != r.face.Face || ok == r.none:
					end = i
				}
				if end < len(txt) {
					break
				}
			}
			r.text, txt = txt[:end], txt[end:]
			if r.none {
				r.width = vg.Length(len([]rune(r.text))) * (boxWidth(fnt.Size) + boxGap)
			} else {
				r.width = vg.Length(f.sized(r.face.Face, fnt.Size.Points()).width(r.text))
			}
			if !yield(r) {
				return
			}
		}
	}
}

// having is the first face that has a letter.
func (f *Fonts) having(c rune, first font.Face) (font.Face, bool) {
	if f.index(first.Face, c) != 0 {
		return first, true
	}
	for _, face := range f.more {
		if f.index(face.Face, c) != 0 {
			face.Font.Size = first.Font.Size
			return face, true
		}
	}
	return first, false
}

// Draw draws text where text.Plain would.
func (f *Fonts) Draw(c vg.Canvas, txt string, sty text.Style, pt vg.Point) {
	lines := f.Lines(f.as(txt))
	if len(lines) == 1 && lines[0] == "" {
		return
	}
	c.SetColor(sty.Color)
	if sty.Rotation != 0 {
		c.Push()
		defer c.Pop()
		c.Rotate(sty.Rotation)
	}
	sin, cos := math.Sincos(sty.Rotation)
	x, y := pt.X.Points(), pt.Y.Points()
	at := vg.Point{X: vg.Length(y*sin + x*cos), Y: vg.Length(y*cos - x*sin)}
	at.Y += sty.Height(txt)*vg.Length(sty.YAlign) - f.Extents(sty.Font).Ascent
	for i, line := range lines {
		f.line(c, line, sty, at.Add(vg.Point{Y: vg.Length(len(lines)-i) * sty.Font.Size}))
	}
}

// line draws one line with its baseline at a point.
func (f *Fonts) line(c vg.Canvas, line string, sty text.Style, at vg.Point) {
	if sty.XAlign != text.XLeft {
		at.X += vg.Length(sty.XAlign) * f.Width(line, sty.Font)
	}
	for r := range f.runs(line, sty.Font) {
		if r.none {
			boxes(c, len([]rune(r.text)), sty.Font.Size, at)
		} else {
			c.FillString(r.face, at, r.text)
		}
		at.X += r.width
	}
}

// boxGap lies between two boxes.
const boxGap = 2

func boxWidth(size vg.Length) vg.Length { return vg.Length(math.Round(size.Points() * 0.6)) }

// boxes replace letters that can't be drawn: a name must not lose a letter without a
// word, and the fonts' own sign for it may be empty.
func boxes(c vg.Canvas, n int, size vg.Length, at vg.Point) {
	w, h := boxWidth(size)-1, vg.Length(math.Floor(size.Points()*0.75))-1
	x, y := vg.Length(math.Round(at.X.Points()))+1.5, vg.Length(math.Round(at.Y.Points()))+0.5
	c.Push()
	defer c.Pop()
	c.SetLineWidth(1)
	c.SetLineDash(nil, 0)
	for range n {
		r := vg.Rectangle{Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + w, Y: y + h}}
		c.Stroke(r.Path())
		x += w + 1 + boxGap
	}
}

// mostFit is how many letters of a text are looked at for what fits, half of them at
// each end.
const mostFit = 2000

// Fit shortens a line to a width. It leaves out the middle, because names differ at
// their ends.
func (f *Fonts) Fit(s string, width vg.Length, fnt font.Font) string {
	s = f.as(s)
	if utf8.RuneCountInString(s) <= mostFit && f.Width(s, fnt) <= width {
		return s
	}
	r := []rune(s)
	if len(r) > mostFit { // more than any line has room for
		r = slices.Concat(r[:mostFit/2], r[len(r)-mostFit/2:])
	}
	short := func(keep int) string {
		head := (keep + 1) / 2
		return strings.TrimRight(string(r[:head]), " ") + "…" + strings.TrimLeft(string(r[len(r)-keep/2:]), " ")
	}
	least := sort.Search(len(r)-1, func(left int) bool { return f.Width(short(len(r)-1-left), fnt) <= width })
	if keep := len(r) - 1 - least; keep > 1 {
		return short(keep)
	}
	return "…"
}
