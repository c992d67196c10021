package mapper

import "slices"

// Change is a LUN that the ledger knew otherwise.
type Change struct {
	Was, Is LUN
}

// Difference is what the ledger has to be told of a new mapping.
type Difference struct {
	Gone    []LUN
	Added   []LUN
	Changed []Change
}

// Changes compares two mappings of one host by identity. Where devices share an
// identity, those that kept the kernel's name belong together, then the others
// in their order.
func Changes(was, is []LUN) (d Difference) {
	old := make(map[ID][]int, len(was))
	for i := range was {
		old[was[i].ID] = append(old[was[i].ID], i)
	}
	match := make([]int, len(is))
	take := func(j int, fits func(i int) bool) {
		list := old[is[j].ID]
		if k := slices.IndexFunc(list, fits); k >= 0 {
			match[j] = list[k]
			old[is[j].ID] = slices.Delete(slices.Clone(list), k, k+1)
		}
	}
	for j := range is {
		match[j] = -1
		take(j, func(i int) bool { return was[i].Kernel == is[j].Kernel })
	}
	for j := range is {
		if match[j] < 0 {
			take(j, func(int) bool { return true })
		}
		switch i := match[j]; {
		case i < 0:
			d.Added = append(d.Added, is[j])
		case Changed(&was[i], &is[j]):
			d.Changed = append(d.Changed, Change{Was: was[i], Is: is[j]})
		}
	}
	for i := range was {
		if slices.Contains(old[was[i].ID], i) {
			d.Gone = append(d.Gone, was[i])
		}
	}
	return d
}

// Changed reports that a LUN is no longer what the ledger says of it. What comes
// and goes by itself is no change: Suspended, StatsOff, DiskSeq, the paths'
// states.
func Changed(was, is *LUN) bool {
	return !sameFacts(was, is) ||
		was.Reach != is.Reach || was.ReachFrom != is.ReachFrom || !slices.Equal(was.SAN, is.SAN) ||
		!slices.Equal(was.Slaves, is.Slaves) ||
		!slices.Equal(was.Holders, is.Holders) ||
		!sameSet(was.Mounts, is.Mounts) ||
		!sameSet(stateless(was.Paths), stateless(is.Paths))
}

func sameFacts(a, b *LUN) bool {
	return a.Kernel == b.Kernel && a.Dev == b.Dev && a.ID == b.ID && a.UUID == b.UUID &&
		a.DMName == b.DMName && a.VG == b.VG && a.LV == b.LV && a.WWID == b.WWID && a.Serial == b.Serial &&
		a.SizeBytes == b.SizeBytes && a.Layer == b.Layer && a.Role == b.Role && a.RoleFrom == b.RoleFrom &&
		a.Label == b.Label && a.Group == b.Group && a.Swap == b.Swap && a.Pool == b.Pool && a.Ignored == b.Ignored
}

// sameSet compares without regard to order; the lists are short.
func sameSet[T comparable](a, b []T) bool {
	return len(a) == len(b) && within(a, b) && within(b, a)
}

func within[T comparable](a, b []T) bool {
	for _, x := range a {
		if !slices.Contains(b, x) {
			return false
		}
	}
	return true
}

func stateless(paths []Path) []Path {
	paths = slices.Clone(paths)
	for i := range paths {
		paths[i].State = ""
	}
	return paths
}
