package series

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestBounds(t *testing.T) {
	names := []string{
		"50us", "100us", "200us", "500us", "1ms", "2ms", "5ms", "10ms", "20ms", "50ms", "100ms", "200ms", "500ms",
		"1s", "2s", "5s", "10s", "inf",
	}
	if len(names) != NumBuckets || len(Bounds()) != NumBuckets-1 {
		t.Fatal("one bucket more than bounds")
	}
	for i, name := range names {
		if got := BoundName(i); got != name {
			t.Errorf("bucket %d is %s, want %s", i, got, name)
		}
	}
	for i, b := range Bounds() {
		if BucketOf(b-1) != i || BucketOf(b) != i+1 {
			t.Errorf("%s: %d and %d, want %d and %d", b, BucketOf(b-1), BucketOf(b), i, i+1)
		}
	}
	if BucketOf(0) != 0 || BucketOf(time.Hour) != NumBuckets-1 {
		t.Error("the ends")
	}
}

func TestQuantile(t *testing.T) {
	// 90 I/Os below 200 µs, 9 below 10 ms, one above 10 s.
	h := Histogram{Version: BoundsVersion}
	h.Counts[2], h.Counts[7], h.Counts[17] = 90, 9, 1
	for _, c := range []struct {
		p    float64
		want string
	}{
		{0, "< 200 µs"}, {0.5, "< 200 µs"}, {0.9, "< 200 µs"}, {0.901, "< 10 ms"}, {0.95, "< 10 ms"}, {0.99, "< 10 ms"},
		{0.995, "> 10 s"}, {1, "> 10 s"},
	} {
		b, ok := h.Quantile(c.p)
		if !ok || b.String() != c.want {
			t.Errorf("p%g: %s, want %s", 100*c.p, b, c.want)
		}
		if b.Above() != (c.want == "> 10 s") || b.Above() != (b.Lower == 10*time.Second) {
			t.Errorf("p%g: %+v", 100*c.p, b)
		}
	}
	if b, _ := h.Quantile(0.95); b.Lower != 5*time.Millisecond || b.Upper != 10*time.Millisecond {
		t.Errorf("%+v", b)
	}
	other := h
	other.Version++
	for _, h := range []Histogram{{Version: BoundsVersion}, other} {
		if b, ok := h.Quantile(0.5); ok {
			t.Errorf("%+v of %+v", b, h)
		}
	}
	for _, p := range []float64{-0.1, 1.1} {
		if b, ok := h.Quantile(p); ok {
			t.Errorf("%+v for %g", b, p)
		}
	}
	huge := Histogram{Version: BoundsVersion}
	huge.Counts[3] = 1<<63 + 12345 // no float is that exact
	if b, ok := huge.Quantile(1); !ok || b.Upper != 500*time.Microsecond {
		t.Errorf("%+v, %v", b, ok)
	}
}

// TestQuantileIsNearestRank compares with the I/Os in a row, of which each rank is looked up:
// of one I/O, of all beyond the last bound, at the edges of buckets.
func TestQuantileIsNearestRank(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for n := range 500 {
		h := Histogram{Version: BoundsVersion}
		var row []int
		for b := range h.Counts {
			if n%3 > 0 && r.IntN(3) > 0 || n%7 == 0 && b < NumBuckets-1 {
				continue
			}
			h.Counts[b] = uint64(r.IntN(1 + n%40))
			for range h.Counts[b] {
				row = append(row, b)
			}
		}
		for percent := range 101 {
			b, ok := h.Quantile(float64(percent) / 100)
			if ok != (len(row) > 0) {
				t.Fatalf("%v: %v", h.Counts, ok)
			}
			if !ok {
				continue
			}
			at := max((percent*len(row)+99)/100, 1) - 1
			if want := bucketBound(row[at]); b != want {
				t.Fatalf("%d %% of %v: %+v, want %+v", percent, h.Counts, b, want)
			}
		}
	}
}

