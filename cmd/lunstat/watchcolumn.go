package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"lunstat/collector/series"
)

// watchColumn is a column of figures. Widths are in columns of the terminal.
type watchColumn struct {
	name  string
	width int
	least int // a screen less wide doesn't show it
	value func(r *watchRow) (v float64, ok bool)
	form  func(v float64) string
}

// The columns to sort by are the two before the figures, and then watchColumns.
const (
	sortByLUN = iota
	sortByName
	firstFigure
)

// watchColumns are the columns of figures, from left to right.
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

// columnNamed is a column to sort by, sortByLUN or above; -1: none has that name.
func columnNamed(name string) int {
	switch name {
	case "lun":
		return sortByLUN
	case "name":
		return sortByName
	}
	i := slices.IndexFunc(watchColumns(), func(c watchColumn) bool { return c.name == name })
	if i < 0 {
		return -1
	}
	return firstFigure + i
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

// p99Column is shown if some LUN has a histogram of each I/O.
const p99Column = "p99"

// p99 is the bound in ms below which 99 of 100 I/Os were; +Inf: more than 1 in 100 took
// longer than the last bound.
func p99(r *watchRow) (float64, bool) {
	if r.last.Latency == nil {
		return 0, false
	}
	b, ok := r.last.Latency.Quantile(0.99)
	if ok && b.Above() {
		return math.Inf(1), true
	}
	return float64(b.Upper) / float64(time.Millisecond), ok
}

func p99Form(ms float64) string {
	if math.IsInf(ms, 1) {
		bounds := series.Bounds()
		return fmt.Sprintf(">%d", bounds[len(bounds)-1].Milliseconds())
	}
	return fmt.Sprintf("<%g", ms)
}
