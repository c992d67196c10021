package render

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
)

// counted gives each interval of a LUN the histogram that of returns for its middle and
// its I/Os.
func (m *memory) counted(k series.Key, of func(at time.Time, ios uint64) *series.Histogram) {
	for n := range m.intervals[k] {
		i := &m.intervals[k][n]
		ios, _ := i.Total()
		i.Latency = of(i.Start().Add(i.End.Sub(i.Start())/2), ios)
	}
}

// latencies is a histogram of so many I/Os: took has latencies and how many I/Os took
// that long, and all others took as long as the first.
func latencies(ios uint64, took ...any) *series.Histogram {
	h := &series.Histogram{Version: series.BoundsVersion}
	first := -1
	for i := 0; i < len(took); i += 2 {
		b := series.BucketOf(took[i].(time.Duration) - 1)
		if first < 0 {
			first = b
		}
		n := uint64(took[i+1].(float64) * float64(ios))
		h.Counts[b] += n
	}
	h.Counts[first] += ios - h.Total()
	return h
}

// tailed is a volume behind an array's cache: one I/O in twenty waits, from 2 to 5 at
// night more than 200 ms.
func tailed(at time.Time, ios uint64) *series.Histogram {
	const us, ms = time.Microsecond, time.Millisecond
	if h := at.Hour(); h >= 2 && h < 5 {
		return latencies(ios, 500*us, 0.4, 200*us, 0.3, 1*ms, 0.2, 500*ms, 0.05)
	}
	return latencies(ios, 500*us, 0.4, 200*us, 0.4, 1*ms, 0.15, 10*ms, 0.01, 20*ms, 0.005, 50*ms, 0.0005)
}

// TestCarpet draws one LUN that has histograms except on one day, and one LUN without.
func TestCarpet(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	from := time.Date(2026, 10, 21, 0, 0, 0, 0, z) // the clocks change within
	m := made{luns: madeLUNs(2), start: from, every: 5 * time.Minute, n: 7*288 + 12, ios: wave(5 * time.Minute)}
	m.skip = func(i int) bool { return i >= 700 && i < 760 }
	src := m.source()
	src.counted(series.Key{ID: "LVM-0000", Host: "box", Source: series.SourceHost}, func(at time.Time, ios uint64) *series.Histogram {
		if at.Day() == 26 {
			return nil
		}
		return tailed(at.In(z), ios)
	})
	for width, name := range map[int]string{1000: "carpet.png", 640: "narrow-carpet.png"} {
		o := Options{From: from, To: from.AddDate(0, 0, 7), Zone: z, Width: width, Limits: map[string]time.Duration{"mysql": 20 * time.Millisecond}}
		out := files(t, src, o)
		compare(t, filepath.Join("testdata", name), out["lun-vg-mysql0.png"])
		compare(t, filepath.Join("testdata", "carpet-week.png"), out["week.png"])
	}
}

// withLatency is the report.json of a LUN whose intervals have the histograms that of
// returns.
func withLatency(t *testing.T, m made, of func(at time.Time, ios uint64) *series.Histogram) (string, map[string][]byte) {
	t.Helper()
	src := m.source()
	src.counted(series.Key{ID: "LVM-0000", Host: "box", Source: series.SourceHost}, of)
	out := files(t, src, Options{From: m.start, To: m.start.Add(time.Duration(m.n) * m.every), Zone: time.UTC, Limits: map[string]time.Duration{"mysql": 20 * time.Millisecond}})
	return string(out[numbersFile]), out
}

