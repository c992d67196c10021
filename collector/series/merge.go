package series

// minAwaitIOs is how many I/Os a window needs before its await counts as a peak:
// below, one slow read makes a mountain.
const minAwaitIOs = 10

// minuteMS is the window that cron gives, and that roll-ups prefer.
const minuteMS = 60_000

// Merge combines two intervals of one series. It is exact, and gives the same result in
// any order and grouping: sums are added, a sum that one of them lacks is absent, and
// maxima stay maxima. The zero Interval is neutral.
func Merge(a, b Interval) Interval {
	if a.ElapsedMS == 0 {
		return b
	}
	if b.ElapsedMS == 0 {
		return a
	}
	if b.End.Before(a.End) {
		a, b = b, a
	}
	m := Interval{
		End:           b.End,
		ElapsedMS:     a.ElapsedMS + b.ElapsedMS,
		Inflight:      b.Inflight,
		InflightKnown: b.InflightKnown,
		Quality:       a.Quality | b.Quality,
		Peak:          mergeMaxima(a.Peak, b.Peak, finer),
		Mean:          mergeMaxima(a.means(), b.means(), nearerAMinute),
	}
	start := a.Start()
	if s := b.Start(); s.Before(start) {
		start = s
	}
	m.SpanMS = uint64(m.End.Sub(start).Milliseconds())
	m.has = a.has & b.has
	var mark Quality
	m.Latency, mark = mergeLatency(a.Latency, b.Latency)
	m.Quality |= mark
	for f := range m.v {
		if m.has&(1<<f) != 0 {
			m.v[f] = a.v[f] + b.v[f]
		}
	}
	return m
}

// means is a bin's largest means, or a plain interval's own figures as such.
func (i *Interval) means() Maxima {
	if i.rolled() {
		return i.Mean
	}
	return i.Window()
}

// rolled reports that an interval has its largest means, or never gets any.
func (i *Interval) rolled() bool { return i.Mean.WindowMS != 0 || i.Quality.Has(Long) }

// Window is an interval's own figures as the maxima of one window. Lengths
// within half a minute of whole minutes count as equal, since cron jitters.
func (i *Interval) Window() Maxima {
	if i.ElapsedMS == 0 {
		return Maxima{}
	}
	m := Maxima{WindowMS: nominal(i.ElapsedMS)}
	set := func(to *float32, v float64, ok bool) {
		if ok {
			*to = float32(v)
		}
	}
	v, ok := i.IOPS()
	set(&m.IOPS, v, ok)
	if ok {
		m.IOPSAt = i.End.Unix()
	}
	v, ok = i.BytesPerS()
	set(&m.BytesPerS, v, ok)
	v, ok = i.Util()
	set(&m.UtilPercent, v, ok)
	v, ok = i.Queue()
	set(&m.Queue, v, ok)
	if i.Value(ReadIOs) >= minAwaitIOs {
		v, ok = i.ReadAwait()
		set(&m.ReadAwait, v, ok)
	}
	if i.Value(WriteIOs) >= minAwaitIOs {
		v, ok = i.WriteAwait()
		set(&m.WriteAwait, v, ok)
	}
	return m
}

func nominal(ms uint64) uint32 {
	unit := uint64(minuteMS)
	if ms < minuteMS/2 {
		unit = 1000
	}
	n := max((ms+unit/2)/unit, 1) * unit
	return uint32(min(n, 1<<31))
}

// mergeMaxima takes the larger of each figure where both have windows of one
// length; where they differ, prefer says which of the two represents both.
func mergeMaxima(a, b Maxima, prefer func(a, b uint32) bool) Maxima {
	switch {
	case a.WindowMS == 0:
		return b
	case b.WindowMS == 0:
		return a
	case a.WindowMS != b.WindowMS:
		if prefer(b.WindowMS, a.WindowMS) {
			return b
		}
		return a
	}
	return a.Larger(b)
}

// Larger takes the larger of each figure of two maxima over equal windows.
func (a Maxima) Larger(b Maxima) Maxima {
	if b.IOPS > a.IOPS || b.IOPS == a.IOPS && b.IOPSAt < a.IOPSAt {
		a.IOPS, a.IOPSAt = b.IOPS, b.IOPSAt
	}
	a.BytesPerS = max(a.BytesPerS, b.BytesPerS)
	a.UtilPercent = max(a.UtilPercent, b.UtilPercent)
	a.Queue = max(a.Queue, b.Queue)
	a.ReadAwait = max(a.ReadAwait, b.ReadAwait)
	a.WriteAwait = max(a.WriteAwait, b.WriteAwait)
	return a
}

func finer(a, b uint32) bool { return a < b }

// nearerAMinute prefers cron's minute to what a run by hand in between, or a
// missed one, left: a total order, so that grouping does not matter.
func nearerAMinute(a, b uint32) bool {
	da, db := distance(a, minuteMS), distance(b, minuteMS)
	return da < db || da == db && a < b
}

func distance(a, b uint32) uint32 {
	if a < b {
		return b - a
	}
	return a - b
}