func TestAdd(t *testing.T) {
	a, b := Histogram{Version: 1}, Histogram{Version: 1}
	a.Counts[0], a.Counts[5], b.Counts[5], b.Counts[17] = 1, 2, 3, 4
	sum, ok := a.Add(&b)
	if !ok || sum.Counts[0] != 1 || sum.Counts[5] != 5 || sum.Counts[17] != 4 || sum.Total() != 10 || a.Total() != 3 {
		t.Errorf("%+v, %v, %+v", sum, ok, a)
	}
	b.Version = 2
	if sum, ok := a.Add(&b); ok {
		t.Errorf("counts of two sets of bounds were added: %+v", sum)
	}
}

// A reading of a region that was made at a second since the boot, with so many I/Os of
// 15 ms and of 300 ms.
func region(made float64, fast, slow uint64) *LatencyReading {
	r := LatencyReading{Version: BoundsVersion, Made: uint64(made * 1e9), ReadNS: fast*15e6 + slow*300e6}
	r.Counts[8], r.Counts[12] = fast, slow
	return &r
}

func TestCloseLatency(t *testing.T) {
	cleared := region(50, 3, 1)
	grown := region(50, 110, 25)
	grown.Short = true
	newBounds := region(50, 110, 25)
	newBounds.Version++
	for name, c := range map[string]struct {
		last, now *LatencyReading
		boot      string // of the later reading
		seq       uint64
		fast      uint64
		slow      uint64
		reads     uint64 // by the device's counters; 0: as many as are in the buckets
		none      bool
		partial   bool
	}{
		"none":                       {none: true},
		"it counts on":               {last: region(50, 100, 20), now: region(50, 110, 25), fast: 10, slow: 5},
		"nothing happened":           {last: region(50, 100, 20), now: region(50, 100, 20)},
		"it is gone":                 {last: region(50, 100, 20), none: true},
		"made within":                {now: region(130, 4, 1), fast: 4, slow: 1, partial: true},
		"made too late":              {now: region(130, 0, 0), reads: 7, none: true, partial: true},
		"made while idle":            {now: region(130, 0, 0)},
		"made at an unknown time":    {now: region(90, 4, 1), none: true},
		"made again within":          {last: region(50, 1, 0), now: region(130, 4, 1), fast: 4, slow: 1, partial: true},
		"another's, of before":       {last: region(50, 1, 0), now: region(70, 4, 1), none: true},
		"cleared":                    {last: region(50, 100, 20), now: cleared, fast: 3, slow: 1, partial: true},
		"the device grew":            {last: region(50, 100, 20), now: grown, fast: 10, slow: 5, partial: true},
		"other bounds":               {last: region(50, 100, 20), now: newBounds, none: true},
		"rebooted":                   {last: region(50, 1, 0), now: region(50, 4, 1), boot: "b", fast: 4, slow: 1, partial: true},
		"the device was made again":  {last: region(50, 1, 0), now: region(125, 4, 1), seq: 7, fast: 4, slow: 1, partial: true},
		"again, and had no region":   {last: region(50, 1, 0), seq: 7, none: true},
		"rebooted, no region by now": {last: region(50, 1, 0), boot: "b", none: true},
	} {
		t.Run(name, func(t *testing.T) {
			was := Last{At: at("a", 100), DiskSeq: 6, Latency: c.last, Counters: Counters{Given: all}}
			is := Last{At: at("a", 160), DiskSeq: 6 + c.seq, Latency: c.now, Counters: Counters{Given: all}}
			if is.ReadIOs = c.reads; c.reads == 0 {
				is.ReadIOs = c.fast + c.slow
			}
			if c.boot != "" {
				is.At.BootID = c.boot
			}
			i, base, ok := Close(was, is, Limits{})
			if !ok || base.Latency != c.now {
				t.Fatalf("%v, base %+v", ok, base.Latency)
			}
			if i.Quality.Has(LatencyPartial) != c.partial {
				t.Errorf("marks %q", i.Quality)
			}
			if c.none {
				if i.Latency != nil {
					t.Errorf("%+v, want none", i.Latency)
				}
				return
			}
			if i.Latency == nil {
				t.Fatal("no histogram")
			}
			want := Histogram{Version: BoundsVersion}
			want.Counts[8], want.Counts[12] = c.fast, c.slow
			if *i.Latency != want {
				t.Errorf("%+v, want %+v", *i.Latency, want)
			}
		})
	}
}

