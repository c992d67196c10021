package draw

import (
	"bytes"
	"image/color"
	"io"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// NewSVG is gonum's canvas for SVG, with a white ground and a point of gonum's as a
// pixel of the page. Fonts are named and not embedded: that would be half a megabyte a
// picture. Where a reader doesn't have Liberation Sans, Arial and Helvetica have the
// same widths.
func NewSVG(w, h vg.Length) vg.CanvasWriterTo {
	c := svg{vgsvg.New(w, h)}
	c.SetColor(color.White)
	c.Fill(draw.New(c).Path())
	return c
}

type svg struct{ *vgsvg.Canvas }

// WriteTo names the fonts that may stand in, takes the unit off the picture's size, and
// makes joints of lines round: pointed ones let a peak seem higher than it is. No text
// of the picture can be meant: its quotes are escaped.
func (c svg) WriteTo(w io.Writer) (int64, error) {
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
	out := bytes.Join([][]byte{head, rest}, []byte(`stroke-linejoin="round" viewBox`))
	n, err := w.Write(out)
	return int64(n), err
}
