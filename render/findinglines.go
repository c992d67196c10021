package render

import (
	"fmt"
	"slices"

	"lunstat/render/facts"
)

// mostFindings is how many findings stand over a picture.
const mostFindings = 3

// findingLines are what somebody should know first: of a LUN or, of nil, of all. The page
// has the rest.
func (d *data) findingLines(l *lun) []finding {
	var out []finding
	left := 0
	for _, f := range d.findings {
		if l != nil && (f.Of < 0 || d.luns[f.Of] != l) {
			continue
		}
		if len(out) == mostFindings {
			left++
			continue
		}
		out = append(out, finding{visible(f.Text), inTrouble(f.Kind)})
	}
	switch {
	case left > 0:
		out = append(out, finding{text: fmt.Sprintf("and %d more, see the page", left)})
	case l == nil && !slices.ContainsFunc(out, func(f finding) bool { return f.alarm }):
		out = append([]finding{{text: "No LUN was slow, stalled, gone or nearly full."}}, out...)
	}
	return out
}

// inTrouble reports that a LUN with a finding of such a kind is drawn first and in full
// colour. The rest is worth knowing, and no trouble.
func inTrouble(k facts.Kind) bool {
	switch k {
	case facts.KindSlow, facts.KindStalled, facts.KindFull, facts.KindGone, facts.KindPaths, facts.KindReadOnly:
		return true
	}
	return false
}

// troubled gives each LUN in trouble its place by the weight of its findings, from 1.
func (d *data) troubled() map[*lun]int {
	out := map[*lun]int{}
	for _, f := range d.findings {
		if f.Of >= 0 && inTrouble(f.Kind) && out[d.luns[f.Of]] == 0 {
			out[d.luns[f.Of]] = len(out) + 1
		}
	}
	return out
}
