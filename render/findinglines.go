package render

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot/vg"

	"lunstat/render/draw"
	"lunstat/render/facts"
)

// mostFindings is how many findings a picture shows above its frames.
const mostFindings = 3

// mostFindingLines is how many lines they take at most, whatever their names.
const mostFindingLines = 8

// findingLines are what somebody should know first: of a LUN or, of nil, of all; of some
// kinds or, of none, of all kinds. The page has the rest.
func (d *data) findingLines(l *lun, kinds ...facts.Kind) []finding {
	var out []finding
	left := 0
	for _, f := range facts.LeadingOf(d.findings, kinds...) {
		if l != nil && (f.Of < 0 || d.luns[f.Of] != l) {
			continue
		}
		if len(out) == mostFindings {
			left++
			continue
		}
		out = append(out, finding{visible(f.Text), f.Of >= 0 && f.Troubling()})
	}
	switch {
	case left > 0:
		out = append(out, finding{text: fmt.Sprintf("and %d more, see the page", left)})
	case d.intervals == 0 && l == nil && kinds == nil:
		out = append([]finding{{text: "Nothing is known of I/O in this range."}}, out...)
	case l == nil && kinds == nil && !slices.ContainsFunc(out, func(f finding) bool { return f.alarm }):
		out = append([]finding{{text: "No LUN was slow, stalled, gone or nearly full."}}, out...)
	}
	return out
}

// troubled gives each LUN in trouble its place by the weight of its findings, from 1. A
// full filesystem doesn't count here, because it says nothing about I/O: the picture of
// space has it first.
func (d *data) troubled() map[*lun]int {
	out := map[*lun]int{}
	for _, f := range d.findings {
		if f.Of >= 0 && f.Troubling() && f.Kind != facts.KindFull && out[d.luns[f.Of]] == 0 {
			out[d.luns[f.Of]] = len(out) + 1
		}
	}
	return out
}

// wrapped breaks findings into lines of so many pixels, between words and not between a
// figure and its unit: in a narrow picture the end of one says how bad it was.
func wrapped(f *draw.Fonts, all []finding, width int) []finding {
	var out []finding
	for _, one := range all {
		line := ""
		for _, word := range unbroken(one.text) {
			next := word
			if line != "" {
				next = line + " " + word
			}
			if line != "" && f.Width(next, draw.Bold(textSize)) > vg.Length(width) {
				out = append(out, finding{line, one.alarm})
				next = "   " + word
			}
			line = next
		}
		out = append(out, finding{line, one.alarm})
	}
	return out[:min(len(out), mostFindingLines)]
}
