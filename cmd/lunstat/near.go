package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// near gives the candidates that somebody who typed word may have meant, the
// nearest first, three at most: those that contain it, and those that a few slips
// of the finger make of it (two in a short word, as two letters that changed
// places are two; a quarter of the letters and one in a long one).
func near(word string, candidates []string) []string {
	type found struct {
		name     string
		distance int
	}
	var list []found
	folded := strings.ToLower(word)
	for _, name := range candidates {
		d := levenshtein.ComputeDistance(folded, strings.ToLower(name))
		contains := len(word) > 1 && strings.Contains(strings.ToLower(name), folded)
		short := min(len(word), len(name))
		if contains || d <= max(1, min(short/2, short/4+1)) {
			list = append(list, found{name, d})
		}
	}
	slices.SortStableFunc(list, func(a, b found) int { return cmp.Compare(a.distance, b.distance) })
	var names []string
	for _, f := range list[:min(len(list), 3)] {
		names = append(names, f.name)
	}
	return names
}
