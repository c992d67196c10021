package facts

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// Served is what a group of LUNs was asked for in some stretch of time.
type Served struct {
	Load
	Reads, Writes float64 // IOPS; NaN: not known apart
}

// Stretch is what one LUN did in some stretch of time.
type Stretch struct {
	Long time.Duration
	IOPS float64
	Slow float64 // the share of the time in which it was slow, 0 to 1
}

// Serving is a LUN of a group with all its stretches in which slow time was to be known.
type Serving struct {
	Title string
	Did   []Stretch
}

// Sizing is what a group of LUNs does for its mailboxes.
type Sizing struct {
	Group      string
	Mailboxes  int
	Busy       Hour    // the group's busy hour
	PerMailbox float64 // IOPS in the busy hour
	Reads      float64 // their share of reads and writes in that hour, 0 to 1; NaN: not known
	More       *More   // nil: there is no basis to say
}

// More is what a tenth more I/O would do to the LUN of the group that was slow longest.
type More struct {
	Title     string
	Now, Then time.Duration // slow time in the range
	AtLeast   bool          // some loads would be above all that were seen
}

// SizingOf is the sizing of a group; ok is false where nothing is known of its load.
func SizingOf(group string, mailboxes int, served []Served, luns []Serving, zone *time.Location) (s Sizing, ok bool) {
	loads := make([]Load, len(served))
	for i := range served {
		loads[i] = served[i].Load
	}
	s = Sizing{Group: group, Mailboxes: mailboxes, Reads: math.NaN()}
	if s.Busy, ok = BusyHour(loads, zone); !ok || mailboxes <= 0 || s.Busy.IOPS == 0 { // no hour is busy without I/O
		return s, false
	}
	s.PerMailbox = s.Busy.IOPS / float64(mailboxes)
	s.Reads = readsIn(s.Busy, served, zone)
	for _, l := range luns {
		if m, ok := withMore(l.Did); ok && (s.More == nil || m.Now > s.More.Now) {
			m.Title = l.Title
			s.More = &m
		}
	}
	return s, true
}

// readsIn is the share of reads in an hour of a weekday.
func readsIn(h Hour, served []Served, zone *time.Location) float64 {
	var reads, all float64
	for _, s := range served {
		at := s.Middle.In(zone)
		if at.Weekday() != h.Weekday || at.Hour() != h.Hour || s.Reads != s.Reads || s.Writes != s.Writes {
			continue
		}
		reads += s.Reads * s.Long.Seconds()
		all += (s.Reads + s.Writes) * s.Long.Seconds()
	}
	if all == 0 {
		return math.NaN()
	}
	return reads / all
}

// The effect of more load can be estimated only if the LUN was slow when it had much to
// do, and hardly ever otherwise. Else slow time caused by an array or a neighbour would
// be taken for an effect of load.
const (
	more          = 1.1
	leastObserved = 96 // stretches: a day of quarters of an hour
	leastSlow     = 8  // of them with slow time
	// leastShare is how much of the slow time's variance load has to explain. In the
	// simulated weeks it explains 0.99 where load was the cause, and up to 0.57 where
	// an array was slow in office hours.
	leastShare = 0.7
)