// Too close to the last reading, no interval is closed, and the region's base stays too.
func TestCloseLatencyTooSoon(t *testing.T) {
	was := Last{At: at("a", 100), Latency: region(50, 1, 0)}
	_, base, ok := Close(was, Last{At: at("a", 100.3), Latency: region(50, 9, 0)}, Limits{})
	if ok || base.Latency != was.Latency {
		t.Errorf("%v, %+v", ok, base.Latency)
	}
}

func TestMergeLatency(t *testing.T) {
	h := func(version uint8, n uint64) *Histogram {
		h := Histogram{Version: version}
		h.Counts[4] = n
		return &h
	}
	for name, c := range map[string]struct {
		a, b, want *Histogram
		partial    bool
	}{
		"none":        {nil, nil, nil, false},
		"both":        {h(1, 2), h(1, 3), h(1, 5), false},
		"one lacks":   {h(1, 2), nil, h(1, 2), true},
		"two bounds":  {h(1, 2), h(2, 3), h(2, 3), true},
		"zero and 0s": {h(1, 0), h(1, 0), h(1, 0), false},
		"means":       {h(MeansVersion, 2), h(MeansVersion, 3), h(MeansVersion, 5), false},
		"means, none": {h(MeansVersion, 2), nil, h(MeansVersion, 2), false},
		"means, I/Os": {h(MeansVersion, 2), h(1, 3), h(1, 3), true},
		"means, next": {h(MeansVersion, 2), h(2, 3), h(2, 3), true},
	} {
		t.Run(name, func(t *testing.T) {
			end := time.Unix(1000, 0)
			a := Interval{End: end, ElapsedMS: 60_000, SpanMS: 60_000, Latency: c.a}
			b := Interval{End: end.Add(time.Minute), ElapsedMS: 60_000, SpanMS: 60_000, Latency: c.b}
			for _, m := range []Interval{Merge(a, b), Merge(b, a)} {
				if (m.Latency == nil) != (c.want == nil) || m.Latency != nil && *m.Latency != *c.want || m.Quality.Has(LatencyPartial) != c.partial {
					t.Errorf("%+v %s, want %+v", m.Latency, m.Quality, c.want)
				}
			}
			if c.a != nil && c.a.Total() > 2 {
				t.Error("a merged histogram was changed")
			}
		})
	}
}

// TestHistogramOfDamagedCounts: sums of counts near the end of an integer don't begin
// again at zero, in any order, and their quantiles stay where the counts are.
func TestHistogramOfDamagedCounts(t *testing.T) {
	a := Histogram{Version: BoundsVersion}
	a.Counts[9] = MostCounted
	sum := a
	for range 2 { // three times 2⁶³-1
		sum, _ = sum.Add(&a)
	}
	two, _ := a.Add(&a)
	if other, _ := two.Add(&a); other != sum {
		t.Errorf("the order counts: %v, %v", other, sum)
	}
	if sum.Counts[9] != math.MaxUint64 || sum.Total() != math.MaxUint64 {
		t.Errorf("the sum is %d, the total %d", sum.Counts[9], sum.Total())
	}
	if sum.Storable() {
		t.Error("such a sum can be stored")
	}
	sum.Counts[17] = MostCounted // the total is above every integer
	if sum.Total() != math.MaxUint64 {
		t.Errorf("the total is %d", sum.Total())
	}
	for _, p := range []float64{0, 0.5, 0.95} {
		if b, ok := sum.Quantile(p); !ok || b != bucketBound(9) {
			t.Errorf("p%g is %v, %v", p*100, b, ok)
		}
	}
}
