package render

import (
	"cmp"
	"context"
	"fmt"
	"image/png"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot/vg"

	"lunstat/collector/series"
	"lunstat/render/draw"
)

// Options say what to draw, and where to write it.
type Options struct {
	Out      string         // folder, made if it isn't there
	From, To time.Time      // the range: intervals that end in (From, To]
	Zone     *time.Location // of the time axes; nil: UTC

	Keys  []series.Key // only these series; nil: all
	Group string       // only LUNs of this group; "": all
	Hosts []string     // only these hosts' LUNs; nil: all

	// Command asks for a report from the same source, for what findings say to type next;
	// "": "lunstat report".
	Command string

	Title     string   // over the page and each picture; "": the group or host
	Simulated bool     // say so everywhere
	Width     int      // of the pictures in pixels, LeastWidth to MostWidth; 0: 1200
	Formats   []string // of the pictures, see [CheckFormats]; nil: png
	Sharp     bool     // each PNG at twice the size, too, for sharp screens
	Font      string   // file of a font for what the built-in ones lack; "": none

	Limits map[string]time.Duration // await limit by role, of LUNs without their own, drawn as a line; nil: none

	Mailboxes map[string]int // how many mailboxes a group has; nil: not known

	// Keep is how many weeks' reports the folder above Out keeps; 0: all.
	Keep int

	Mail *Mail // of the report; nil: none is wanted

	level    png.CompressionLevel // of each PNG; 0: as it suits the number of LUNs
	foldFrom int                  // bytes of lines that are not kept; 0: those of many LUNs

	Now     time.Time // when the report was made, as the page shows it; zero: not shown
	Version string    // lunstat's; "": not said
	// Progress is called with the progress of a part of the work: Reading, if there is
	// much to read, and then Drawing.
	Progress func(part string, done, total int)
}

// of reports whether a host is asked for.
func (o *Options) of(host string) bool { return o.Hosts == nil || slices.Contains(o.Hosts, host) }

// The parts of the work.
const (
	Reading = "reading"
	Drawing = "drawing"
)

// Result is what a report wrote.
type Result struct {
	Files    []string // names in Options.Out, index.html first
	LUNs     int
	Pictures int
	Warnings []series.Warning
	Mail     []byte // the message, if Options.Mail asks for one
}

// defaultWidth fits a mail and a page on a small screen.
const defaultWidth = 1200

// The widths of pictures, in pixels. A narrower one would have no room for curves
// beside the names. A wider one would take too long to draw, and no browser would show
// it.
const (
	LeastWidth = 640
	MostWidth  = 10_000
)

