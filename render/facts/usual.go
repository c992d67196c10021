package facts

import (
	"cmp"
	"math"
	"slices"
	"time"

	"lunstat/collector/series"
)

// Hours are what one LUN did in each hour of local time, over the range and the weeks
// before it.
type Hours struct {
	Zone *time.Location // nil: UTC
	list []hourSum      // in order
}

// hourSum is one hour's sums. Float32 is exact to ten millionths, and there are hundreds of
// thousands of hours. A sum is NaN where the counters of a part of the hour didn't have it.
type hourSum struct {
	at    int32   // as hourOf counts them
	known float32 // seconds
	ios   float32
	ms    float32 // of those I/Os of which it is known
	timed float32 // I/Os of which it is known how long they took

	reads, readMS, readBytes    float32
	writes, writeMS, writeBytes float32

	busyMS, queueMS float32 // of busy time, and of I/Os in flight
}

// Add adds an interval or a bin of at most an hour. Long ones say nothing about an
// hour.
func (h *Hours) Add(i *series.Interval) {
	ios, ok := i.Total()
	if !ok || i.Quality.Has(series.Long) {
		return
	}
	s := h.hour(hourOf(i.Start().Add(i.End.Sub(i.Start())/2), h.Zone))
	s.known += float32(i.ElapsedMS) / 1000
	s.ios += float32(ios)
	if await, ok := i.Await(); ok {
		s.ms += float32(await * float64(ios))
		s.timed += float32(ios)
	}
	for _, sum := range []struct {
		into *float32
		of   series.Field
	}{
		{&s.reads, series.ReadIOs}, {&s.readMS, series.ReadMS}, {&s.readBytes, series.ReadBytes},
		{&s.writes, series.WriteIOs}, {&s.writeMS, series.WriteMS}, {&s.writeBytes, series.WriteBytes},
		{&s.busyMS, series.BusyMS}, {&s.queueMS, series.QueueMS},
	} {
		v := nan32
		if n, ok := i.Get(sum.of); ok {
			v = float32(n)
		}
		*sum.into += v
	}
}

var nan32 = float32(math.NaN())

// hour is the sum of an hour; the hours of two series may come in turn.
func (h *Hours) hour(at int64) *hourSum {
	n := len(h.list)
	if n > 0 && int64(h.list[n-1].at) == at {
		return &h.list[n-1]
	}
	i, there := h.find(at)
	if !there {
		h.list = slices.Insert(h.list, i, hourSum{at: int32(at)})
	}
	return &h.list[i]
}

// find is the place of an hour. Where none is missing, that is how far it lies from the
// first one.
func (h *Hours) find(at int64) (int, bool) {
	n := len(h.list)
	switch {
	case n == 0 || at < int64(h.list[0].at):
		return 0, false
	case at > int64(h.list[n-1].at):
		return n, false
	}
	// Where no hour is missing its place is known, and otherwise it is at most so many
	// places before that as hours are missing.
	last := int(at - int64(h.list[0].at))
	missing := int(h.list[n-1].at-h.list[0].at) + 1 - n
	from := max(last-missing, 0)
	i, there := slices.BinarySearchFunc(h.list[from:min(last+1, n)], at, func(s hourSum, at int64) int { return cmp.Compare(int64(s.at), at) })
	return from + i, there
}

// get is an hour if three quarters of it or more are known.
func (h *Hours) get(at int64) (hourSum, bool) {
	i, there := h.find(at)
	if !there {
		return hourSum{}, false
	}
	return h.mostly(h.list[i])
}

// mostly is an hour with the time that passed in it; ok is false if too little is known.
func (h *Hours) mostly(s hourSum) (is hourSum, ok bool) {
	if s.known < 0.75*3600 {
		return hourSum{}, false
	}
	if at := int64(s.at); s.known > 3600 { // an hour that two hosts know, or that the clock showed twice
		s.known = min(s.known, float32(hourBegins(at+1, h.Zone).Sub(hourBegins(at, h.Zone)).Seconds()))
	}
	return s, true
}

const (
	weekHours = 7 * 24
	// UsualWeeks is how many weeks the usual is taken from, and LeastUsual is how many
	// of them must have data.
	UsualWeeks = 4
	LeastUsual = 2
)

// Usual is what a figure was in the same hour of the previous weeks.
type Usual struct{ Least, Largest float64 }

// Figure is one of the figures of a LUN that have a usual.
type Figure int

// The figures and their units. Await is that of reads and writes together.
const (
	IOPS       Figure = iota // I/Os in a second
	Await                    // ms
	Reads                    // in a second
	Writes                   // in a second
	ReadBytes                // in a second
	WriteBytes               // in a second
	ReadAwait                // ms
	WriteAwait               // ms
	Busy                     // percent of the time with I/O in flight
	Queue                    // I/Os in flight
)

// figure is that of an hour. It is no number where it isn't known, or is of no I/O.
func (s *hourSum) figure(f Figure) float32 {
	switch f {
	case IOPS:
		return s.ios / s.known
	case Await:
		return s.ms / s.timed
	case Reads:
		return s.reads / s.known
	case Writes:
		return s.writes / s.known
	case ReadBytes:
		return s.readBytes / s.known
	case WriteBytes:
		return s.writeBytes / s.known
	case ReadAwait:
		return s.readMS / s.reads
	case WriteAwait:
		return s.writeMS / s.writes
	case Busy:
		return s.busyMS / s.known / 10
	case Queue:
		return s.queueMS / s.known / 1000
	}
	return float32(math.NaN())
}

// HasUsual reports that some hour up to a moment may have a usual: there is one that lies
// two weeks or more before it.
func (h *Hours) HasUsual(t time.Time) bool {
	return len(h.list) > 0 && int64(h.list[0].at)+LeastUsual*weekHours <= hourOf(t, h.Zone)
}

// Usual is that of a figure in the hour of a moment; ok is false with less than two weeks
// of data.
func (h *Hours) Usual(f Figure, t time.Time) (u Usual, ok bool) {
	u = Usual{math.Inf(1), math.Inf(-1)}
	n, at := 0, hourOf(t, h.Zone)
	for week := 1; week <= UsualWeeks; week++ {
		s, known := h.get(at - int64(week*weekHours))
		if !known {
			continue
		}
		if v := float64(s.figure(f)); !math.IsNaN(v) && !math.IsInf(v, 0) { // by zero I/Os
			u.Least, u.Largest = min(u.Least, v), max(u.Largest, v)
			n++
		}
	}
	return u, n >= LeastUsual
}
