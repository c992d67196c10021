package main

import (
	"slices"
	"strings"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// watchRow is one LUN with its last interval.
type watchRow struct {
	lun     mapper.LUN
	last    series.Interval
	seen    bool      // in the last interval
	peak    float64   // the most I/O per second since watch began
	history []float64 // I/O per second, the newest last; below 0: unknown
}

// mostHistory is what the widest graph shows.
const mostHistory = 240

// add appends to the graph; ok is false where the I/O per second is not known.
func (r *watchRow) add(iops float64, ok bool) {
	if !ok {
		iops = -1
	}
	r.peak = max(r.peak, iops)
	if r.history = append(r.history, iops); len(r.history) > mostHistory {
		r.history = slices.Delete(r.history, 0, len(r.history)-mostHistory)
	}
}

// forgotten reports that nothing is known of the LUN for as long as the graph reaches.
func (r *watchRow) forgotten() bool {
	return !slices.ContainsFunc(r.history, func(v float64) bool { return v >= 0 })
}

// has reports whether one of the LUN's names has a text in it, in capitals or not.
func (r *watchRow) has(text string) bool {
	text = strings.ToLower(text)
	l := &r.lun
	names := append([]string{l.Kernel, l.DMName, l.Title(), l.Group, l.Role}, points(l)...)
	return text == "" || slices.ContainsFunc(names, func(s string) bool { return strings.Contains(strings.ToLower(s), text) })
}

// title is the name that a line has room for: what people call the LUN, and its dm name.
func (r *watchRow) title() string {
	title := r.lun.Title()
	if name := r.lun.Name(); name != title && name != r.lun.Kernel {
		title += " (" + name + ")"
	}
	return clean(title)
}
