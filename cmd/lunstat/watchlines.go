package main

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize/english"
	"github.com/mattn/go-runewidth"

	"lunstat/collector/series"
)

// frame is the table as lines of a screen.
func (t *watchTable) frame(width, height int) []string {
	rows := t.shown()
	body := max(height-3, 1)
	t.top = max(0, min(t.top, len(rows)-body))
	end := min(len(rows), t.top+body)
	columns, names, graph := t.layout(rows, width)
	t.sortable = []int{0, 1}
	for _, c := range columns {
		t.sortable = append(t.sortable, columnNamed(c.name))
	}
	lines := []string{fitTo(t.headline(len(rows)), width), t.heading(columns, names, graph, width)}
	for _, r := range rows[t.top:end] {
		lines = append(lines, r.line(columns, names, graph, width))
	}
	for len(lines) < height-1 {
		lines = append(lines, "")
	}
	return append(lines[:height-1], fitTo(t.foot(t.top, end, len(rows)), width))
}

func (t *watchTable) headline(n int) string {
	what := "LUN"
	if t.layers != "luns" {
		what = "device"
	}
	if t.at.IsZero() { // what isn't known yet is not 0
		return clean(t.host) + "  no interval yet"
	}
	s := fmt.Sprintf("%s  %s  interval %.1f s  %s", clean(t.host), t.at.In(t.zone).Format("15:04:05"), t.took.Seconds(), english.Plural(n, what, ""))
	if t.stopped {
		s += "  STOPPED"
	}
	return s
}

func (t *watchTable) foot(from, to, all int) string {
	if t.typing {
		return "filter: " + clean(t.filter) + "_"
	}
	s := "q quit  left/right sort  r reverse  / filter  l layers  space stop"
	if t.filter != "" {
		s = "filter: " + clean(t.filter) + "  " + s
	}
	if to-from < all {
		s = fmt.Sprintf("%d-%d of %d  ", from+1, to, all) + s
	}
	return s
}

// layout says which columns a screen has room for, how wide the names are, and how wide
// the graph behind them.
func (t *watchTable) layout(rows []*watchRow, width int) (columns []watchColumn, names, graph int) {
	used := 0
	for _, c := range t.columns() {
		if width >= c.least {
			columns = append(columns, c)
			used += c.width
		}
	}
	widest := len("name")
	for _, r := range rows {
		widest = max(widest, runewidth.StringWidth(r.title()))
	}
	const kernel = 9
	names = max(8, min(widest, width-kernel-used-1))
	if graph = width - kernel - names - used - 2; graph < 8 {
		graph = 0
	}
	return columns, names, min(graph, mostHistory)
}

func (t *watchTable) heading(columns []watchColumn, names, graph, width int) string {
	mark := func(i int, s string) string {
		if i == t.sort {
			return "*" + s
		}
		return s
	}
	s := fitTo(mark(0, "lun"), 8) + " " + fitTo(mark(1, "name"), names)
	for _, c := range columns {
		s += fmt.Sprintf("%*s", c.width, mark(columnNamed(c.name), c.name))
	}
	if graph > 0 {
		s += "  " + fitTo("iops, newest right", graph)
	}
	return fitTo(s, width)
}

func (r *watchRow) line(columns []watchColumn, names, graph, width int) string {
	s := fitTo(clean(r.lun.Kernel), 8) + " " + fitTo(r.title(), names)
	if !r.seen {
		return fitTo(s+"  gone, or not read", width)
	}
	for _, c := range columns {
		text := "-" // not known, or nothing was done
		if v, ok := c.value(r); ok {
			text = c.form(v)
		}
		s += fmt.Sprintf("%*s", c.width, text)
	}
	if r.last.Quality.Has(series.Stalled) {
		return fitTo(s+"  STALLED", width)
	}
	if graph > 0 {
		s += "  " + sparkline(r.history, graph)
	}
	return fitTo(s, width)
}

// fitTo makes a text exactly so many columns of a terminal wide.
func fitTo(s string, width int) string {
	return runewidth.FillRight(runewidth.Truncate(s, width, "…"), width)
}

// lines are the rows that did something, for a file or a pipe.
func (t *watchTable) lines() string {
	var b strings.Builder
	columns := t.columns()
	fmt.Fprintf(&b, "%s\n%-9s%-32s", t.at.In(t.zone).Format("2006-01-02 15:04:05"), "lun", "name")
	for _, c := range columns {
		fmt.Fprintf(&b, " %8s", c.name)
	}
	b.WriteByte('\n')
	for _, r := range t.shown() {
		if n, ok := r.last.Total(); r.seen && ok && n == 0 && r.last.Inflight == 0 {
			continue
		}
		fmt.Fprintf(&b, "%-9s%-32s", clean(r.lun.Kernel), strings.ReplaceAll(clean(r.lun.Name()), " ", `\x20`))
		for _, c := range columns {
			text := "-"
			if v, ok := c.value(r); ok && r.seen {
				text = c.form(v)
			}
			fmt.Fprintf(&b, " %8s", text)
		}
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	return b.String()
}

// sparkline draws the newest n figures, each as a bar; one that is not known is a blank.
func sparkline(figures []float64, n int) string {
	figures = figures[max(0, len(figures)-n):]
	top := 0.0
	for _, v := range figures {
		top = max(top, v)
	}
	bars := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", n-len(figures)))
	for _, v := range figures {
		switch {
		case v < 0:
			b.WriteByte(' ')
		case top == 0:
			b.WriteRune(bars[0])
		default:
			b.WriteRune(bars[min(int(v/top*float64(len(bars))), len(bars)-1)])
		}
	}
	return b.String()
}
