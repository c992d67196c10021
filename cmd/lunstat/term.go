package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"lunstat/cmd/lunstat/when"
	"lunstat/collector/series"
)

// output is standard output. It remembers what went wrong first, so that a text which a
// full disk swallowed doesn't count as printed.
type output struct {
	file *os.File
	err  error
}

func (o *output) Write(b []byte) (int, error) {
	n, err := o.file.Write(b)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

func (o *output) Fd() uintptr { return o.file.Fd() }

// failed is what went wrong at writing to w, if w knows.
func failed(w io.Writer) error {
	if o, ok := w.(*output); ok && o.err != nil {
		return fmt.Errorf("writing the answer: %w", o.err)
	}
	return nil
}

// descriptor is what files and output have.
type descriptor interface{ Fd() uintptr }

// isTerminal reports whether somebody sits in front of what is written to w.
func isTerminal(w any) bool {
	f, ok := w.(descriptor)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width is the number of columns of a terminal, 0 for anything else.
func width(w io.Writer) int {
	if f, ok := w.(descriptor); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
			return columns
		}
	}
	return 0
}

// printTable writes rows in lunstat's one style: a line below the header and two
// spaces between columns. It is as wide as its contents, because a name that was
// cut can't be pasted. Columns count as a terminal has them: 日本 takes four, which
// text/tabwriter doesn't know. Names must go through clean first.
func printTable(w io.Writer, head []string, rows [][]string) error {
	const between = "  "
	widths := columnWidths(append([][]string{head}, rows...))
	line := func(cells []string) string {
		var b strings.Builder
		for c, cell := range cells {
			b.WriteString(runewidth.FillRight(cell, widths[c]) + between)
		}
		return strings.TrimRight(b.String(), " ") + "\n"
	}
	text := line(head)
	total := 0
	for _, n := range widths {
		total += n + len(between)
	}
	text += strings.Repeat("-", total) + "\n"
	for _, r := range rows {
		text += line(r)
	}
	_, err := io.WriteString(w, text)
	return err
}

// columnWidths are how many columns of a terminal each column of a table takes.
func columnWidths(rows [][]string) (widths []int) {
	for _, r := range rows {
		for c, cell := range r {
			if c == len(widths) {
				widths = append(widths, 0)
			}
			widths[c] = max(widths[c], runewidth.StringWidth(cell))
		}
	}
	return widths
}

// size is a number of bytes as people read it, in powers of 1024 everywhere
// (GiB), as df -h, lvs and the arrays count; "61 GiB".
func size(bytes uint64) string { return humanize.IBytes(bytes) }

// age is how long ago something was, in its largest unit: "42 s ago". What lies
// ahead, after a step of the clock, says so.
func age(d time.Duration) string {
	if d < 0 {
		return "in " + span(-d)
	}
	return span(d) + " ago"
}

// span is a duration in its largest unit that it fills twice, "90 s", "5 min",
// "3 h", "35 d".
func span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 2*when.Day:
		return fmt.Sprintf("%d h", d/time.Hour)
	default:
		return fmt.Sprintf("%d d", d/when.Day)
	}
}

// clean makes a text from outside (a name, a mount point, an error's words) safe
// to print.
func clean(s string) string { return series.Plain(s) }

// bar is a progress bar on a terminal, and nothing at all elsewhere.
type bar struct {
	progress *mpb.Progress
	bar      *mpb.Bar
}

// newBar begins a bar of total steps. Every bar must be ended with Done.
func newBar(w io.Writer, label string, total int) *bar {
	if !isTerminal(w) {
		return &bar{}
	}
	p := mpb.New(mpb.WithOutput(w), mpb.WithWidth(60))
	return &bar{p, p.AddBar(int64(total),
		mpb.PrependDecorators(decor.Name(clean(label))),
		mpb.AppendDecorators(decor.Percentage()))}
}

// Step moves the bar by one.
func (b *bar) Step() {
	if b.bar != nil {
		b.bar.Increment()
	}
}

// To moves the bar to a step.
func (b *bar) To(n int) {
	if b.bar != nil {
		b.bar.SetCurrent(int64(n))
	}
}

// Done ends the bar where it is and leaves the line to others.
func (b *bar) Done() {
	if b.bar != nil {
		b.bar.Abort(false)
		b.progress.Wait()
	}
}
