package draw

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgpdf"
)

// NewPDF is gonum's canvas for PDF. It draws text as outlines, because gonum's own
// canvas takes only the letters of one code page and embeds each font whole. Joints of
// lines are round. made is the date in the file; with the same date the same picture
// has the same bytes.
//
// The PDF library keeps dates in package variables, so only one goroutine at a time may
// make PDFs.
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
		c.glyphs.outlines(c, f, pt, s)
	}
}

// WriteTo closes the canvas, like that of vgpdf.
func (c pdf) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	if _, err := c.Canvas.WriteTo(&b); err != nil {
		return 0, err
	}
	file, err := rounded(b.Bytes())
	if err != nil {
		return 0, fmt.Errorf("PDF of the library: %w", err)
	}
	n, err := w.Write(signedPDF(file))
	return int64(n), err
}

// rounded gives the lines on a PDF's page round joints. The library begins a page with
// pointed ones, by which a peak seems higher than it is by some widths of the line, and
// vgpdf has no way to ask for others. The page is packed better at that, which makes
// the file a third smaller.
func rounded(file []byte) ([]byte, error) {
	const caps, pointed, round = "0 J\n", "0 j\n", "1 j\n"
	head := regexp.MustCompile(`<</Filter /FlateDecode /Length (\d+)>>\nstream\n`).FindSubmatchIndex(file)
	if head == nil {
		return nil, errors.New("no page")
	}
	long, err := strconv.Atoi(string(file[head[2]:head[3]]))
	if err != nil || long > len(file)-head[1] {
		return nil, errors.New("no end of the page")
	}
	r, err := zlib.NewReader(bytes.NewReader(file[head[1] : head[1]+long]))
	if err != nil {
		return nil, err
	}
	page, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(page, []byte(caps+pointed)) {
		return nil, errors.New("no joints at the beginning of the page")
	}
	page = bytes.Replace(page, []byte(caps+pointed), []byte(caps+round), 1)
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write(page); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.Write(file[:head[0]])
	fmt.Fprintf(&out, "<</Filter /FlateDecode /Length %d>>\nstream\n", packed.Len())
	out.Write(packed.Bytes())
	rest := file[head[1]+long:]
	out.Write(moved(rest, head[0], out.Len()+len(rest)-len(file)))
	return out.Bytes(), nil
}

// moved are a PDF's last parts, their table of places changed for what lies behind from
// and has moved by so many bytes.
func moved(rest []byte, from, by int) []byte {
	shift := func(digits []byte) int {
		at, _ := strconv.Atoi(string(digits))
		if at > from {
			at += by
		}
		return at
	}
	table := bytes.LastIndex(rest, []byte("\nxref\n"))
	if table < 0 {
		return rest
	}
	places := regexp.MustCompile(`\d{10} 00000 n `).ReplaceAllFunc(rest[table:], func(line []byte) []byte {
		return fmt.Appendf(nil, "%010d%s", shift(line[:10]), line[10:])
	})
	const start = "startxref\n"
	places = regexp.MustCompile(start+`\d+`).ReplaceAllFunc(places, func(line []byte) []byte {
		return fmt.Appendf(nil, "%s%d", start, shift(line[len(start):]))
	})
	return append(rest[:table:table], places...)
}
