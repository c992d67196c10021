package mapper

import (
	"cmp"
	"slices"
	"strings"
)

// Near gives the candidates that somebody who typed word may have meant: those that
// contain it, and those that differ by a few typing mistakes. It gives at most three,
// the nearest first.
func Near(word string, candidates []string) []string {
	type hit struct {
		name string
		far  int
	}
	var hits []hit
	folded := strings.ToLower(word)
	for _, name := range candidates {
		lower := strings.ToLower(name)
		far := slips(folded, lower)
		if far == tooFar && len(word) > 1 && strings.Contains(lower, folded) {
			far = len(lower) - len(folded)
		}
		if far < tooFar {
			hits = append(hits, hit{name, far})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.far, b.far) })
	var names []string
	for _, h := range hits[:min(len(hits), 3)] {
		names = append(names, h.name)
	}
	return names
}
