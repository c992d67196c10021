package journal

import (
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
)

// TestBinOfTwoBounds: after an upgrade that changed the bounds, raw intervals keep the
// counts that they were made with, and the bin in which both meet has those of the newer
// bounds, never a sum of the two, and says that it lacks some.
func TestBinOfTwoBounds(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	k := storetest.Key("mail1", 0)
	var raw []series.Interval
	for n := range 20 {
		at := storetest.Start.Add(time.Duration(n) * time.Minute)
		i := storetest.Interval(k, at, n)
		i.Latency = &series.Histogram{Version: 1, Counts: [series.NumBuckets]uint64{3: 10}}
		if n >= 10 {
			i.Latency = &series.Histogram{Version: 2, Counts: [series.NumBuckets]uint64{4: 7}}
		}
		raw = append(raw, i.Interval)
		storetest.Commit(t, j, storetest.Minute("mail1", at, i))
	}
	storetest.Equal(t, storetest.Read(t, j, storetest.All(0)), map[series.Key][]series.Interval{k: raw})
	for _, w := range storetest.Widths()[1:] {
		bins := storetest.Read(t, j, storetest.All(w))[k]
		storetest.Equal(t, map[series.Key][]series.Interval{k: bins}, map[series.Key][]series.Interval{k: series.Roll(raw, w)})
		want := uint64(7 * 10)
		if w == 15*time.Minute {
			want = 7 * 5
		}
		if h := bins[0].Latency; h == nil || h.Version != 2 || h.Total() != want || !bins[0].Quality.Has(series.LatencyPartial) {
			t.Errorf("width %s: %+v, %s", w, h, bins[0].Quality)
		}
	}
}

// TestPressureOfWholeRanges: the runs that are kept to explain holes are not the pressure
// of the time around them.
func TestPressureOfWholeRanges(t *testing.T) {
	j := open(t, Options{Sync: "normal", KeepRaw: 6 * time.Hour, Keep15m: 2 * day, Now: func() time.Time { return storetest.Start.Add(day) }})
	us := uint64(1000)
	var minutes []series.Minute
	for n := range 24 * 60 {
		at := storetest.Start.Add(time.Duration(n) * time.Minute)
		m := storetest.Minute("mail1", at, storetest.Interval(storetest.Key("mail1", 0), at, n))
		m.Run.Pressure = series.Pressure{ElapsedMS: 60_000, SomeUS: &us, FullUS: &us}
		minutes = append(minutes, *m)
	}
	if err := j.CommitAll(t.Context(), minutes); err != nil {
		t.Fatal(err)
	}
	all, err := j.Pressures(t.Context(), storetest.All(15*time.Minute))
	if err != nil || len(all) < 20 || len(all) > 30 {
		t.Fatalf("%d bins, %v", len(all), err)
	}
	for _, p := range all {
		if p.ElapsedMS != 15*60_000 || *p.SomeUS != 15_000 {
			t.Errorf("until %s: %d ms, %d µs", p.End, p.ElapsedMS, *p.SomeUS)
		}
	}
}
