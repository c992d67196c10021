package collector

import (
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// second is an instant some seconds after the boot.
func second(n float64) series.Instant {
	d := time.Duration(n * float64(time.Second))
	return series.Instant{Wall: boot.Add(d), Mono: d, Boot: d, BootID: "a"}
}

// A minute in which one second did 500 reads at 40 ms and the others 10 at 2 ms.
func TestWindows(t *testing.T) {
	lun := mapper.LUN{Kernel: "dm-13", ID: "LVM-sqldb", Layer: mapper.LayerLUN, Role: "mysql", DiskSeq: 3}
	rules := Rules{Layers: "maps", Slow: func(role string) time.Duration { return 20 * time.Millisecond }}
	key := series.Key{ID: lun.ID, Host: "h", Source: series.SourceHost}
	c := series.Counters{ReadIOs: 100}
	state := series.State{Last: []series.Last{{Key: key, At: second(0), DiskSeq: 3, Counters: c}}, BootID: "a", Mapping: []mapper.LUN{lun}}
	sample := func(n float64) series.Sample {
		return series.Sample{At: second(n), Host: "h", Source: series.SourceHost, LUNs: []mapper.LUN{lun},
			Readings: []series.Reading{{Kernel: "dm-13", Counters: c}}}
	}
	add := func(reads uint64, await uint32) {
		c.ReadIOs += reads
		c.ReadSectors += reads * 8
		c.ReadMS += uint32(reads) * await
		c.BusyMS += 500
		c.QueueMS += uint32(reads) * await
	}
	add(40, 2) // the 4 s before the first reading
	w := newWindows(time.Second, state, sample(4), rules)
	for n := 5; n <= 57; n++ {
		if n == 30 {
			add(500, 40)
		} else {
			add(10, 2)
		}
		w.close(second(float64(n)), sample(0).Readings)
	}
	end := sample(57)
	end.Peaks = w.peaks()
	m, _ := Close(state, end, rules)
	i := m.Intervals[0]
	if got, want := i.Value(series.ReadIOs), uint64(40+52*10+500); got != want {
		t.Errorf("%d reads, want %d", got, want)
	}
	want := series.Maxima{WindowMS: 1000, IOPS: 500, IOPSAt: boot.Add(30 * time.Second).Unix(), BytesPerS: 500 * 4096, UtilPercent: 50, Queue: 20, ReadAwait: 40}
	if i.Peak != want {
		t.Errorf("peak %+v\nwant %+v", i.Peak, want)
	}
	// The whole minute's mean await is (1120 + 20000) / 1060 = 19.9 ms: only the
	// windows see the slow second.
	if slow, _ := i.Get(series.SlowMS); slow != 1000 {
		t.Errorf("slow_ms %d, want 1000", slow)
	}

	// Whoever it was that was read: this is another LUN now.
	other := end
	other.LUNs = []mapper.LUN{lun}
	other.LUNs[0].DiskSeq = 4
	m, _ = Close(state, other, rules)
	if m.Intervals[0].Peak.WindowMS != 0 {
		t.Errorf("a LUN that was made again has the peaks of the old one: %+v", m.Intervals[0].Peak)
	}
}

// A stall that begins in mid-minute has its start.
func TestPeaksAreNoLessThanTheMean(t *testing.T) {
	mean := series.Maxima{WindowMS: 60_000, IOPS: 700, BytesPerS: 10, UtilPercent: 30, Queue: 0.5, ReadAwait: 9}
	peak := series.Maxima{WindowMS: 1000, IOPS: 100, IOPSAt: 7, BytesPerS: 20, UtilPercent: 20, Queue: 1}
	want := series.Maxima{WindowMS: 1000, IOPS: 700, BytesPerS: 20, UtilPercent: 30, Queue: 1}
	if got := atLeastMean(peak, mean); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := atLeastMean(series.Maxima{}, mean); got != (series.Maxima{}) {
		t.Errorf("without a window: %+v", got)
	}
}

func TestWindowsStall(t *testing.T) {
	lun := mapper.LUN{Kernel: "dm-1", ID: "LVM-x", Layer: mapper.LayerLUN}
	key := series.Key{ID: lun.ID, Host: "h", Source: series.SourceHost}
	c := series.Counters{WriteIOs: 100, Inflight: 1}
	state := series.State{Last: []series.Last{{Key: key, At: second(0), Counters: c}}, BootID: "a", Mapping: []mapper.LUN{lun}}
	look := func(n int) series.Sample {
		return series.Sample{At: second(float64(n)), Host: "h", Source: series.SourceHost, LUNs: []mapper.LUN{lun}, Readings: []series.Reading{{Kernel: "dm-1", Counters: c}}}
	}
	var w *windows
	for n := 1; n <= 57; n++ {
		if n <= 20 {
			c.WriteIOs++
			c.WriteMS += 5
		}
		if w == nil {
			w = newWindows(time.Second, state, look(n), Rules{})
		} else {
			w.close(second(float64(n)), look(n).Readings)
		}
	}
	end := look(57)
	m, _ := Close(state, end, Rules{})
	if m.Intervals[0].Quality.Has(series.Stalled) {
		t.Fatal("the minute as a whole shows no stall; the test tests nothing")
	}
	end.Peaks = w.peaks()
	m, _ = Close(state, end, Rules{})
	if !m.Intervals[0].Quality.Has(series.Stalled) || !m.State.Last[0].StallSince.Equal(boot.Add(20*time.Second)) {
		t.Errorf("quality %q, stalled since %v", m.Intervals[0].Quality, m.State.Last[0].StallSince)
	}
}

// Two LUNs of one identity have peaks of their own.
func TestTwinsHaveTheirOwnPeaks(t *testing.T) {
	luns := []mapper.LUN{{Kernel: "sda", ID: "wwid-1", Layer: mapper.LayerLUN}, {Kernel: "sdb", ID: "wwid-1", Layer: mapper.LayerLUN}}
	sample := func(n uint64) series.Sample {
		return series.Sample{At: second(float64(n)), Host: "h", Source: series.SourceHost, LUNs: luns, Readings: []series.Reading{
			{Kernel: "sda", Counters: series.Counters{ReadIOs: 10 * n}}, {Kernel: "sdb", Counters: series.Counters{ReadIOs: 70 * n}}}}
	}
	first, _ := Close(series.State{}, sample(1), Rules{})
	w := newWindows(time.Second, first.State, sample(2), Rules{})
	w.close(second(3), sample(3).Readings)
	last := sample(4)
	w.close(last.At, last.Readings)
	last.Peaks = w.peaks()
	m, _ := Close(first.State, last, Rules{})
	if len(m.Intervals) != 2 || m.Intervals[0].Peak.IOPS != 10 || m.Intervals[1].Peak.IOPS != 70 {
		t.Errorf("%+v", m.Intervals)
	}
}

// TestMeans: without the kernel's histogram, an interval has the I/Os of its short windows
// by their means, reads and writes each by their own.
func TestMeans(t *testing.T) {
	kernel := func(n uint64) *series.LatencyReading {
		return &series.LatencyReading{Version: series.BoundsVersion, Made: 1, Counts: [series.NumBuckets]uint64{2: n}}
	}
	means := &series.Histogram{Version: series.MeansVersion}
	means.Counts[series.BucketOf(3*time.Millisecond)] = 3 * 10  // reads
	means.Counts[series.BucketOf(40*time.Millisecond)] = 3 * 20 // writes
	for name, c := range map[string]struct {
		every    time.Duration
		was, now *series.LatencyReading
		windows  bool
		want     *series.Histogram
	}{
		"one second":        {time.Second, nil, nil, true, means},
		"five seconds":      {5 * time.Second, nil, nil, true, means},
		"too long":          {6 * time.Second, nil, nil, true, nil},
		"without --every":   {time.Second, nil, nil, false, nil},
		"the kernel counts": {time.Second, kernel(5), kernel(9), true, &series.Histogram{Version: series.BoundsVersion, Counts: [series.NumBuckets]uint64{2: 4}}},
		"cleared, no I/O":   {time.Second, kernel(5), kernel(0), true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			lun := mapper.LUN{Kernel: "dm-13", ID: "LVM-sqldb", Layer: mapper.LayerLUN}
			key := series.Key{ID: lun.ID, Host: "h", Source: series.SourceHost}
			var n series.Counters
			sample := func(at time.Duration) series.Sample {
				return series.Sample{At: second(10 + at.Seconds()), Host: "h", Source: series.SourceHost, LUNs: []mapper.LUN{lun},
					Readings: []series.Reading{{Kernel: lun.Kernel, Counters: n, Latency: c.now}}}
			}
			state := series.State{Last: []series.Last{{Key: key, At: second(10 - c.every.Seconds()), Counters: n, Latency: c.was}}, BootID: "a", Mapping: []mapper.LUN{lun}}
			w := newWindows(c.every, state, sample(0), Rules{})
			for i := range 3 {
				n.ReadIOs, n.ReadMS, n.WriteIOs, n.WriteMS = n.ReadIOs+10, n.ReadMS+30, n.WriteIOs+20, n.WriteMS+800
				s := sample(time.Duration(i+1) * c.every)
				w.close(s.At, s.Readings)
			}
			end := sample(3 * c.every)
			if c.windows {
				end.Peaks = w.peaks()
			}
			m, _ := Close(state, end, Rules{})
			if len(m.Intervals) != 1 {
				t.Fatalf("%d intervals", len(m.Intervals))
			}
			got := m.Intervals[0].Latency
			if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}
