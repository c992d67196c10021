package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/mattn/go-runewidth"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// watchTable is what watch shows: a line for each LUN, and how they are sorted and
// filtered.
type watchTable struct {
	host     string
	zone     *time.Location
	sort     int
	turned   bool // the smallest first
	filter   string
	layers   string
	top      int // lines that are scrolled away
	stopped  bool
	sortable []int // the columns on the screen
	typing   bool  // the filter is being typed

	at   time.Time
	took time.Duration // of the last interval
	rows map[series.Key]*watchRow
}

// watchRow is one LUN.
type watchRow struct {
	lun     mapper.LUN
	last    series.Interval
	seen    bool // in the last interval
	peak    float64
	history []float64 // I/O per second, the newest last; below 0: unknown
}

// mostHistory is what the widest graph shows.
const mostHistory = 240

// watchColumn is a column of the table.
type watchColumn struct {
	name  string
	width int
	least int // width of the screen from which on it is shown
	value func(r *watchRow) (float64, bool)
	form  func(v float64) string
}

// watchColumns are those with a figure; before them are the LUN and its name.
func watchColumns() []watchColumn {
	of := func(f func(i *series.Interval) (float64, bool)) func(r *watchRow) (float64, bool) {
		return func(r *watchRow) (float64, bool) { return f(&r.last) }
	}
	mb := func(f func(i *series.Interval) (float64, bool)) func(r *watchRow) (float64, bool) {
		return func(r *watchRow) (float64, bool) { v, ok := f(&r.last); return v / 1e6, ok }
	}
	return []watchColumn{
		{"iops", 7, 0, of((*series.Interval).IOPS), shortCount},
		{"r/s", 7, 96, of((*series.Interval).ReadIOPS), shortCount},
		{"w/s", 7, 96, of((*series.Interval).WriteIOPS), shortCount},
		{"rMB/s", 7, 72, mb((*series.Interval).ReadBytesPerS), shortCount},
		{"wMB/s", 7, 72, mb((*series.Interval).WriteBytesPerS), shortCount},
		{"r_await", 8, 48, of((*series.Interval).ReadAwait), millis},
		{"w_await", 8, 48, of((*series.Interval).WriteAwait), millis},
		{p99Column, 8, 80, p99, p99Form},
		{"queue", 7, 112, of((*series.Interval).Queue), shortCount},
		{"util", 6, 40, of((*series.Interval).Util), func(v float64) string { return fmt.Sprintf("%.0f%%", v) }},
		{"peak", 7, 120, func(r *watchRow) (float64, bool) { return r.peak, len(r.history) > 0 }, shortCount},
	}
}

// columnNamed is the place of a column by which the table can be sorted: 0 is the LUN,
// 1 its name; -1: there is none of that name.
func columnNamed(name string) int {
	if name == "lun" || name == "name" {
		return slices.Index([]string{"lun", "name"}, name)
	}
	i := slices.IndexFunc(watchColumns(), func(c watchColumn) bool { return c.name == name })
	if i < 0 {
		return i
	}
	return i + 2
}

func columnNames() string {
	names := []string{"lun", "name"}
	for _, c := range watchColumns() {
		names = append(names, c.name)
	}
	return strings.Join(names, ", ")
}

// shortCount is a figure in at most 6 characters: 0.4, 12, 1234, 56.8k, 1.2M.
func shortCount(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 10:
		return fmt.Sprintf("%.1f", v)
	case v < 10_000:
		return fmt.Sprintf("%.0f", v)
	case v < 999_950:
		return fmt.Sprintf("%.1fk", v/1e3)
	}
	return fmt.Sprintf("%.1fM", v/1e6)
}

// take takes what a reading closed.
func (t *watchTable) take(m *series.Minute) {
	if t.rows == nil {
		t.rows = map[series.Key]*watchRow{}
	}
	for _, r := range t.rows {
		r.seen = false
	}
	luns := map[mapper.ID]mapper.LUN{}
	for i := range m.State.Mapping {
		luns[m.State.Mapping[i].ID] = m.State.Mapping[i]
	}
	t.at = m.Run.At.Wall
	for i := range m.Intervals {
		x := &m.Intervals[i]
		r := t.rows[x.Key]
		if r == nil {
			r = &watchRow{}
			t.rows[x.Key] = r
		}
		if lun, ok := luns[x.Key.ID]; ok {
			r.lun = lun
		}
		r.last, r.seen = x.Interval, true
		t.took = time.Duration(x.ElapsedMS) * time.Millisecond
		r.add(x.IOPS())
	}
	for k, r := range t.rows {
		if !r.seen {
			if r.add(0, false); r.idleFor() {
				delete(t.rows, k) // gone for as long as its graph reaches
			}
		}
	}
}

func (r *watchRow) add(iops float64, ok bool) {
	if !ok {
		iops = -1
	}
	r.peak = max(r.peak, iops)
	if r.history = append(r.history, iops); len(r.history) > mostHistory {
		r.history = slices.Delete(r.history, 0, len(r.history)-mostHistory)
	}
}

func (r *watchRow) idleFor() bool {
	return !slices.ContainsFunc(r.history, func(v float64) bool { return v >= 0 })
}

// shown are the rows that the filter and the layers let through, in their order.
func (t *watchTable) shown() (rows []*watchRow) {
	kept := map[mapper.ID]bool{}
	var luns []mapper.LUN
	for _, r := range t.rows {
		luns = append(luns, r.lun)
	}
	for _, l := range mapper.Stored(luns, t.layers) {
		kept[l.ID] = true
	}
	for _, r := range t.rows {
		if kept[r.lun.ID] && r.has(t.filter) {
			rows = append(rows, r)
		}
	}
	columns := watchColumns()
	slices.SortFunc(rows, func(a, b *watchRow) int {
		by := 0
		switch {
		case t.sort == 1:
			by = cmp.Compare(a.lun.Name(), b.lun.Name())
		case t.sort > 1:
			x, hasX := columns[t.sort-2].value(a)
			y, hasY := columns[t.sort-2].value(b)
			if !hasX {
				x = -1
			}
			if !hasY {
				y = -1
			}
			by = cmp.Compare(y, x) // the largest first
		}
		if t.turned {
			by = -by
		}
		return cmp.Or(by, byNumber(a.lun, b.lun), cmp.Compare(a.lun.Kernel, b.lun.Kernel))
	})
	if t.sort == 0 && t.turned {
		slices.Reverse(rows)
	}
	return rows
}

func (r *watchRow) has(text string) bool {
	text = strings.ToLower(text)
	l := &r.lun
	names := append([]string{l.Kernel, l.DMName, l.Title(), l.Group, l.Role}, points(l)...)
	return text == "" || slices.ContainsFunc(names, func(s string) bool { return strings.Contains(strings.ToLower(s), text) })
}

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

// title is the name that a line has room for: what people call the LUN, and its dm name.
func (r *watchRow) title() string {
	title := r.lun.Title()
	if name := r.lun.Name(); name != title && name != r.lun.Kernel {
		title += " (" + name + ")"
	}
	return clean(title)
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
