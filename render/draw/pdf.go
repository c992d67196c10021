package draw

import (
	"time"

	"codeberg.org/go-pdf/fpdf"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgpdf"
)

// NewPDF is gonum's canvas for PDF. Text is drawn as outlines: gonum's own takes
// letters of one code page only, and embeds each font whole. made is the date that
// the file carries; with the same one the same picture has the same bytes.
//
// The PDF library keeps its dates in variables of its package, so one goroutine at a
// time may make PDFs.
func NewPDF(w, h vg.Length, made time.Time, f *Fonts) vg.CanvasWriterTo {
	fpdf.SetDefaultCreationDate(made.UTC())
	fpdf.SetDefaultModificationDate(made.UTC())
	fpdf.SetDefaultCatalogSort(true)
	return pdf{vgpdf.New(w, h), f.glyphs}
}

type pdf struct {
	*vgpdf.Canvas
	glyphs *glyphs
}

func (c pdf) FillString(f font.Face, pt vg.Point, s string) {
	if f.Face != nil && f.Font.Size > 0 {
		c.glyphs.outlines(f, pt, s, c.Fill)
	}
}
