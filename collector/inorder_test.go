package collector

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Whatever is asked for, in whatever order, is found as in a plain list.
func TestInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfDistinct(rapid.IntRange(0, 60), rapid.ID[int]).Draw(t, "all")
		if rapid.Bool().Draw(t, "sorted") {
			slices.Sort(all)
		}
		o := inOrder[int]{n: len(all), key: func(i int) int { return all[i] }}
		asked := rapid.SliceOf(rapid.IntRange(0, 60)).Draw(t, "asked")
		if rapid.Bool().Draw(t, "asked in order") {
			slices.Sort(asked)
		}
		for _, k := range asked {
			want := slices.Index(all, k)
			if i, ok := o.find(k); ok != (want >= 0) || ok && i != want {
				t.Fatalf("%d among %v: %d, %v", k, all, i, ok)
			}
		}
	})
}
