package facts

import (
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

// hourSum is one hour's sums.
type hourSum struct {
	at    int64   // wall hours since 1970
	known float64 // seconds
	ios   float64
	ms    float64 // of those I/Os of which it is known
	timed float64 // I/Os of which it is known how long they took

	reads, readMS   float32 // absent: 0
	writes, writeMS float32

	busyMS, busyOf float32 // ms of busy time, and of the time in which it is known
}

// Add adds an interval or a bin of at most an hour. Long ones say nothing about an
// hour.
func (h *Hours) Add(i *series.Interval) {
	ios, ok := i.Total()
	if !ok || i.Quality.Has(series.Long) {
		return
	}
	s := h.hour(wallHour(i.Start().Add(i.End.Sub(i.Start())/2), h.Zone))
	s.known += float64(i.ElapsedMS) / 1000
	s.ios += float64(ios)
	if await, ok := i.Await(); ok {
		s.ms += await * float64(ios)
		s.timed += float64(ios)
	}
	s.reads += float32(i.Value(series.ReadIOs))
	s.readMS += float32(i.Value(series.ReadMS))
	s.writes += float32(i.Value(series.WriteIOs))
	s.writeMS += float32(i.Value(series.WriteMS))
	if ms, ok := i.Get(series.BusyMS); ok {
		s.busyMS += float32(ms)
		s.busyOf += float32(i.ElapsedMS)
	}
}

// wallHour counts the hours that the clock on the wall shows.
func wallHour(t time.Time, zone *time.Location) int64 {
	if zone == nil {
		zone = time.UTC
	}
	_, offset := t.In(zone).Zone()
	return (t.Unix() + int64(offset)) / 3600
}

// hour is the sum of an hour; the hours of two series may come in turn.
func (h *Hours) hour(at int64) *hourSum {
	n := len(h.list)
	if n > 0 && h.list[n-1].at == at {
		return &h.list[n-1]
	}
	i, there := h.find(at)
	if !there {
		h.list = slices.Insert(h.list, i, hourSum{at: at})
	}
	return &h.list[i]
}

// find is the place of an hour. Where none is missing, that is how far it lies from the
// first one.
func (h *Hours) find(at int64) (int, bool) {
	n := len(h.list)
	switch {
	case n == 0 || at < h.list[0].at:
		return 0, false
	case at > h.list[n-1].at:
		return n, false
	}
	if i := int(at - h.list[0].at); i < n && h.list[i].at == at {
		return i, true
	}
	return slices.BinarySearchFunc(h.list, at, func(s hourSum, at int64) int { return int(min(max(s.at-at, -1), 1)) })
}

// get is an hour of which three quarters and more are known.
func (h *Hours) get(at int64) (hourSum, bool) {
	i, there := h.find(at)
	if !there || h.list[i].known < 0.75*3600 {
		return hourSum{}, false
	}
	return h.list[i], true
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

// IOPS is the usual IOPS in the hour of a moment; ok is false with less than two weeks
// of data.
func (h *Hours) IOPS(t time.Time) (u Usual, ok bool) {
	return h.usual(t, func(s hourSum) (float64, bool) { return s.ios / s.known, true })
}

// Await is the same for the mean await, in ms.
func (h *Hours) Await(t time.Time) (u Usual, ok bool) {
	return h.usual(t, func(s hourSum) (float64, bool) { return s.ms / s.timed, s.timed > 0 })
}

// Reads and Writes are the usual number of them in a second, ReadAwait and WriteAwait how
// long one took in ms.
func (h *Hours) Reads(t time.Time) (u Usual, ok bool) { return h.usual(t, perSecond(readsOf)) }

// Writes: see [Hours.Reads].
func (h *Hours) Writes(t time.Time) (u Usual, ok bool) { return h.usual(t, perSecond(writesOf)) }

// ReadAwait: see [Hours.Reads].
func (h *Hours) ReadAwait(t time.Time) (u Usual, ok bool) { return h.usual(t, awaitOf(readsOf)) }

// WriteAwait: see [Hours.Reads].
func (h *Hours) WriteAwait(t time.Time) (u Usual, ok bool) { return h.usual(t, awaitOf(writesOf)) }

// Busy is the usual share of the time with I/O in flight, in percent.
func (h *Hours) Busy(t time.Time) (u Usual, ok bool) {
	return h.usual(t, func(s hourSum) (float64, bool) {
		return float64(s.busyMS/s.busyOf) * 100, s.busyOf >= 0.75*3_600_000
	})
}

func readsOf(s hourSum) (n, ms float64)  { return float64(s.reads), float64(s.readMS) }
func writesOf(s hourSum) (n, ms float64) { return float64(s.writes), float64(s.writeMS) }

func perSecond(of func(hourSum) (n, ms float64)) func(hourSum) (float64, bool) {
	return func(s hourSum) (float64, bool) {
		n, _ := of(s)
		return n / s.known, true
	}
}

func awaitOf(of func(hourSum) (n, ms float64)) func(hourSum) (float64, bool) {
	return func(s hourSum) (float64, bool) {
		n, ms := of(s)
		return ms / n, n > 0
	}
}

func (h *Hours) usual(t time.Time, of func(hourSum) (float64, bool)) (u Usual, ok bool) {
	u = Usual{math.Inf(1), math.Inf(-1)}
	n := 0
	for week := 1; week <= UsualWeeks; week++ {
		s, known := h.get(wallHour(t, h.Zone) - int64(week*weekHours))
		if !known {
			continue
		}
		if v, ok := of(s); ok {
			u.Least, u.Largest = min(u.Least, v), max(u.Largest, v)
			n++
		}
	}
	return u, n >= LeastUsual
}
