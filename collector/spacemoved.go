package collector

import "lunstat/collector/series"

// spaceMoved is the share of a filesystem's size by which its use moves before it is
// stored between times.
const spaceMoved = 0.001

// movedSpaces are the spaces that this minute stores: all where it is time, else those
// that moved since they were last stored.
func movedSpaces(now, last []series.KeySpace, due bool) []series.KeySpace {
	if due {
		return now
	}
	stored := make(map[series.Key]series.Space, len(last))
	for _, s := range last {
		stored[s.Key] = s.Space
	}
	var moved []series.KeySpace
	for _, s := range now {
		was, ok := stored[s.Key]
		if !ok || was.SizeBytes != s.SizeBytes || apart(was.UsedBytes, s.UsedBytes) >= spaceMoved*float64(s.SizeBytes) ||
			apart(was.InodesUsed, s.InodesUsed) > spaceMoved*float64(s.Inodes) {
			moved = append(moved, s)
		}
	}
	return moved
}

// apart is the distance between two figures.
func apart(a, b uint64) float64 {
	if a < b {
		a, b = b, a
	}
	return float64(a - b)
}

// lastStored is what was last stored of each LUN.
func lastStored(last, now []series.KeySpace) []series.KeySpace {
	at := make(map[series.Key]int, len(last))
	all := append([]series.KeySpace(nil), last...)
	for i, s := range all {
		at[s.Key] = i
	}
	for _, s := range now {
		if i, ok := at[s.Key]; ok {
			all[i] = s
		} else {
			all = append(all, s)
		}
	}
	return all
}