// withMore says how long a LUN would have been slow with a tenth more I/O in each
// stretch, by how slow it was whenever it had as much to do.
func withMore(did []Stretch) (m More, ok bool) {
	did = slices.Clone(did)
	slices.SortStableFunc(did, func(a, b Stretch) int { return cmp.Compare(a.IOPS, b.IOPS) })
	slow := 0
	for _, d := range did {
		if d.Slow > 0 {
			slow++
		}
	}
	if len(did) < leastObserved || slow < leastSlow {
		return m, false
	}
	fit := rising(did)
	if explained(did, fit) < leastShare {
		return m, false
	}
	var now, then float64
	for i, d := range did {
		at, _ := slices.BinarySearchFunc(did, d.IOPS*more, func(s Stretch, iops float64) int { return cmp.Compare(s.IOPS, iops) })
		if at == len(did) {
			at--
			m.AtLeast = m.AtLeast || fit[at] < 0.99
		}
		now += d.Slow * d.Long.Seconds()
		then += max(fit[i], fit[at]) * d.Long.Seconds()
	}
	m.Now, m.Then = seconds(now), seconds(max(now, then))
	return m, m.Now >= slowWhile
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// rising is the curve of slow shares that never falls with the load and is nearest to
// what was seen (isotonic regression, pool adjacent violators). The stretches are in
// order of load.
func rising(did []Stretch) []float64 {
	type pool struct {
		share, weight float64
		n             int
	}
	var pools []pool
	for i := 0; i < len(did); {
		p := pool{}
		for load := did[i].IOPS; i < len(did) && did[i].IOPS == load; i++ { // one load, one level
			w := did[i].Long.Seconds()
			p.share += did[i].Slow * w
			p.weight += w
			p.n++
		}
		if p.weight > 0 {
			p.share /= p.weight
		}
		for len(pools) > 0 && pools[len(pools)-1].share >= p.share {
			last := pools[len(pools)-1]
			pools = pools[:len(pools)-1]
			if w := last.weight + p.weight; w > 0 {
				p.share = (last.share*last.weight + p.share*p.weight) / w
			}
			p.weight += last.weight
			p.n += last.n
		}
		pools = append(pools, p)
	}
	out := make([]float64, 0, len(did))
	for _, p := range pools {
		for range p.n {
			out = append(out, p.share)
		}
	}
	return out
}

// explained is how much of the variance of the slow shares a curve explains, up to 1.
func explained(did []Stretch, fit []float64) float64 {
	var sum, weight float64
	for _, d := range did {
		sum += d.Slow * d.Long.Seconds()
		weight += d.Long.Seconds()
	}
	var left, all float64
	for i, d := range did {
		w := d.Long.Seconds()
		left += w * (d.Slow - fit[i]) * (d.Slow - fit[i])
		all += w * (d.Slow - sum/weight) * (d.Slow - sum/weight)
	}
	if all == 0 {
		return 0
	}
	return 1 - left/all
}

// Text is the sizing in a sentence or two.
func (s *Sizing) Text() string {
	text := fmt.Sprintf("%s: %s IOPS per mailbox in the busy hour (%s, %d to %d h: %s IOPS for %s mailboxes)",
		s.Group, significant(s.PerMailbox), s.Busy.Weekday, s.Busy.Hour, s.Busy.Hour+1, figure(s.Busy.IOPS, 1, 1), grouped(fmt.Sprint(s.Mailboxes)))
	if s.Reads == s.Reads {
		reads := math.Round(100 * s.Reads)
		text += fmt.Sprintf(", reads to writes %.0f:%.0f", reads, 100-reads)
	}
	if m := s.More; m != nil {
		about := "about "
		if m.AtLeast {
			about = "at least "
		}
		if then := coarse(m.Then); then > m.Now {
			text += fmt.Sprintf(". With 10 %% more, %s would have been slow for %s%s instead of %s", m.Title, about, Long(then), Long(m.Now))
		} else {
			text += fmt.Sprintf(". With 10 %% more, %s would have been slow for about as long as it was, %s", m.Title, Long(m.Now))
		}
	}
	return text
}

// coarse writes an estimate with only the digits that it deserves.
func coarse(d time.Duration) time.Duration {
	switch {
	case d >= 5*time.Hour:
		return d.Round(time.Hour)
	case d >= time.Hour:
		return d.Round(10 * time.Minute)
	}
	return d.Round(5 * time.Minute)
}

// significant writes a small figure with two digits, "0.032".
func significant(v float64) string {
	if v >= 1 || v <= 0 {
		return figure(v, 1, 1)
	}
	return fmt.Sprintf("%.*f", 1-int(math.Floor(math.Log10(v))), v)
}
