package mailstore

import (
	"testing"
	"time"

	"lunstat/collector/series"
)

// The histograms of a week say what the counters say: the counts are the I/Os, their mean
// lies within the bounds, and nothing else differs from a model without them.
func TestHistograms(t *testing.T) {
	start := time.Date(2026, 10, 19, 0, 0, 0, 0, time.UTC)
	o := Options{Start: start, Minutes: 7 * 24 * 60}
	plain := New(o)
	o.Histograms = true
	counting := New(o)
	first := map[string]series.Reading{}
	var last series.Sample
	for s, ok := counting.Next(); ok; s, ok = counting.Next() {
		was, _ := plain.Next()
		for i, r := range s.Readings {
			if r.Counters != was.Readings[i].Counters || was.Readings[i].Latency != nil {
				t.Fatalf("%v: %+v, without histograms %+v", s.At.Wall, r.Counters, was.Readings[i])
			}
			if _, there := first[r.Kernel]; !there {
				first[r.Kernel] = r
			}
		}
		last = s
	}
	bounds := series.Bounds()
	for i, r := range last.Readings {
		was, name := first[r.Kernel], last.LUNs[i].DMName
		ios := r.ReadIOs + r.WriteIOs - was.ReadIOs - was.WriteIOs
		var n, least, most uint64 // µs
		for b, c := range r.Latency.Counts {
			c -= was.Latency.Counts[b]
			n += c
			if b > 0 {
				least += c * uint64(bounds[b-1].Microseconds())
			}
			if b < len(bounds) {
				most += c * uint64(bounds[b].Microseconds())
			}
		}
		us := (r.Latency.ReadNS + r.Latency.WriteNS - was.Latency.ReadNS - was.Latency.WriteNS) / 1000
		if n != ios || us < least || us > most {
			t.Errorf("%s: %d of %d I/Os, %d µs beside %d to %d", name, n, ios, us, least, most)
		}
		// Whole ms, and only the first of the week's wraps.
		if ms := uint64(r.ReadMS-was.ReadMS) + uint64(r.WriteMS-was.WriteMS); ms > us/1000+2 || ms+2 < us/1000 {
			t.Errorf("%s: %d ms, the region has %d µs", name, ms, us)
		}
	}
}

// At noon of the bad week one in twenty of the secondary store's reads takes more than half
// a second, and the mean stays below the role's limit of 50 ms.
func TestTailOfBadWeek(t *testing.T) {
	for _, hour := range []int{0, 13} { // at which the weeks begin
		tailOfBadWeek(t, time.Date(2026, 10, 19, hour, 0, 0, 0, time.UTC))
	}
}

func tailOfBadWeek(t *testing.T, start time.Time) {
	m := New(Options{Start: start, Step: time.Hour, BadWeek: true, Histograms: true})
	var was series.Reading
	noons := 0
	for s, ok := m.Next(); ok; s, ok = m.Next() {
		for i, r := range s.Readings {
			if s.LUNs[i].DMName != "zimbra1_secondary-first" {
				continue
			}
			last := was
			was = r
			if last.Latency == nil || last.Latency.Made != r.Latency.Made || !s.At.Wall.After(start.AddDate(0, 0, 35)) {
				continue
			}
			var all, long uint64
			for b := range r.Latency.Counts {
				n := r.Latency.Counts[b] - last.Latency.Counts[b]
				all += n
				if b > series.BucketOf(499*time.Millisecond) {
					long += n
				}
			}
			noon := s.At.Wall.Hour() == 13 || s.At.Wall.Hour() == 14
			if !noon && long > 0 {
				t.Errorf("%v: %d I/Os waited", s.At.Wall, long)
			}
			if noon {
				noons++
				if reads := r.ReadIOs - last.ReadIOs; all < 1000 || long*20 < reads-100 || long*20 > reads+100 {
					t.Errorf("%v: %d of %d", s.At.Wall, long, reads)
				}
				if mean := float64(r.ReadMS-last.ReadMS) / float64(r.ReadIOs-last.ReadIOs); mean > 45 {
					t.Errorf("%v: the mean is %v ms", s.At.Wall, mean)
				}
			}
		}
	}
	if noons != 14 {
		t.Errorf("%d hours", noons)
	}
}
