package facts

import (
	"cmp"
	"slices"
	"time"
)

// Slow is how long one LUN was slow: the time in which its read or write await
// was above its role's limit, out of the time in which it was watched.
type Slow struct {
	Slow    time.Duration
	Watched time.Duration
}

// Share is the slow part of the watched time, 0 to 1.
func (s Slow) Share() float64 {
	if s.Watched <= 0 {
		return 0
	}
	return float64(s.Slow) / float64(s.Watched)
}

// Worst are the indexes in all of the n LUNs that were slow the longest, the worst
// first. LUNs that were never slow are left out; equal ones keep their order.
func Worst(all []Slow, n int) []int {
	var out []int
	for i, s := range all {
		if s.Slow > 0 {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(all[b].Slow, all[a].Slow) })
	return out[:min(n, len(out))]
}

// Load is the I/O of a host in some stretch of time.
type Load struct {
	Middle time.Time
	Long   time.Duration
	IOPS   float64
}

// Hour is an hour of a weekday and the mean of all its occurrences in a range.
type Hour struct {
	Weekday time.Weekday
	Hour    int // 0 to 23, by the clock on the wall
	IOPS    float64
}

// BusyHour is the hour of a weekday with the highest mean, for example over all
// Mondays, so one bad day is not enough. A load belongs to the hour of its middle, in
// zone; a load longer than an hour belongs to none. ok is false if there is no load.
func BusyHour(loads []Load, zone *time.Location) (h Hour, ok bool) {
	type sum struct{ ios, seconds float64 }
	var hours [7][24]sum
	for _, l := range loads {
		if l.Long <= 0 || l.Long > time.Hour {
			continue
		}
		at := l.Middle.In(zone)
		s := &hours[at.Weekday()][at.Hour()]
		s.ios += l.IOPS * l.Long.Seconds()
		s.seconds += l.Long.Seconds()
	}
	for day := range hours {
		for hour, s := range hours[day] {
			if s.seconds == 0 {
				continue
			}
			if mean := s.ios / s.seconds; !ok || mean > h.IOPS {
				h, ok = Hour{time.Weekday(day), hour, mean}, true
			}
		}
	}
	return h, ok
}
