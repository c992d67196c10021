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

// subsample reads the counters until second 57, and then the host once more. Meanwhile it
// forwards what waits.
func (r *run) subsample(ctx context.Context) error {
	if r.Every == 0 {
		return nil
	}
	end := r.background(ctx, r.journal, r.began)
	err := r.addWindows(ctx)
	r.result.Forwarded, r.result.ForwardError = end()
	return err
}

// addWindows puts the reading at second 57 in the place of the sample, with the peaks
// of the windows between the two.
func (r *run) addWindows(ctx context.Context) error {
	w := newWindows(r.Every, r.state, r.sample, r.Rules)
	if err := w.watch(ctx, r.Paths.Proc, r.sample.At.Wall); err != nil {
		return err
	}
	// What was mapped at the start still holds if the kernel announced no change.
	first := r.state
	first.Mapping, first.UeventSeq, first.BootID, first.Classified = r.sample.LUNs, r.sample.UeventSeq, r.sample.At.BootID, r.sample.Classified
	last, err := ReadSample(r.Options, first)
	if err != nil {
		return err
	}
	w.close(last.At, last.Readings)
	last.Peaks = w.peaks()
	r.sample = last
	return nil
}

// windows reads the counters between the two readings of an interval, and
// keeps the largest figures of equal windows and the time that was slow.
type windows struct {
	every time.Duration
	rules Rules
	luns  map[string]*window // by kernel name
}

type window struct {
	lun    mapper.LUN // at the start: who it was when it was read
	base   series.Last
	peak   series.Maxima
	slowMS uint64
	stall  time.Time
	means  *series.Histogram
}

// newWindows begins where the last run ended, with the LUNs that sample has.
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
	w.close(s.At, s.Readings)
	return w
}

// close closes one window of each LUN.
func (w *windows) close(at series.Instant, readings []series.Reading) {
	for i := range readings {
		x := w.luns[readings[i].Kernel]
		if x == nil {
			continue
		}
		now := series.Last{At: at, DiskSeq: x.lun.DiskSeq, Counters: readings[i].Counters}
		lim := series.Limits{Gap: w.rules.Gap, Slow: x.lun.AwaitLimit(w.rules.Slow), Least: w.every / 2}
		interval, base, ok := series.Close(x.base, now, lim)
		x.base = base
		if ok {
			x.add(interval, w.every)
		}
	}
}

// add takes one window's figures. A late window, and the stretch before the first
// reading, have another length: their time may be slow, but they don't count as peaks.
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
	if every > series.LongestMeans {
		return
	}
	if x.means == nil {
		x.means = &series.Histogram{}
	}
	x.means.CountMeans(&i)
}

// peaks are what was read of each LUN.
func (w *windows) peaks() map[string]series.Peaks {
	all := make(map[string]series.Peaks, len(w.luns))
	for kernel, x := range w.luns {
		all[kernel] = series.Peaks{ID: x.lun.ID, DiskSeq: x.lun.DiskSeq, Largest: x.peak, SlowMS: x.slowMS, StallSince: x.stall, Means: x.means}
	}
	return all
}

// addPeaks adds its LUN's peaks to a minute's interval, unless the LUN at the end isn't
// the one that was read before.
func addPeaks(i *series.Interval, base *series.Last, peaks map[string]series.Peaks, l *mapper.LUN) {
	p, ok := peaks[l.Kernel]
	if !ok || p.ID != l.ID || p.DiskSeq != l.DiskSeq || i.Quality.Has(series.Long) {
		return
	}
	i.Peak = atLeastMean(p.Largest, i.Window())
	if i.Latency == nil && !i.Quality.Has(series.LatencyPartial) { // what the kernel counts is better
		i.Latency = p.Means
	}
	if i.Has(series.SlowMS) {
		i.Set(series.SlowMS, min(p.SlowMS, i.ElapsedMS))
	}
	if p.StallSince.IsZero() {
		return
	}
	i.Quality |= series.Stalled
	if base.StallSince.IsZero() || p.StallSince.Before(base.StallSince) {
		base.StallSince = p.StallSince
	}
}

// atLeastMean makes no peak lower than the mean of the whole interval. Part of the
// interval may not have been sampled, and some window had at least the mean.
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

// watch reads once every w.every until second 57 of the minute that wall lies in,
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
			w.close(at, readings)
		}
	}
}