// Two hours of minutes: in each, 95 I/Os take less than 1 ms and 5 less than 500 ms,
// except that the last half hour has none. Of 9,000 I/Os the 4,500th and the 8,550th are
// below 1 ms, the 8,910th is in the bucket from 200 to 500 ms.
func TestCarpetNumbers(t *testing.T) {
	m := made{luns: madeLUNs(2), start: monday, every: time.Minute, n: 120, ios: func(_, _ int) uint64 { return 66 }} // and 33 writes
	text, out := withLatency(t, m, func(at time.Time, _ uint64) *series.Histogram {
		h := &series.Histogram{Version: series.BoundsVersion}
		if at.Before(monday.Add(90 * time.Minute)) {
			h.Counts[series.BucketOf(500*time.Microsecond)] = 95
			h.Counts[series.BucketOf(200*time.Millisecond)] = 5
		}
		return h
	})
	for _, want := range []string{
		`"counts":[0,0,0,0,8550,0,0,0,0,0,0,0,450,0,0,0,0,0]`,
		`"p50":{"from_ms":0.5,"within_ms":1,"steps_within_ms":[1,`,
		`"p95":{"from_ms":0.5,"within_ms":1,`,
		`"p99":{"from_ms":200,"within_ms":500,`,
		`"covers_percent":75.7576`, // 9,000 of 120 × 99
		`"le_1ms":[`, `"le_500ms":[`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	if n := strings.Count(text, `"latency":`); n != 1 {
		t.Errorf("%d LUNs have a latency", n)
	}
	if strings.Contains(text, `"le_2ms"`) {
		t.Error("a bucket without any I/O")
	}
	page := string(out[pageFile])
	for _, want := range []string{`99 % of<br>I/Os`, "data-label=\"99 % of I/Os\">&lt;\u00a0500\u00a0ms<", `data-label="99 % of I/Os">–<`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

// A percentile of a column needs more I/Os than just the longest one above it; a
// percentile of the range needs one.
func TestCarpetOfOne(t *testing.T) {
	m := made{luns: madeLUNs(1), start: monday, every: time.Minute, n: 60}
	text, _ := withLatency(t, m, func(at time.Time, _ uint64) *series.Histogram {
		if at.Before(monday.Add(30 * time.Minute)) {
			return nil
		}
		h := &series.Histogram{Version: series.BoundsVersion}
		if at.Before(monday.Add(31 * time.Minute)) {
			h.Counts[series.NumBuckets-1] = 1
		}
		return h
	})
	for _, want := range []string{`"p99":{"from_ms":10000,"within_ms":null,"steps_within_ms":[null,null,`, `"le_inf":[null,`, `0,0,0]}`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

// Counts by other bounds are never added to ours.
func TestCarpetOfOtherBounds(t *testing.T) {
	m := made{luns: madeLUNs(1), start: monday, every: time.Minute, n: 60}
	of := func(at time.Time, ios uint64) *series.Histogram {
		h := latencies(ios, time.Millisecond, 1.0)
		if at.Before(monday.Add(30 * time.Minute)) {
			h.Version++
		}
		return h
	}
	text, _ := withLatency(t, m, of)
	if want := `"counts":[0,0,0,0,2700,0,`; !strings.Contains(text, want) { // 30 × 90
		t.Errorf("no %s", want)
	}
	all := func(at time.Time, ios uint64) *series.Histogram {
		h := of(at, ios)
		h.Version = series.BoundsVersion + 1
		return h
	}
	if text, _ := withLatency(t, m, all); strings.Contains(text, `"latency"`) {
		t.Error("a latency by unknown bounds")
	}
}

// Without histograms nothing is said about them, not even that there are none.
func TestNoCarpet(t *testing.T) {
	m := made{luns: madeLUNs(2), start: monday, every: time.Minute, n: 60}
	text, out := withLatency(t, m, func(time.Time, uint64) *series.Histogram { return nil })
	if page := string(out[pageFile]); strings.Contains(text, "atency") || strings.Contains(page, "99 %") {
		t.Error("something about latencies")
	}
}

func TestCarpetShades(t *testing.T) {
	for most, want := range map[float64]string{0: "[0.01 0.1 1]", 0.3: "[0.001 0.01 0.1]", 1: "[0.01 0.1 1]", 9: "[0.01 0.1 1]", 10: "[1 10]", 99_999: "[1 10 100 1000 10000]", 5e8: "[1000 10000 100000 1e+06 1e+07 1e+08]"} {
		var from []float64
		for _, s := range carpetShades(most) {
			from = append(from, s.from)
		}
		if got := fmt.Sprint(from); got != want {
			t.Errorf("%v: %s, want %s", most, got, want)
		}
	}
	r := rug{shades: carpetShades(5e8)}
	if r.level(0) != -1 || r.level(0.01) != 0 || r.level(5e8) != 5 {
		t.Error("one I/O must be seen, and none must not")
	}
}

func TestLatencyY(t *testing.T) {
	for d, want := range map[time.Duration]float64{0: 0, 25 * time.Microsecond: 0.5, 50 * time.Microsecond: 1, 20 * time.Millisecond: 9, 10 * time.Second: 17, time.Hour: 17} {
		if got := latencyY(d); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v: %v, want %v", d, got, want)
		}
	}
}

// Of an old and short range only bins are left, which are wider than the columns of its
// percentiles: those of a bin are the percentiles of all its columns, and the words say of
// how long.
func TestPercentilesOfOldBins(t *testing.T) {
	m := made{luns: madeLUNs(1), start: monday, every: 15 * time.Minute, n: 24, ios: func(int, int) uint64 { return 3000 }}
	src := m.source()
	for k := range src.intervals {
		for i := range src.intervals[k] {
			iv := &src.intervals[k][i]
			iv.Latency = latencies(4500, time.Millisecond, 0.9, time.Duration(i%3+1)*100*time.Millisecond, 0.1)
		}
	}
	d := gathered(t, src, Options{From: monday, To: monday.Add(6 * time.Hour)})
	cp := &d.luns[0].carpet
	if d.hours.n() < 2*24 {
		t.Fatalf("%d columns: not finer than bins", d.hours.n())
	}
	for i := range cp.steps {
		in := int(d.hours.edges[i].Sub(monday) / (15 * time.Minute))
		b, ok := stepQuantile(&cp.steps[i], 0.99)
		if ok && d.hours.edges[i+1].Sub(monday) > time.Duration(in+1)*15*time.Minute {
			continue // it has parts of two bins, and the percentile of both
		}
		if want := [...]time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond}[in%3]; !ok || b.Upper != want {
			t.Fatalf("the column of %s has %v %v, want %v", d.hours.edges[i], b, ok, want)
		}
	}
	if got := cp.each(&d.hours); got != "15 min" {
		t.Errorf("of %q", got)
	}
	if n := cp.all.Total(); n != 24*4500 {
		t.Errorf("%d I/Os in all", n)
	}
}
