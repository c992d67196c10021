package mapper

import "slices"

// Changed reports whether a LUN is no longer what the ledger says about it. Some fields
// come and go by themselves and don't count: Suspended, StatsOff, DiskSeq, the paths'
// states.
func Changed(was, is *LUN) bool {
	return !sameFacts(was, is) ||
		was.Reach != is.Reach || was.ReachFrom != is.ReachFrom || !slices.Equal(was.SAN, is.SAN) ||
		!slices.Equal(was.Slaves, is.Slaves) ||
		!slices.Equal(was.Holders, is.Holders) ||
		!sameSet(was.Mounts, is.Mounts) ||
		!sameSet(stateless(was.Paths), stateless(is.Paths))
}

// Noteworthy reports whether the ledger writes something about a LUN: it [Changed], or a
// path of it went down or came up again. A report says from when to when that was.
func Noteworthy(was, is *LUN) bool {
	return Changed(was, is) || slices.ContainsFunc(is.Paths, func(p Path) bool {
		return slices.ContainsFunc(was.Paths, func(q Path) bool { return p.Kernel == q.Kernel && p.Down() != q.Down() })
	})
}

func sameFacts(a, b *LUN) bool {
	return a.Kernel == b.Kernel && a.Dev == b.Dev && a.ID == b.ID && a.UUID == b.UUID &&
		a.DMName == b.DMName && a.VG == b.VG && a.LV == b.LV && a.WWID == b.WWID && a.Serial == b.Serial && a.HCTL == b.HCTL &&
		a.SizeBytes == b.SizeBytes && a.Layer == b.Layer && a.Role == b.Role && a.RoleFrom == b.RoleFrom &&
		a.Label == b.Label && a.Group == b.Group && a.Swap == b.Swap && a.Pool == b.Pool && a.Ignored == b.Ignored &&
		a.Colour == b.Colour && a.Limits == b.Limits
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
