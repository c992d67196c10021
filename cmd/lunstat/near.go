package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// near gives the candidates that somebody who typed word may have meant, the
// nearest first, three at most: those that contain it, and those that a slip of
// the finger in every third letter or fewer makes of it.
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
		if contains || d <= max(1, min(len(word), len(name))/3) {
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
