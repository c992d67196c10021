package collector

import "lunstat/collector/series"

// inOrder finds things by their keys. What is asked for mostly comes in the order in
// which it lies, so the next one is tried first: a map of all of them is made only where
// that fails. At 10,000 LUNs the maps of a minute cost more than its arithmetic.
type inOrder[K comparable] struct {
	n      int
	key    func(i int) K
	next   int
	places map[K]int
}

// ahead is how many are passed over to find the next: layers that are not stored.
const ahead = 8

// find gives the place of a key. Of several that have it any may be found.
func (o *inOrder[K]) find(k K) (i int, ok bool) {
	for i := o.next; i < min(o.next+ahead, o.n); i++ {
		if o.key(i) == k {
			o.next = i + 1
			return i, true
		}
	}
	if o.places == nil {
		o.places = make(map[K]int, o.n)
		for i := range o.n {
			o.places[o.key(i)] = i
		}
	}
	if i, ok = o.places[k]; ok {
		o.next = i + 1
	}
	return i, ok
}

// readingsOf finds readings by the kernel's names.
func readingsOf(readings []series.Reading) inOrder[string] {
	return inOrder[string]{n: len(readings), key: func(i int) string { return readings[i].Kernel }}
}