func (o Options) withDefaults() Options {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	if o.Formats == nil {
		o.Formats = []string{"png"}
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	o.From, o.To = o.From.In(o.Zone), o.To.In(o.Zone)
	return o
}

// longest bounds the range, so that its length fits in a time.Duration.
const longest = 250 * 366 * 24 * time.Hour

// check refuses what can't be drawn.
func (o *Options) check() error {
	switch {
	case !o.To.After(o.From):
		return fmt.Errorf("report from %s to %s: the end is not after the beginning",
			o.From.Format(time.RFC3339), o.To.Format(time.RFC3339))
	case o.To.Sub(o.From) > longest:
		return fmt.Errorf("report from %s to %s: longer than 250 years; give a shorter range",
			o.From.Format(time.RFC3339), o.To.Format(time.RFC3339))
	case o.Width < LeastWidth || o.Width > MostWidth:
		return fmt.Errorf("the width of the pictures is %d pixels: must be %d to %d", o.Width, LeastWidth, MostWidth)
	}
	return nil
}

// checkDrawing is check for a report with pictures, and loads their fonts.
func (o *Options) checkDrawing() (*draw.Fonts, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := CheckFormats(o.Formats); err != nil {
		return nil, err
	}
	return draw.LoadFonts(o.Font)
}

// Report draws what src has between o.From and o.To. If there is nothing, the error is
// an [*EmptyRangeError].
func Report(ctx context.Context, src Source, o Options) (Result, error) {
	o = o.withDefaults()
	fonts, err := o.checkDrawing()
	if err != nil {
		return Result{}, err
	}
	d, err := gather(ctx, src, o)
	if err != nil {
		return Result{}, err
	}
	// Not before there is something to put there: an empty range leaves no folder.
	out, err := openFolder(o.Out)
	if err != nil {
		return Result{}, err
	}
	pictures := d.pictures()
	if err := out.spare(append(d.names(pictures), pageFile)); err != nil {
		return Result{}, err
	}
	ready, err := out.stage()
	if err != nil {
		return Result{}, err
	}
	defer ready.close()
	res := Result{LUNs: len(d.luns), Pictures: len(pictures), Warnings: d.warnings}
	if res.Files, err = d.drawAll(ctx, &ready.folder, pictures, fonts); err != nil {
		return res, err
	}
	res.Files = append([]string{pageFile, numbersFile}, res.Files...)
	if err := writeText(&ready.folder, d, pictures, d.beside(out.path)); err != nil {
		return res, err
	}
	if err := out.take(ctx, ready, res.Files); err != nil {
		return res, err
	}
	res.Warnings = append(res.Warnings, d.index(o.Out)...)
	o.Progress(Drawing, len(pictures)+1, len(pictures)+1)
	if o.Mail != nil {
		fonts.Instead = d.instead(fonts, "png")
		if res.Mail, err = d.mail(fonts); err != nil {
			return res, fmt.Errorf("the report's mail: %w", err)
		}
	}
	return res, nil
}

// drawAll draws the pictures into their files, and gives the names of those that it wrote.
func (d *data) drawAll(ctx context.Context, out *folder, pictures []picture, fonts *draw.Fonts) (files []string, err error) {
	o := &d.opt
	var memory draw.Memory
	for n := range pictures {
		p := &pictures[n]
		m := medium{fonts: fonts, made: o.made(), level: cmp.Or(o.level, p.level(len(d.luns))), memory: &memory}
		o.Progress(Drawing, n, len(pictures)+1)
		for _, m := range o.media(m) {
			if err := ctx.Err(); err != nil {
				return files, err
			}
			fonts.Instead = d.instead(fonts, m.format)
			file := p.on(m)
			if err := out.fill(file, p.written(d, m)); err != nil {
				return files, fmt.Errorf("%s: %w", file, err)
			}
			files = append(files, file)
		}
	}
	return files, nil
}

// Numbers writes to w what [Report] writes as report.json, and draws nothing. Its
// warnings are those of a report's Result.
func Numbers(ctx context.Context, src Source, o Options, w io.Writer) ([]series.Warning, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	d, err := gather(ctx, src, o)
	if err != nil {
		return nil, err
	}
	if err := d.writeJSON(w); err != nil {
		return nil, fmt.Errorf("writing the numbers: %w", err)
	}
	return d.warnings, nil
}

// names are the files of pictures.
func (d *data) names(pictures []picture) (names []string) {
	for i := range pictures {
		for _, m := range d.opt.media(medium{}) {
			names = append(names, pictures[i].on(m))
		}
	}
	return names
}

// writeText writes the numbers and the page.
func writeText(out *folder, d *data, pictures []picture, beside weeksBeside) error {
	if err := out.fill(numbersFile, d.writeJSON); err != nil {
		return fmt.Errorf("%s: %w", numbersFile, err)
	}
	page, err := d.page(pictures, beside)
	if err == nil {
		err = out.write(pageFile, page)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", pageFile, err)
	}
	return nil
}

// picture is one file to draw.
type picture struct {
	file string // in the format that the page shows
	name string // what it shows, for the page
	lun  *lun   // whose picture it is; nil: everybody's
	draw func(*data, medium) vg.CanvasWriterTo

	width, height int // in pixels, once it is drawn
}

// written draws the picture and returns what writes it.
func (p *picture) written(d *data, m medium) func(io.Writer) error {
	c := p.draw(d, m)
	if w, h := c.Size(); m.scale <= 1 {
		p.width, p.height = int(w), int(h)
	}
	return func(w io.Writer) error {
		_, err := c.WriteTo(w)
		return err
	}
}

// in is the name of the file in a format.
func (p *picture) in(format string) string {
	return strings.TrimSuffix(p.file, filepath.Ext(p.file)) + "." + format
}

// on is the name of its file on a medium.
func (p *picture) on(m medium) string {
	file := p.in(m.format)
	if m.scale > 1 {
		file = strings.TrimSuffix(file, "."+m.format) + sharpEnd + "." + m.format
	}
	return file
}

// pictureFiles are the pictures' files in the format that the page shows.
func (d *data) pictureFiles() []string {
	var out []string
	for _, p := range d.pictures() {
		out = append(out, p.file)
	}
	return out
}

// pictures are all pictures of the report, in the order of the page.
func (d *data) pictures() []picture {
	ext := "." + d.opt.shown()
	list := []picture{
		{file: weekPicture + ext, name: "Trouble", draw: drawWeek},
		{file: "disk-io" + ext, name: "I/O operations by LUN", draw: drawIO},
		{file: "disk-busy" + ext, name: "Busy time by LUN", draw: drawBusy},
	}
	if d.anySpace() {
		list = append(list, picture{file: "disk-space" + ext, name: "Space used", draw: drawSpace})
	}
	for _, l := range d.luns {
		list = append(list, picture{
			file: l.file, name: l.title, lun: l,
			draw: func(d *data, m medium) vg.CanvasWriterTo { return drawLUN(d, m, l) },
		})
	}
	return list
}
