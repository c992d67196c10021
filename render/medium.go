package render

import (
	"cmp"
	"errors"
	"fmt"
	"image/png"
	"slices"
	"time"

	"gonum.org/v1/plot/vg"

	"lunstat/render/draw"
)

// CheckFormats says what is wrong with the formats of pictures. They may be png, svg
// and pdf, and at least one must be one that a page can show.
func CheckFormats(formats []string) error {
	for i, f := range formats {
		switch {
		case f != "png" && f != "svg" && f != "pdf":
			return fmt.Errorf("pictures can't be %q, only png, svg or pdf", f)
		case slices.Contains(formats[:i], f):
			return fmt.Errorf("the format %s is given twice", f)
		}
	}
	if !slices.Contains(formats, "png") && !slices.Contains(formats, "svg") {
		return errors.New("the page shows png or svg: give one of these formats too")
	}
	return nil
}

// shown is the format that the page shows.
func (o *Options) shown() string {
	if slices.Contains(o.Formats, "png") {
		return "png"
	}
	return "svg"
}

// made is the date that a file carries: the end of the range where it isn't said when
// the report is made, so that the same range gives the same bytes.
func (o *Options) made() time.Time {
	if o.Now.IsZero() {
		return o.To
	}
	return o.Now
}

// medium is what a picture is drawn on.
type medium struct {
	fonts  *draw.Fonts
	format string
	made   time.Time // the date in a PDF
	scale  float64   // pixels a point in a PNG: 2 is for sharp screens; 0: 1
	level  png.CompressionLevel
	memory *draw.Memory // of all pictures; nil: each has its own
}

// level is how a picture's PNG is compressed. Those of LUNs are many on a large host:
// there they are a sixth larger, and take half as long to write.
func (p *picture) level(luns int) png.CompressionLevel {
	if p.lun != nil && luns > mostOwn {
		return png.BestSpeed
	}
	return png.DefaultCompression
}

// edgeShades are as few as look smooth: pictures are mailed, and read on phones.
const edgeShades = 3

// media are what each picture is drawn on.
func (o *Options) media(m medium) []medium {
	var out []medium
	for _, m.format = range o.Formats {
		out = append(out, m)
		if o.Sharp && m.format == "png" {
			sharp := m
			sharp.scale = 2
			out = append(out, sharp)
		}
	}
	return out
}

// canvas is one of so many pixels. In SVG and PDF they are points.
func (m medium) canvas(width, height int) vg.CanvasWriterTo {
	w, h := vg.Length(width), vg.Length(height)
	switch m.format {
	case "svg":
		return draw.NewSVG(w, h, m.fonts)
	case "pdf":
		return draw.NewPDF(w, h, m.made, m.fonts)
	}
	memory := m.memory
	if memory == nil {
		memory = new(draw.Memory)
	}
	c := memory.New(w, h, cmp.Or(m.scale, 1), m.fonts)
	c.Encoder.CompressionLevel, c.Shades = m.level, edgeShades
	return c
}
