package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"lunstat/collector/series"
)

// pressure: what a host waited for I/O is kept with its runs, 0 and unknown apart, and
// bins are sums of what is known about all their runs.
func pressure(t *testing.T, s Store) {
	us := func(v uint64) *uint64 { return &v }
	given := []series.Pressure{
		{}, // the first run after a boot
		{ElapsedMS: 60_001, SomeUS: us(0), FullUS: us(0)},
		{ElapsedMS: 59_999, SomeUS: us(1_234_567), FullUS: us(12)},
		{}, // nothing was known
		{ElapsedMS: 60_000, SomeUS: us(60_000_000), FullUS: us(59_000_000)},
	}
	const perBin = 15
	var want []series.HostPressure
	var runs []series.Run
	for n := range 2 * perBin {
		at := Start.Add(time.Duration(n) * time.Minute)
		for _, host := range []string{"mail1", "mail2"} {
			m := Minute(host, at)
			m.Run.Pressure = given[n%len(given)]
			if host == "mail2" && n >= perBin && m.Run.Pressure.ElapsedMS > 0 {
				m.Run.Pressure.FullUS = nil // the line is gone
			}
			if host == "mail2" && n < 2 {
				m.Run.Pressure = series.Pressure{}
			}
			runs = append(runs, m.Run)
			if m.Run.Pressure.ElapsedMS > 0 {
				want = append(want, series.HostPressure{Host: host, End: at, Pressure: m.Run.Pressure})
			}
			Commit(t, s, m)
		}
	}
	got, err := s.Runs(t.Context(), All(0))
	if err != nil || len(got) != len(runs) {
		t.Fatalf("%d runs, %v; want %d", len(got), err, len(runs))
	}
	for i := range runs {
		if !sameRun(got[i], runs[i]) {
			t.Errorf("run %d:\n got %+v\nwant %+v", i, got[i], runs[i])
		}
	}
	equalPressures(t, s, All(0), want)
	for _, w := range Widths()[1:] {
		equalPressures(t, s, All(w), pressureBins(want, w))
	}
	q := series.Query{From: Start.Add(4 * time.Minute), To: Start.Add(17 * time.Minute), Width: 15 * time.Minute, Keys: []series.Key{Key("mail2", 0)}}
	equalPressures(t, s, q, pressureBins(slices.DeleteFunc(slices.Clone(want), func(p series.HostPressure) bool { return p.Host != "mail2" || !q.Has(p.End) }), q.Width))
	q.Keys = []series.Key{}
	equalPressures(t, s, q, nil)
}

// pressureBins adds up what ends in each bin, in order.
func pressureBins(all []series.HostPressure, width time.Duration) (bins []series.HostPressure) {
	add := func(a, b *uint64) *uint64 {
		if a == nil || b == nil {
			return nil
		}
		v := *a + *b
		return &v
	}
	for _, p := range all {
		p.End = Start.Add(p.End.Sub(Start).Truncate(width) + width)
		at := slices.IndexFunc(bins, func(b series.HostPressure) bool { return b.Host == p.Host && b.End.Equal(p.End) })
		if at < 0 {
			bins = append(bins, p)
			continue
		}
		b := &bins[at]
		b.ElapsedMS, b.SomeUS, b.FullUS = b.ElapsedMS+p.ElapsedMS, add(b.SomeUS, p.SomeUS), add(b.FullUS, p.FullUS)
	}
	return bins
}

func equalPressures(t *testing.T, s Store, q series.Query, want []series.HostPressure) {
	t.Helper()
	got, err := s.Pressures(t.Context(), q)
	same := func(a, b series.HostPressure) bool {
		return a.Host == b.Host && a.End.Equal(b.End) && samePressure(a.Pressure, b.Pressure)
	}
	if err != nil || !slices.EqualFunc(got, want, same) {
		t.Errorf("width %s, %v:\n got %s\nwant %s", q.Width, err, pressureText(got), pressureText(want))
	}
}

func samePressure(a, b series.Pressure) bool {
	same := func(a, b *uint64) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }
	return a.ElapsedMS == b.ElapsedMS && same(a.SomeUS, b.SomeUS) && same(a.FullUS, b.FullUS)
}

func pressureText(all []series.HostPressure) (text string) {
	known := func(v *uint64) string {
		if v == nil {
			return "?"
		}
		return fmt.Sprint(*v)
	}
	for _, p := range all {
		text += fmt.Sprintf("\n%s %s %d ms %s %s", p.Host, p.End.Format("15:04"), p.ElapsedMS, known(p.SomeUS), known(p.FullUS))
	}
	return text
}
