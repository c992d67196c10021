package storetest

import (
	"math/rand/v2"
	"testing"
	"time"

	"lunstat/collector/series"
)

// histograms: each comes back with its interval, a missing one doesn't become zeros, and
// a bin's is the sum of its intervals', at every moment of rolling up.
func histograms(t *testing.T, s Store) {
	r := rand.New(rand.NewPCG(3, 1))
	raw := map[series.Key][]series.Interval{}
	at := Start
	for n := range 140 {
		at = at.Add(time.Minute)
		if r.IntN(30) == 0 {
			at = at.Add(time.Duration(r.IntN(50)) * time.Minute)
		}
		m := Minute("mail1", at)
		for l := range 4 {
			i := Interval(Key("mail1", l), at, r.IntN(1000))
			switch l {
			case 0: // always one
				i.Latency = Latencies(r, i.Value(series.ReadIOs)+i.Value(series.WriteIOs), time.Duration(1+r.IntN(50))*time.Millisecond)
			case 1: // now and then, at times of nothing
				if r.IntN(3) > 0 {
					i.Latency = Latencies(r, uint64(r.IntN(2)*r.IntN(50)), time.Microsecond)
				}
			case 2: // begun in the middle of it, or the interval is a long one
				i.Latency = Latencies(r, 5, time.Hour)
				i.Quality = series.LatencyPartial
				if r.IntN(20) == 0 {
					i.Quality, i.ElapsedMS, i.SpanMS = series.Long, 3_600_000, 3_600_000
				}
			} // the last never has one
			m.Intervals = append(m.Intervals, i)
			raw[i.Key] = append(raw[i.Key], i.Interval)
		}
		Commit(t, s, m)
		if n%47 == 0 {
			checkBins(t, s, raw)
		}
	}
	Equal(t, Read(t, s, All(0)), raw)
	checkBins(t, s, raw)
	some := series.Query{From: Start.Add(20 * time.Minute), To: Start.Add(50 * time.Minute), Keys: []series.Key{Key("mail1", 1), Key("mail1", 0)}}
	want := map[series.Key][]series.Interval{}
	for _, k := range some.Keys {
		for _, i := range raw[k] {
			if some.Has(i.End) {
				want[k] = append(want[k], i)
			}
		}
	}
	Equal(t, Read(t, s, some), want)
	sumsOnly(t, s)
}

// sumsOnly: who needs sums only gets all of them, with or without the rest.
func sumsOnly(t *testing.T, s Store) {
	t.Helper()
	q := All(time.Hour)
	want := plainly(Read(t, s, q))
	q.SumsOnly = true
	Equal(t, plainly(Read(t, s, q)), want)
}

// plainly are intervals without maxima and histograms, and without a mark of those.
func plainly(all map[series.Key][]series.Interval) map[series.Key][]series.Interval {
	for _, list := range all {
		for i := range list {
			list[i].Peak, list[i].Mean, list[i].Latency = series.Maxima{}, series.Maxima{}, nil
			list[i].Quality &^= series.LatencyPartial
		}
	}
	return all
}

// means: histograms of windows' means come back as such, also together with those of a
// kernel.
func means(t *testing.T, s Store) {
	r := rand.New(rand.NewPCG(3, 129))
	raw := map[series.Key][]series.Interval{}
	for n := range 50 {
		at := Start.Add(time.Duration(n) * time.Minute)
		m := Minute("mail1", at)
		for l := range 2 {
			i := Interval(Key("mail1", l), at, r.IntN(1000))
			if n%7 > 0 {
				i.Latency = Means(r, 200, 5*time.Millisecond)
			}
			if l == 1 && n > 20 && n < 30 { // the kernel counted for a while
				i.Latency = Latencies(r, 6000, 5*time.Millisecond)
			}
			m.Intervals = append(m.Intervals, i)
			raw[i.Key] = append(raw[i.Key], i.Interval)
		}
		Commit(t, s, m)
	}
	Equal(t, Read(t, s, All(0)), raw)
	checkBins(t, s, raw)
	if bins := Read(t, s, All(time.Hour))[Key("mail1", 0)]; len(bins) == 0 || bins[0].Latency == nil || !bins[0].Latency.FromMeans() || bins[0].Quality.Has(series.LatencyPartial) {
		t.Errorf("minutes without means mark the hour: %+v", bins)
	}
}

// largestHistograms: what is the most that can be stored is, and what is more is left
// out, alone.
func largestHistograms(t *testing.T, s Store) {
	want := map[series.Key][]series.Interval{}
	m := Minute("mail1", Start)
	for l, counts := range [][series.NumBuckets]uint64{
		{}, {17: series.MostCounted}, {0: series.MostCounted - 1, 9: 1}, {0: series.MostCounted, 9: 1}, {4: series.MostCounted + 1},
	} {
		i := Interval(Key("mail1", l), Start, 5)
		i.Latency = &series.Histogram{Version: series.BoundsVersion, Counts: counts}
		m.Intervals = append(m.Intervals, i)
		if !i.Latency.Storable() {
			i.Latency = nil
		}
		want[i.Key] = append(want[i.Key], i.Interval)
	}
	Commit(t, s, m)
	Equal(t, Read(t, s, All(0)), want)
	if without := want[Key("mail1", 3)][0].Latency; without != nil || want[Key("mail1", 2)][0].Latency == nil {
		t.Error("nothing is too large, or all of it")
	}
}
