package storetest

import (
	"fmt"
	"math"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Start is when the suite's time begins, a Monday.
var Start = time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)

// Widths are the widths that every store gives.
func Widths() []time.Duration { return []time.Duration{0, 15 * time.Minute, time.Hour} }

// All asks for everything.
func All(width time.Duration) series.Query {
	return series.Query{From: Start.AddDate(-1, 0, 0), To: Start.AddDate(3, 0, 0), Width: width}
}

// Key is the nth series of a host.
func Key(host string, n int) series.Key {
	return series.Key{ID: LUN(n).ID, Host: host, Source: series.SourceHost}
}

// LUN is the nth made LUN.
func LUN(n int) mapper.LUN {
	uuid := fmt.Sprintf("LVM-%032x", n)
	return mapper.LUN{
		Kernel: fmt.Sprintf("dm-%d", n), Dev: mapper.DevNo{Major: 253, Minor: uint32(n)}, ID: mapper.ID(uuid), UUID: uuid,
		DMName: fmt.Sprintf("zimbra1-lv%d", n), VG: "zimbra1", LV: fmt.Sprintf("lv%d", n), SizeBytes: 1 << 40,
		Layer: mapper.LayerLUN, Role: "mysql", RoleFrom: "mount", Label: "MySQL data", Group: "zimbra1",
		Mounts: []mapper.Mount{{Point: fmt.Sprintf("/opt/zimbra/%d", n), FSType: "ext4", Root: "/", Source: "/dev/mapper/x"}},
		Slaves: []string{"sda", "sdb"}, Paths: []mapper.Path{{Kernel: "sda", Dev: mapper.DevNo{Major: 8}, HCTL: "0:0:1:7", State: "running"}},
	}
}

// Interval is a minute's interval whose sums follow from n, a different number in
// each field.
func Interval(k series.Key, end time.Time, n int) series.KeyInterval {
	i := series.KeyInterval{Key: k}
	i.End = end.Truncate(time.Second).UTC()
	i.ElapsedMS = 60_000 + uint64(n%3)
	i.SpanMS = i.ElapsedMS
	for f := range series.NumFields {
		if f != series.IOs && f != series.IOMS {
			i.Set(f, uint64(n)*uint64(f+1)*37%100_000)
		}
	}
	i.Inflight, i.InflightKnown = uint32(n%4), true
	return i
}

// Minute is a run of a host with these intervals, and the state that belongs to
// it.
func Minute(host string, at time.Time, in ...series.KeyInterval) *series.Minute {
	m := &series.Minute{Intervals: in}
	m.Run = series.Run{Host: host, Kernel: "6.1.0-test", Version: "test", LUNs: uint32(len(in)),
		At: series.Instant{Wall: at, Mono: at.Sub(Start) + time.Hour, Boot: at.Sub(Start) + time.Hour, BootID: "boot-1"}}
	m.State.BootID = m.Run.At.BootID
	for _, i := range in {
		m.State.Last = append(m.State.Last, series.Last{Key: i.Key, At: m.Run.At})
	}
	if len(in) == 0 {
		m.State.Last = []series.Last{{Key: Key(host, 0), At: m.Run.At}}
	}
	return m
}

// Commit stores a minute or ends the test.
func Commit(t testing.TB, s Store, m *series.Minute) {
	t.Helper()
	if err := s.Commit(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// Read gives what a query gives, by series.
func Read(t testing.TB, s Store, q series.Query) map[series.Key][]series.Interval {
	t.Helper()
	got := map[series.Key][]series.Interval{}
	err := s.Intervals(t.Context(), q, func(k series.Key, i *series.Interval) error {
		if l := got[k]; len(l) > 0 && i.End.Before(l[len(l)-1].End) {
			t.Errorf("%s: %s comes after %s", k.ID, i.End, l[len(l)-1].End)
		}
		got[k] = append(got[k], *i)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Equal compares intervals by series.
func Equal(t testing.TB, got, want map[series.Key][]series.Interval) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d series, want %d", len(got), len(want))
	}
	for k, w := range want {
		g := got[k]
		if len(g) != len(w) {
			t.Errorf("%s of %s: %d intervals, want %d", k.ID, k.Host, len(g), len(w))
			continue
		}
		for n := range w {
			if !Same(g[n], w[n]) {
				t.Errorf("%s of %s, interval %d:\n got %+v\nwant %+v", k.ID, k.Host, n, g[n], w[n])
				return
			}
		}
	}
}

// Same reports that two intervals are equal in every field.
func Same(a, b series.Interval) bool {
	if !a.End.Equal(b.End) {
		return false
	}
	a.End, b.End = time.Time{}, time.Time{}
	if (a.Latency == nil) != (b.Latency == nil) || a.Latency != nil && *a.Latency != *b.Latency {
		return false
	}
	a.Latency, b.Latency = nil, nil
	return a == b
}

// Mapping is a host's devices. One has nothing and one nearly everything.
func Mapping() []mapper.LUN {
	full := LUN(1)
	full.WWID, full.Serial, full.DiskSeq, full.Suspended, full.StatsOff, full.Swap = "naa.6", "ZC1", 12, true, true, true
	full.Holders = []string{"dm-7"}
	full.Mounts = append(full.Mounts, mapper.Mount{Point: "/b", Hidden: true, RO: true})
	return []mapper.LUN{full, {Kernel: "sda", Dev: mapper.DevNo{Major: 8}, Layer: mapper.LayerDisk}, {}}
}

// Lasts are the last readings of four LUNs, without keys: large numbers and wrapped
// ones, a LUN that left a day ago, and one that is stalled.
func Lasts() (all []series.Last) {
	at := series.Instant{Wall: Start.Add(123456789), Mono: time.Hour + 7, Boot: 2 * time.Hour, BootID: "b"}
	for n := range 4 {
		c := series.Counters{ReadIOs: uint64(n) << 40, WriteSectors: 8, ReadMS: math.MaxUint32, QueueMS: uint32(n), Inflight: 1, Given: series.GivenDiscards}
		all = append(all, series.Last{At: at, DiskSeq: 9, Counters: c, IdleRuns: uint32(n)})
	}
	all[2].At = series.Instant{Wall: Start.Add(-24 * time.Hour), Mono: 1}
	all[3].StallSince = Start.Add(-time.Minute)
	return all
}
