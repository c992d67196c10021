package collector

import (
	"context"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// lastSecond is the second of the minute at which sub-sampling ends, so that it
// never meets the next minute's run.
const lastSecond = 57 * time.Second

// windows looks at the counters between the two readings of an interval, and
// keeps the largest figures of equal windows and the time that was slow.
type windows struct {
	every time.Duration
	rules Rules
	luns  map[string]*window // by kernel name
}

type window struct {
	lun    mapper.LUN // at the start: who it was when it was looked at
	base   series.Last
	peak   series.Maxima
	slowMS uint64
	stall  time.Time
}

// newWindows begins where the last run left, at what sample says is there.
func newWindows(every time.Duration, state series.State, s series.Sample, rules Rules) *windows {
	w := &windows{every: every, rules: rules, luns: make(map[string]*window)}
	luns := mapper.Stored(s.LUNs, rules.Layers)
	keys, _ := keysOf(luns, state, s)
	byKey := make(map[series.Key]string, len(luns))
	for i, l := range luns {
		w.luns[l.Kernel] = &window{lun: l}
		byKey[keys[i]] = l.Kernel
	}
	for _, last := range state.Last {
		if x := w.luns[byKey[last.Key]]; x != nil && (last.DiskSeq == 0 || last.DiskSeq == x.lun.DiskSeq) {
			x.base = last
		}
	}
	w.look(s.At, s.Readings)
	return w
}

// look closes one window of each LUN.
func (w *windows) look(at series.Instant, readings []series.Reading) {
	for i := range readings {
		x := w.luns[readings[i].Kernel]
		if x == nil {
			continue
		}
		now := series.Last{At: at, DiskSeq: x.lun.DiskSeq, Counters: readings[i].Counters}
		lim := series.Limits{Gap: w.rules.Gap, Slow: w.rules.slow(x.lun.Role), Least: w.every / 2}
		interval, base, ok := series.Close(x.base, now, lim)
		x.base = base
		if ok {
			x.add(interval, w.every)
		}
	}
}

// add takes one window's figures. One that was late, or the stretch before the
// first look, is of another length: its time may be slow, but it is no peak.
func (x *window) add(i series.Interval, every time.Duration) {
	x.slowMS += i.Value(series.SlowMS)
	if x.base.StallSince.IsZero() {
		x.stall = time.Time{}
	} else if i.End.Sub(x.base.StallSince) >= series.StallFor {
		x.stall = x.base.StallSince
	}
	elapsed := time.Duration(i.ElapsedMS) * time.Millisecond
	if elapsed < every*9/10 || elapsed > every*11/10 || i.Quality != 0 && i.Quality != series.Stalled {
		return
	}
	m := i.Window()
	m.WindowMS = uint32(every.Milliseconds())
	if x.peak.WindowMS == 0 {
		x.peak = m
	} else {
		x.peak = x.peak.Larger(m)
	}
}

// apply adds the peaks to a minute's intervals, unless the LUN at the end isn't
// the one that was looked at.
func (w *windows) apply(m *series.Minute) {
	luns := make(map[mapper.ID]*mapper.LUN, len(m.State.Mapping))
	for i := range m.State.Mapping {
		luns[m.State.Mapping[i].ID] = &m.State.Mapping[i]
	}
	last := make(map[series.Key]*series.Last, len(m.State.Last))
	for i := range m.State.Last {
		last[m.State.Last[i].Key] = &m.State.Last[i]
	}
	for i := range m.Intervals {
		iv := &m.Intervals[i]
		l := luns[iv.Key.ID]
		if l == nil {
			continue
		}
		x := w.luns[l.Kernel]
		if x == nil || x.lun.ID != l.ID || x.lun.DiskSeq != l.DiskSeq || iv.Quality.Has(series.Long) {
			continue
		}
		iv.Peak = atLeastMean(x.peak, iv.Window())
		if iv.Has(series.SlowMS) {
			iv.Set(series.SlowMS, min(x.slowMS, iv.ElapsedMS))
		}
		if !x.stall.IsZero() {
			iv.Quality |= series.Stalled
			if b := last[iv.Key]; b != nil && (b.StallSince.IsZero() || x.stall.Before(b.StallSince)) {
				b.StallSince = x.stall
			}
		}
	}
}

// atLeastMean lets no peak be below the mean of the whole, part of which may not
// have been looked at: some window was as large as that. Which, is unknown.
func atLeastMean(peak, mean series.Maxima) series.Maxima {
	if peak.WindowMS == 0 {
		return peak
	}
	if mean.IOPS > peak.IOPS {
		peak.IOPS, peak.IOPSAt = mean.IOPS, 0
	}
	peak.BytesPerS = max(peak.BytesPerS, mean.BytesPerS)
	peak.UtilPercent = max(peak.UtilPercent, mean.UtilPercent)
	peak.Queue = max(peak.Queue, mean.Queue)
	return peak
}

// watch looks once every w.every until second 57 of the minute that wall lies in,
// or until ctx ends. The end is fixed on the monotonic clock at the beginning, so
// that a step of the wall clock can't stretch it.
func (w *windows) watch(ctx context.Context, proc string, wall time.Time) error {
	end := time.NewTimer(wall.Truncate(time.Minute).Add(lastSecond).Sub(wall))
	defer end.Stop()
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-end.C:
			return nil
		case <-tick.C:
			at, readings, _, err := readDiskstats(proc, time.Time{})
			if err != nil {
				return err
			}
			w.look(at, readings)
		}
	}
}
