package render

import (
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// Slow time that a range begins with is followed back to where it began. "or earlier" is
// said only where there is no data before that.
func TestSlowBeforeTheRange(t *testing.T) {
	const minutes = 60 * 24 * 9
	whole := func(from, to int) func(int) time.Duration {
		return func(i int) time.Duration {
			if i >= from && i < to {
				return time.Minute
			}
			return 0
		}
	}
	for _, tt := range []struct {
		name     string
		slow     func(minute int) time.Duration
		skip     func(minute int) bool
		from, to int // of the range, in minutes
		since    int
		duration time.Duration
		earlier  bool
	}{
		{"within the range", whole(2000, 2100), nil, 1440, 2880, 2000, 100 * time.Minute, false},
		{"from the range's first minute on", whole(1440, 1600), nil, 1440, 2880, 1440, 160 * time.Minute, false},
		{"from an hour before on", whole(1373, 1500), nil, 1440, 2880, 1373, 127 * time.Minute, false},
		{"in a range that isn't of whole hours", whole(1373, 1600), nil, 1474, 2880, 1373, 227 * time.Minute, false},
		{"in a short one", whole(1373, 1600), nil, 1474, 1700, 1373, 227 * time.Minute, false},
		{"some minutes before an hour", whole(1377, 1500), nil, 1440, 2880, 1377, 123 * time.Minute, false},
		{"three days before", whole(1000, 6000), nil, 5760, 7200, 1000, 5000 * time.Minute, false},
		{"since there is data", whole(0, 1500), nil, 1440, 2880, 0, 1500 * time.Minute, true},
		{"after a hole", whole(0, 1500), func(i int) bool { return i >= 600 && i < 900 }, 1440, 2880, 900, 600 * time.Minute, true},
		{"the range begins with the data", whole(0, 100), nil, 0, 1440, 0, 100 * time.Minute, true},
		{"a bad minute an hour is no beginning", func(i int) time.Duration {
			if i >= 1440 && i < 1600 || i < 1440 && i%60 == 30 {
				return time.Minute
			}
			return 0
		}, nil, 1440, 2880, 1440, 160 * time.Minute, false},
	} {
		m := made{luns: madeLUNs(1), start: monday, every: time.Minute, n: minutes, skip: tt.skip}
		src := m.source()
		for k := range src.intervals {
			for i := range src.intervals[k] {
				iv := &src.intervals[k][i]
				iv.Set(series.SlowMS, uint64(tt.slow(int(iv.Start().Sub(monday)/time.Minute)).Milliseconds()))
			}
		}
		at := func(minute int) time.Time { return monday.Add(time.Duration(minute) * time.Minute) }
		var slow []facts.Finding
		for _, f := range gathered(t, src, Options{From: at(tt.from), To: at(tt.to), Limits: roleLimits()}).findings {
			if f.Kind == facts.KindSlow {
				slow = append(slow, f)
			}
		}
		if len(slow) != 1 || !slow[0].Since.Equal(at(tt.since)) || slow[0].Duration != tt.duration || strings.Contains(slow[0].Text, "or earlier") != tt.earlier {
			t.Errorf("%s: want since %v for %v, or earlier: %v; got %+v", tt.name, at(tt.since), tt.duration, tt.earlier, slow)
		}
	}
}
