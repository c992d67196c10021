package render

import (
	"image/png"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
)

// TestCarpetOfMeans: a carpet of windows' means says so, and nothing that is about each
// I/O is computed from it. If the kernel counted too, only its counts are drawn.
func TestCarpetOfMeans(t *testing.T) {
	m := made{luns: madeLUNs(1), start: monday, every: time.Minute, n: 600, ios: func(_, _ int) uint64 { return 66 }}
	of := func(version uint8) *series.Histogram {
		h := &series.Histogram{Version: version}
		h.Counts[4], h.Counts[12] = 95, 5 // enough for a finding, were it of I/Os
		return h
	}
	for name, c := range map[string]struct {
		of          func(at time.Time) uint8
		counts      string
		means, tail bool
	}{
		"means":  {func(time.Time) uint8 { return series.MeansVersion }, `"counts":[0,0,0,0,57000,0,0,0,0,0,0,0,3000,`, true, false},
		"kernel": {func(time.Time) uint8 { return series.BoundsVersion }, `"counts":[0,0,0,0,57000,0,0,0,0,0,0,0,3000,`, false, true},
		"both": {func(at time.Time) uint8 {
			if at.Sub(monday) < 100*time.Minute || at.Sub(monday) > 500*time.Minute {
				return series.MeansVersion
			}
			return series.BoundsVersion
		}, `"counts":[0,0,0,0,38000,0,0,0,0,0,0,0,2000,`, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			text, out := withLatency(t, m, func(at time.Time, _ uint64) *series.Histogram { return of(c.of(at)) })
			if !strings.Contains(text, c.counts) || strings.Contains(text, `"from":"means"`) != c.means {
				t.Errorf("counts %s, from means %v: %.300s", c.counts, c.means, text[strings.Index(text, `"latency":`):])
			}
			if got := strings.Contains(string(out[pageFile]), "99 % of I/Os"); got == c.means {
				t.Errorf("the page has a column p99: %v", got)
			}
			if got := strings.Contains(text, `"tail"`); got != c.tail {
				t.Errorf("a finding about the tail: %v", got)
			}
		})
	}
}

// TestCarpetOfMeansPicture draws it: title, words and legend say what is counted, and there
// are no percentiles.
func TestCarpetOfMeansPicture(t *testing.T) {
	m := made{luns: madeLUNs(1), start: monday, every: 5 * time.Minute, n: 2 * 288, ios: wave(5 * time.Minute)}
	m.skip = func(i int) bool { return i >= 300 && i < 330 }
	src := m.source()
	k := series.Key{ID: "LVM-0000", Host: "box", Source: series.SourceHost}
	src.counted(k, func(at time.Time, ios uint64) *series.Histogram {
		h := tailed(at, ios)
		h.Version = series.MeansVersion
		return h
	})
	for n := range src.intervals[k] {
		src.intervals[k][n].Peak = series.Maxima{WindowMS: 1000, IOPS: 900}
	}
	o := Options{From: monday, To: monday.AddDate(0, 0, 2), Zone: time.UTC, Width: 1000, Limits: map[string]time.Duration{"mysql": 20 * time.Millisecond}, level: png.BestSpeed}
	compare(t, filepath.Join("testdata", "carpet-means.png"), files(t, src, o)["lun-vg-mysql0.png"])
}

func TestCarpetSaysMeans(t *testing.T) {
	for window, want := range map[time.Duration]string{time.Second: "one-second means", 2 * time.Second: "2-second means", 2500 * time.Millisecond: "2.5-second means"} {
		if got := (&carpet{window: window}).meansWords(); got != want {
			t.Errorf("%v: %q, want %q", window, got, want)
		}
	}
}
