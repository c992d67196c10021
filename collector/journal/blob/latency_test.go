package blob

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
)

// TestBits: numbers of known ranges, whatever they are, come back in their order, and a
// range of one number takes no bit.
func TestBits(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	var all, most []uint64
	for range 5000 {
		max := r.Uint64() >> (1 + r.IntN(64))
		if r.IntN(4) == 0 {
			max = 1<<r.IntN(63) - uint64(r.IntN(2))
		}
		v := max
		if r.IntN(3) > 0 {
			v = r.Uint64N(max + 1)
		}
		all, most = append(all, v), append(most, max)
	}
	var w bitWriter
	for i := range all {
		before := 8*len(w.b) + int(w.n)
		w.below(all[i], most[i])
		if took := 8*len(w.b) + int(w.n) - before; most[i] == 0 && took != 0 || most[i] > 0 && took > 63 {
			t.Fatalf("%d of at most %d took %d bits", all[i], most[i], took)
		}
	}
	c := cursor{b: w.end()}
	b := bitReader{c: &c}
	for i := range all {
		if got := b.below(most[i]); got != all[i] {
			t.Fatalf("number %d is %d, want %d", i, got, all[i])
		}
	}
	if b.end(); c.end() != nil {
		t.Error("something is left")
	}
}

// TestLatencyBytes holds histograms to their size: of a busy LUN, of one that does an
// I/O now and then, and of one at rest.
func TestLatencyBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, test := range []struct {
		name string
		ios  uint64
		mean time.Duration
		most float64 // bytes
	}{
		{"busy, from an array's cache", 30_000, 700 * time.Microsecond, 14},
		{"busy", 30_000, 5 * time.Millisecond, 16},
		{"usual", 2_000, 5 * time.Millisecond, 11},
		{"slow", 2_000, 40 * time.Millisecond, 12},
		{"little", 20, 5 * time.Millisecond, 5},
		{"at rest", 0, 5 * time.Millisecond, 0.5},
	} {
		bytesOfLUN(t, test.name, test.most, func() (*series.Histogram, uint64) {
			return storetest.Latencies(r, test.ios, test.mean), test.ios
		})
	}
}

// bytesOfLUN checks that a histogram takes at most so many bytes a LUN and minute, and
// comes back as it was. next gives one with the I/Os of its minute.
func bytesOfLUN(t *testing.T, name string, most float64, next func() (*series.Histogram, uint64)) {
	t.Helper()
	const n = 14
	var ids []int64
	var in, bare []series.Interval
	for i := range n {
		v := storetest.Interval(storetest.Key("mail1", i), storetest.Start, i).Interval
		h, ios := next()
		v.Set(series.ReadIOs, ios/2)
		v.Set(series.WriteIOs, ios-ios/2)
		v.Set(series.DiscardIOs, 0)
		ids, bare = append(ids, int64(i)), append(bare, v)
		v.Latency = h
		in = append(in, v)
	}
	var e Encoder
	var d Decoder
	b := e.Block(nil, ids, in, 0)
	if _, got, err := d.block(b, 0); err != nil || !slices.EqualFunc(got, in, storetest.Same) {
		t.Errorf("%s: %v, %+v", name, err, got)
	}
	per := float64(len(b)-len(e.Block(nil, ids, bare, 0))) / n
	if t.Logf("%s: %.2f bytes a LUN", name, per); per > most {
		t.Errorf("%s: %.2f bytes a LUN, want %v at most", name, per, most)
	}
}

// TestMeansBytes does the same for the means of one-second windows. They come back as such.
func TestMeansBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 129))
	for _, test := range []struct {
		name string
		ios  float64 // a second
		mean time.Duration
		most float64 // bytes
	}{
		{"busy", 500, 5 * time.Millisecond, 12},
		{"usual", 33, 5 * time.Millisecond, 11},
		{"little", 0.3, 5 * time.Millisecond, 5},
		{"at rest", 0, 5 * time.Millisecond, 0.5},
	} {
		bytesOfLUN(t, test.name, test.most, func() (*series.Histogram, uint64) {
			h := storetest.Means(r, test.ios, test.mean)
			return h, h.Total() * 60 / 57 // the windows leave out a part of the minute
		})
	}
}

// TestCapturedLatencyBytes does the same for what the kernel said of three volumes of a
// guest under load.
func TestCapturedLatencyBytes(t *testing.T) {
	var ids []int64
	var in, bare []series.Interval
	for n, counts := range [][series.NumBuckets]uint64{
		{2: 14, 3: 2691, 4: 457, 5: 63, 6: 21, 7: 3},
		{3: 474, 4: 314, 5: 23, 6: 9},
		{3: 182, 4: 303, 5: 37, 6: 6},
	} {
		i := storetest.Interval(storetest.Key("mail1", n), storetest.Start, n).Interval
		h := &series.Histogram{Version: series.BoundsVersion, Counts: counts}
		i.Set(series.ReadIOs, h.Total())
		i.Set(series.WriteIOs, 0)
		i.Set(series.DiscardIOs, 0)
		ids, bare = append(ids, int64(n)), append(bare, i)
		i.Latency = h
		in = append(in, i)
	}
	var e Encoder
	per := float64(len(e.Block(nil, ids, in, 0))-len(e.Block(nil, ids, bare, 0))) / float64(len(in))
	if t.Logf("%.1f bytes a LUN", per); per > 8 {
		t.Errorf("%.1f bytes a LUN, want 8 at most", per)
	}
}

// TestUnstorableHistogram: what no store can hold is left out, and all else is kept.
func TestUnstorableHistogram(t *testing.T) {
	in := []series.Interval{storetest.Interval(storetest.Key("mail1", 0), storetest.Start, 1).Interval}
	in[0].Latency = &series.Histogram{Version: series.BoundsVersion}
	in[0].Latency.Counts[1], in[0].Latency.Counts[9] = series.MostCounted, 1
	var e Encoder
	var d Decoder
	_, got, err := d.block(e.Block(nil, []int64{7}, in, 0), 0)
	in[0].Latency = nil
	if err != nil || len(got) != 1 || !storetest.Same(got[0], in[0]) {
		t.Errorf("%v, %+v", err, got)
	}
}

// TestHistogramsOutliveTheDecoder: who copies an interval may keep it.
func TestHistogramsOutliveTheDecoder(t *testing.T) {
	ids, in := sampleLatencies()
	var e Encoder
	var d Decoder
	_, got, err := d.block(e.Block(nil, ids, in, 0), 0)
	if err != nil {
		t.Fatal(err)
	}
	kept := got[0]
	in[0].Latency = &series.Histogram{Version: series.BoundsVersion}
	if _, _, err := d.block(e.Block(nil, ids, in, 0), 0); err != nil {
		t.Fatal(err)
	}
	if _, want := sampleLatencies(); *kept.Latency != *want[0].Latency {
		t.Errorf("it became %+v", kept.Latency)
	}
}
