package mapper

import "slices"

// Ambiguous reports whether the devices that a token names are different storage, so that
// nobody can tell which one is meant: the kernel's dm-8 and a map that somebody called
// dm-8, or two disks with one serial. It is one thing if each of them is a path of one
// LUN, or if they rest on each other: a map and the disk whose serial is its name.
func Ambiguous(devs, found []LUN) bool {
	if len(found) < 2 {
		return false
	}
	x := newIndex(devs)
	for i := range found {
		for j := range found[:i] {
			a, b := &found[i], &found[j]
			if !sameWWID(a.WWID, PlainWWID(b.WWID)) && !x.isOn(a, b) && !x.isOn(b, a) {
				return true
			}
		}
	}
	return false
}

// isOn reports whether a device is somewhere below another one.
func (x *index) isOn(upper, lower *LUN) bool {
	seen := make(map[string]bool) // torn facts may make a ring
	below := slices.Clone(upper.Slaves)
	for len(below) > 0 {
		name := below[len(below)-1]
		below = below[:len(below)-1]
		if name == lower.Kernel {
			return true
		}
		if i, known := x.kernel[name]; known && !seen[name] {
			seen[name] = true
			below = append(below, x.devs[i].Slaves...)
		}
	}
	return false
}

// Token is what to type for a device so that [Find] gives it alone: its name, or its
// node in /dev.
func Token(devs []LUN, l *LUN) string {
	for _, what := range []string{l.Name(), "/dev/" + l.Kernel} {
		if found, err := Find(devs, what, Paths{}); err == nil && len(found) == 1 {
			return what
		}
	}
	return string(l.ID)
}
