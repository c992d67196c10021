package mapper

import "slices"

// What the tests ask for in one call, and the program in several.

// Host reads a host's devices and sorts them.
func Host(p Paths, counted []Counted, rules []Rule) (devs []LUN, problems []error) {
	devs, problems = Devices(p, counted)
	use, more := ReadUse(p)
	problems = append(problems, more...)
	return devs, append(problems, Classify(devs, use, rules)...)
}

// Devices are the devices of a host on which no run went before. One that can't be
// read stays, unlike in [DevicesAfter].
func Devices(p Paths, counted []Counted) (devs []LUN, problems []error) {
	s := newScan(p, counted)
	s.read(counted)
	if s.why != nil {
		s.problems = append(s.problems, &UnreadError{Err: s.why})
	}
	return s.devs, s.problems
}

// ReadUse reads and parses the files of what is in use.
func ReadUse(p Paths) (Use, []error) {
	files := ReadUseFiles(p)
	return files.Use()
}

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
