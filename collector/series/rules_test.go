package series

import (
	"math"
	"slices"
	"testing"
	"time"

	"lunstat/mapper"
)

// The tests below try the limits of rules: at the limit, and just next to it.

func TestTurnsKeepsNoRunTwice(t *testing.T) {
	var turns Turns
	var all []Run
	for n := range 9 { // a gap before each but the second
		d := time.Duration(n) * 10 * time.Minute
		if n == 1 {
			d = time.Minute
		}
		r := Run{At: Instant{Wall: time.Unix(1e9, 0).Add(d), Mono: d, Boot: d, BootID: "a"}}
		turns.Add(&r)
		all = append(all, r)
	}
	got := turns.Runs()
	slices.SortFunc(got, func(a, b Run) int { return a.At.Wall.Compare(b.At.Wall) })
	if !slices.EqualFunc(got, all, func(a, b Run) bool { return a.At == b.At }) {
		t.Errorf("%d runs are picked, want each of %d once", len(got), len(all))
	}
}

// TestWindowOfFewIOs: an await is one of at least ten I/Os.
func TestWindowOfFewIOs(t *testing.T) {
	for _, n := range []uint64{9, 10} {
		i := Interval{ElapsedMS: 60_000}
		i.Set(ReadIOs, n)
		i.Set(ReadMS, 7*n)
		i.Set(WriteIOs, n)
		i.Set(WriteMS, 5*n)
		var read, write float32
		if n >= 10 {
			read, write = 7, 5
		}
		if m := i.Window(); m.ReadAwait != read || m.WriteAwait != write {
			t.Errorf("of %d I/Os: read await %v, write await %v; want %v and %v", n, m.ReadAwait, m.WriteAwait, read, write)
		}
	}
}

// TestNominal: from half a minute on, windows are whole minutes; shorter ones seconds.
func TestNominal(t *testing.T) {
	for ms, want := range map[uint64]uint32{
		1: 1000, 1499: 1000, 1500: 2000, 29_499: 29_000, 29_999: 30_000, 30_000: 60_000, 60_000: 60_000, 89_999: 60_000, 90_000: 120_000,
		math.MaxUint64 / 2: 1 << 31,
	} {
		if got := nominal(ms); got != want {
			t.Errorf("%d ms: %d, want %d", ms, got, want)
		}
	}
}

// TestMaximaOfDifferentWindows: of peaks the finer window counts, of means the one
// nearer a minute. Either is the same whichever comes first.
func TestMaximaOfDifferentWindows(t *testing.T) {
	for _, test := range []struct {
		a, b         uint32
		finer, means uint32
	}{
		{1000, 5000, 1000, 5000},
		{60_000, 120_000, 60_000, 60_000},
		{20_000, 120_000, 20_000, 20_000},
		{30_000, 90_000, 30_000, 30_000}, // as far on either side
	} {
		for _, w := range [][2]uint32{{test.a, test.b}, {test.b, test.a}} {
			a, b := Maxima{WindowMS: w[0]}, Maxima{WindowMS: w[1]}
			if got := mergeMaxima(a, b, finer).WindowMS; got != test.finer {
				t.Errorf("peaks of %v: %d, want %d", w, got, test.finer)
			}
			if got := mergeMaxima(a, b, nearerAMinute).WindowMS; got != test.means {
				t.Errorf("means of %v: %d, want %d", w, got, test.means)
			}
		}
	}
}

// TestLargerAtTheFirst: of two equal peaks the first has the second.
func TestLargerAtTheFirst(t *testing.T) {
	a, b := Maxima{WindowMS: 1, IOPS: 7, IOPSAt: 100}, Maxima{WindowMS: 1, IOPS: 7, IOPSAt: 50}
	if a.Larger(b).IOPSAt != 50 || b.Larger(a).IOPSAt != 50 {
		t.Errorf("%d and %d, want 50", a.Larger(b).IOPSAt, b.Larger(a).IOPSAt)
	}
}

// TestMergeInflight: it is a gauge at the end, so that of the later interval counts.
func TestMergeInflight(t *testing.T) {
	a := Interval{End: time.Unix(60, 0), ElapsedMS: 60_000, Inflight: 3, InflightKnown: true}
	b := Interval{End: time.Unix(120, 0), ElapsedMS: 60_000}
	for _, m := range []Interval{Merge(a, b), Merge(b, a)} {
		if m.InflightKnown || m.Inflight != 0 {
			t.Errorf("in flight %d, known %v; the later interval doesn't know", m.Inflight, m.InflightKnown)
		}
	}
}

// TestRollOrder: a long interval that ends with the bin's last comes after it, since it
// is longer, however they came.
func TestRollOrder(t *testing.T) {
	short := Interval{End: time.Unix(600, 0), ElapsedMS: 60_000, SpanMS: 60_000}
	long := Interval{End: time.Unix(600, 0), ElapsedMS: 500_000, SpanMS: 500_000, Quality: Long}
	for _, in := range [][]Interval{{short, long}, {long, short}} {
		if out := Roll(in, time.Hour); len(out) != 2 || out[0].Quality != 0 || out[1].Quality != Long {
			t.Errorf("%+v", out)
		}
	}
}

