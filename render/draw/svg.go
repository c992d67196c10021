package draw

import (
	"bytes"
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// NewSVG is gonum's canvas for SVG, with a white background; a point of gonum's is a
// pixel of the page. It names fonts and doesn't embed them, which would take half a
// megabyte a picture. Each text keeps its width in any font that a reader uses instead,
// so that columns line up and no name runs into a figure.
func NewSVG(w, h vg.Length, f *Fonts) vg.CanvasWriterTo {
	c := &svg{Canvas: vgsvg.New(w, h), glyphs: f.glyphs}
	c.SetColor(color.White)
	c.Fill(draw.New(c).Path())
	return c
}

type svg struct {
	*vgsvg.Canvas
	glyphs *glyphs
	widths []float64 // of the texts, in points
}

func (c *svg) FillString(f font.Face, pt vg.Point, s string) {
	if f.Face == nil || !(f.Font.Size > 0) {
		return
	}
	c.Canvas.FillString(f, pt, s)
	c.widths = append(c.widths, c.glyphs.sized(f.Face, f.Font.Size.Points()).width(s))
}

// WriteTo names the fonts that may replace ours, says how wide texts are, removes the
// unit from the picture's size, and makes the joints of lines round, because pointed
// ones make a peak look higher than it is. It can't change a text of the picture by
// mistake, because quotes in texts are escaped.
func (c *svg) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	if _, err := c.Canvas.WriteTo(&b); err != nil {
		return 0, err
	}
	text := b.Bytes()
	head, rest, _ := bytes.Cut(text, []byte("viewBox"))
	head = bytes.ReplaceAll(head, []byte(`pt"`), []byte(`"`))
	for _, family := range []string{"Liberation Sans", "DejaVu Sans"} {
		rest = bytes.ReplaceAll(rest, []byte(`style="font-family:`+family+`;`), []byte(`style="font-family:'`+family+`',Arial,Helvetica,sans-serif;`))
	}
	texts := bytes.Split(rest, []byte("<text "))
	out := append(head, `stroke-linejoin="round" viewBox`...)
	for i, t := range texts {
		if i > 0 {
			out = append(out, "<text "...)
			if width := c.widths[i-1]; width > 0 {
				out = fmt.Appendf(out, `textLength="%.2f" lengthAdjust="spacingAndGlyphs" `, width)
			}
		}
		out = append(out, t...)
	}
	n, err := w.Write(append(out, endOfSVG...))
	return int64(n), err
}
