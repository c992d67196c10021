package collector

import (
	"context"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Tried is what TryHistograms found of one LUN.
type Tried struct {
	LUN     mapper.LUN
	Reading *series.LatencyReading // nil: there is no histogram
	Why     string                 // there is none
	Err     error                  // what went wrong, if something did
}

// tryPause is how long I/O in flight has to show that it doesn't hang.
const tryPause = time.Second

// TryHistograms reads the histogram of each stored LUN, as a run does, and makes those that
// are not there. It stores nothing.
func TryHistograms(ctx context.Context, o Options) ([]Tried, []series.Warning, error) {
	var state series.State
	s, err := ReadSample(o, state)
	if err != nil {
		return nil, nil, err
	}
	if anyInflight(s.Readings) {
		minute, _ := Close(state, s, o.Rules)
		state = minute.State
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(tryPause):
		}
		if s, err = ReadSample(o, state); err != nil {
			return nil, nil, err
		}
	}
	failed := o.addLatency(ctx, &s, state)
	readings := readingsOf(s.Readings)
	var tried []Tried
	for _, l := range mapper.Stored(s.LUNs, o.Rules.Layers) {
		if at, ok := readings.find(l.Kernel); ok {
			tried = append(tried, o.tried(l, s.Readings[at].Latency, failed))
		}
	}
	return tried, s.Warnings, nil
}

func (o *Options) tried(l mapper.LUN, r *series.LatencyReading, failed []latencyFailure) Tried {
	t := Tried{LUN: l, Reading: r}
	for _, f := range failed {
		if f.lun.Kernel == l.Kernel {
			t.Err, t.Why = f.err, f.err.Error()
		}
	}
	if t.Reading == nil && t.Err == nil {
		t.Why = NoHistogram(o.Paths, &l)
	}
	if t.Why == "" && t.Reading == nil {
		t.Why = "its I/O in flight does not complete, and the kernel would wait for it"
	}
	return t
}

// NoHistogram says why the kernel can keep no latency histogram of a LUN; "": it can.
func NoHistogram(p mapper.Paths, l *mapper.LUN) string {
	switch {
	case !l.Mapped():
		return "not a device of device-mapper"
	case p.RequestBased(l.Kernel):
		return "a request-based map, whose I/O the kernel counts wrongly; the LVs on it can have one"
	}
	return ""
}

func anyInflight(readings []series.Reading) bool {
	for i := range readings {
		if readings[i].Inflight > 0 {
			return true
		}
	}
	return false
}