func TestBinOf(t *testing.T) {
	for s, want := range map[int64]int64{0: 0, 899: 0, 900: 1, -1: -1, -900: -1, -901: -2} {
		if got := BinOf(time.Unix(s, 0), 15*time.Minute); got != want {
			t.Errorf("second %d is in bin %d, want %d", s, got, want)
		}
	}
}

// TestNumbers: a run's number says which journal it belongs to, and numbers that earlier
// versions sent don't.
func TestNumbers(t *testing.T) {
	o := Outbound{Begun: 1, Seq: 0}
	if !KnowsJournal(o.Number()) || KnowsJournal(o.Number()-1) || KnowsJournal((&Outbound{Seq: 5}).Number()) {
		t.Error("the limit is not where the second of the journal begins")
	}
	later := Outbound{Begun: 2, Seq: 1}
	if last := (Outbound{Begun: 1, Seq: 1<<numberBits - 1}); last.Number() >= later.Number() || later.NumberOf(7) != later.Number()+6 {
		t.Error("the first run of a later journal is not after the last of an earlier one")
	}
}

func TestQueryHas(t *testing.T) {
	q := Query{From: time.Unix(100, 0), To: time.Unix(200, 0)}
	for s, want := range map[int64]bool{99: false, 100: false, 101: true, 200: true, 201: false} {
		if got := q.Has(time.Unix(s, 0)); got != want {
			t.Errorf("second %d of (100, 200]: %v", s, got)
		}
	}
}

// TestUsedPercent is df's rule: up to the next whole percent, but a whole one stays.
func TestUsedPercent(t *testing.T) {
	for _, test := range []struct {
		used, avail uint64
		want        int
	}{{50, 50, 50}, {1, 999, 1}, {0, 5, 0}, {501, 499, 51}, {999, 1, 100}, {7, 0, 100}} {
		if got, ok := (&Space{UsedBytes: test.used, AvailBytes: test.avail}).UsedPercent(); !ok || got != test.want {
			t.Errorf("%d of %d: %d %%, want %d", test.used, test.used+test.avail, got, test.want)
		}
	}
}

// TestWrapped32: a count that falls wrapped where it passed 2³² within 2³⁰ in all, and
// fell otherwise.
func TestWrapped32(t *testing.T) {
	for _, test := range []struct {
		last, now uint64
		want      bool
	}{
		{1<<32 - 1, 0, true},
		{1<<32 - 1<<29, 1 << 29, true},
		{1<<32 - 1<<29, 1<<29 + 1, false},
		{1 << 32, 5, false}, // no kernel of 32 bits
		{5, 7, false},
	} {
		if got := wrapped32(test.last, test.now); got != test.want {
			t.Errorf("%d to %d: %v", test.last, test.now, got)
		}
	}
}

// TestRecreatedWithoutNumber: where a kernel no longer numbers its devices, which a
// back-ported one may do after an update, the counts tell.
func TestRecreatedWithoutNumber(t *testing.T) {
	last := Last{DiskSeq: 9, Counters: Counters{ReadIOs: 1000, ReadMS: 1000}}
	now := last
	now.DiskSeq, now.ReadIOs = 0, 1001
	if recreated(last, now) {
		t.Error("a count that rose is taken for one of another device")
	}
}

// TestTwinNames: the names of twins, at their limits.
func TestTwinNames(t *testing.T) {
	luns := []mapper.LUN{{Kernel: "sda", ID: "x#"}, {Kernel: "sdb", ID: "x#"}}
	keys, twins := Keys(luns, "h", SourceHost, Earlier{})
	if keys[0].ID != "x#" || keys[1].ID != "x#sdb" || len(twins) != 1 || twins[0] != (Twin{0, 1}) {
		t.Errorf("%v, %v", keys, twins)
	}
	for id, want := range map[mapper.ID]mapper.ID{"x#sdb": "x", "x": "x", "#sdb": "#sdb", "a#b#c": "a#b"} {
		if got := Untwinned(id); got != want {
			t.Errorf("%q is %q untwinned, want %q", id, got, want)
		}
	}
	// A twin of the boot that left before the last run claims no name.
	at := func(minute int) Instant {
		return Instant{BootID: "b", Mono: time.Duration(minute) * time.Minute}
	}
	s := State{BootID: "b", Last: []Last{{Key: Key{ID: "y#sdb"}, At: at(1)}, {Key: Key{ID: "z"}, At: at(2)}}}
	keys, _ = Keys([]mapper.LUN{{Kernel: "sdb", ID: "y"}}, "h", SourceHost, EarlierOf(&s, "b"))
	if keys[0].ID != "y" {
		t.Errorf("a LUN without a twin is called %s", keys[0].ID)
	}
	s.Last[0].At = at(2)
	keys, _ = Keys([]mapper.LUN{{Kernel: "sdb", ID: "y"}}, "h", SourceHost, EarlierOf(&s, "b"))
	if keys[0].ID != "y#sdb" {
		t.Errorf("a LUN that was a twin in the last run is called %s", keys[0].ID)
	}
}
