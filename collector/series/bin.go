package series

import (
	"cmp"
	"slices"
	"time"
)

// How bins are kept. A bin of a width closes at the first run that is in another bin
// than the run before it, see [ClosesBins]. The commit of that run writes the bins of
// all intervals that came before it and are in none yet. The run's own intervals and
// what comes after it are the tail: they are in no bin yet, see [Closing.InTail]. Who
// asks for bins gets those that were written joined with the tail, see [JoinBin]. A
// bin that closes again, after a step back of the clock, is written a second time,
// and joined with the first: merging is exact.

// Widths are the bins that every store keeps, the finest first.
func Widths() [2]time.Duration { return [2]time.Duration{15 * time.Minute, time.Hour} }

// Roll merges intervals of one series into bins: a bin is floor(End / width), and
// no interval is split. Long intervals stay apart, as they are, since they would
// flatten the bin of their end. The result is in order of End.
func Roll(in []Interval, width time.Duration) []Interval {
	var out []Interval
	bins := map[int64]int{}
	for _, i := range in {
		if i.Quality.Has(Long) {
			out = append(out, i)
			continue
		}
		n := BinOf(i.End, width)
		if at, ok := bins[n]; ok {
			out[at] = Merge(out[at], i)
			continue
		}
		i.Mean = i.means() // a bin of one interval has a largest mean, too
		bins[n] = len(out)
		out = append(out, i)
	}
	slices.SortStableFunc(out, func(a, b Interval) int {
		return cmp.Or(a.End.Compare(b.End), cmp.Compare(a.ElapsedMS, b.ElapsedMS))
	})
	return out
}

// BinOf is the number of the bin in which an interval that ends at t belongs.
func BinOf(t time.Time, width time.Duration) int64 {
	s, w := t.Unix(), int64(width/time.Second)
	n := s / w
	if s%w < 0 {
		n--
	}
	return n
}

// ClosesBins reports that a run at is closes the bins of a width that the run
// before it, at was, left open.
func ClosesBins(was, is time.Time, width time.Duration) bool {
	return BinOf(was, width) != BinOf(is, width)
}

// JoinBin puts together what was written of a bin of one series and what its tail
// has, in order of End. The result is good until the arguments are changed.
func JoinBin(written, tail []Interval, width time.Duration) []Interval {
	if len(written) == 1 && len(tail) == 0 && written[0].rolled() {
		return written // the plain case
	}
	return Roll(slices.Concat(written, tail), width)
}

// Closing is the run that closed the last bins of those whose runs close them
// together: a host and its source. The zero value is none.
type Closing struct {
	Run uint64 // its number, see [Outbound.Number]
	At  int64  // its Unix second
}

// InTail reports whether the intervals of a run are in no bin yet.
func (c Closing) InTail(run uint64) bool { return run >= c.Run }

// After reports that c closed something after what was known to be closed. The number
// decides if it says which journal it belongs to. Other numbers begin again at 1 when a
// journal is lost. A point without a number comes from an export and not from a run.
func (c Closing) After(known Closing) bool {
	if c.Run > known.Run && KnowsJournal(c.Run) {
		return true
	}
	return c.Run > known.Run && c.At >= known.At
}

// Latest is the later of the two. A clock that was set back closes earlier bins later, so
// the number decides. If neither number says which journal it belongs to, the later bin
// decides, because a journal that was lost had higher numbers.
func (c Closing) Latest(other Closing) Closing {
	later := other.At > c.At
	if KnowsJournal(max(other.Run, c.Run)) {
		later = other.Run > c.Run
	}
	if later {
		return other
	}
	return c
}
