package series

import (
	"testing"
	"time"
)

var wall = time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)

// at is an instant up seconds after the boot, on a host whose clocks agree.
func at(boot string, up float64) Instant {
	d := time.Duration(up * float64(time.Second))
	return Instant{Wall: wall.Add(d), Mono: d, Boot: d, BootID: boot}
}

// all has every counter that a kernel of 5.5 or later gives.
const all = GivenDiscards | GivenFlushes

func TestClose(t *testing.T) {
	base := Counters{
		ReadIOs: 1000, ReadMerges: 10, ReadSectors: 16_000, ReadMS: 5_000,
		WriteIOs: 2000, WriteMerges: 20, WriteSectors: 64_000, WriteMS: 9_000,
		DiscardIOs: 5, DiscardSectors: 80, DiscardMS: 1, FlushIOs: 7, FlushMS: 3,
		BusyMS: 30_000, QueueMS: 14_000, Given: all,
	}
	// edit gives base with changes.
	edit := func(f func(*Counters)) Counters { c := base; f(&c); return c }
	plain := edit(func(c *Counters) {
		c.ReadIOs += 600 // 10/s
		c.ReadSectors += 600 * 16
		c.ReadMS += 3_000 // 5 ms each
		c.WriteIOs += 120
		c.WriteSectors += 120 * 8
		c.WriteMS += 2_400 // 20 ms each
		c.BusyMS += 4_500
		c.QueueMS += 5_400
	})
	type sums map[Field]uint64
	plainSums := sums{
		ReadIOs: 600, ReadBytes: 600 * 8192, ReadMS: 3000, WriteIOs: 120, WriteBytes: 120 * 4096, WriteMS: 2400,
		ReadMerges: 0, WriteMerges: 0, DiscardIOs: 0, DiscardMerges: 0, DiscardBytes: 0, DiscardMS: 0, FlushIOs: 0, FlushMS: 0,
		BusyMS: 4500, QueueMS: 5400, SlowMS: 0,
	}
	with := func(changes sums, absent ...Field) sums {
		s := sums{}
		for f, v := range plainSums {
			s[f] = v
		}
		for f, v := range changes {
			s[f] = v
		}
		for _, f := range absent {
			delete(s, f)
		}
		return s
	}
	afterPlain := func(f func(was, is *Counters)) (Counters, Counters) {
		was, is := base, plain
		f(&was, &is)
		return was, is
	}

	type test struct {
		name            string
		was, is         Counters
		last, now       Instant
		lastSeq, nowSeq uint64
		elapsed         uint64
		quality         Quality
		want            sums
	}
	minute := func(name string, q Quality, want sums, f func(was, is *Counters)) test {
		was, is := afterPlain(f)
		return test{name: name, was: was, is: is, last: at("a", 1000), now: at("a", 1060), elapsed: 60_000, quality: q, want: want}
	}
	none := func(_, _ *Counters) {}
	tests := []test{
		minute("plain", 0, plainSums, none),
		// Each ms field alone passes 2³²: 4294967000 → 2704 is 3000 ms.
		minute("read ms wraps", Wrapped, plainSums, func(was, is *Counters) { was.ReadMS, is.ReadMS = 4294967000, 2704 }),
		minute("write ms wraps", Wrapped, plainSums, func(was, is *Counters) { was.WriteMS, is.WriteMS = 4294967295, 2399 }),
		minute("busy ms wraps", Wrapped, plainSums, func(was, is *Counters) { was.BusyMS, is.BusyMS = 4294967290, 4494 }),
		minute("weighted ms wraps", Wrapped, plainSums, func(was, is *Counters) { was.QueueMS, is.QueueMS = 4294964000, 2104 }),
		minute("discard ms wraps", Wrapped, with(sums{DiscardIOs: 4, DiscardMS: 40}), func(was, is *Counters) {
			is.DiscardIOs += 4
			was.DiscardMS, is.DiscardMS = 4294967286, 30
		}),
		minute("flush ms wraps", Wrapped, with(sums{FlushIOs: 4, FlushMS: 40}), func(was, is *Counters) {
			is.FlushIOs += 4
			was.FlushMS, is.FlushMS = 4294967286, 30
		}),
		minute("two wrap at once", Wrapped, plainSums, func(was, is *Counters) {
			was.ReadMS, is.ReadMS = 4294967000, 2704
			was.QueueMS, is.QueueMS = 4294964000, 2104
		}),
		// A deep queue in a minute is told (netdata's dm-0: 4,934 in flight on average).
		minute("deep queue wraps within a minute", Wrapped, with(sums{QueueMS: 296_040_000, ReadIOs: 2_383_240, ReadBytes: 600 * 8192}), func(was, is *Counters) {
			was.Inflight, is.Inflight = 5000, 5000
			is.ReadIOs = was.ReadIOs + 2_383_240
			was.QueueMS = 4294967295
			is.QueueMS = 296_040_000 - 1
		}),
		// One I/O of 8 sectors is taken back (sysstat #259): 0, not 2⁶⁴ − 1.
		minute("a read is taken back", Stepped, with(sums{ReadIOs: 0, ReadBytes: 0}), func(was, is *Counters) {
			is.ReadIOs, is.ReadSectors = was.ReadIOs-1, was.ReadSectors-8
		}),
		minute("ms taken back", Stepped, with(sums{ReadMS: 0}), func(was, is *Counters) { is.ReadMS = was.ReadMS - 9 }),
		minute("14 fields then 20", 0, with(nil, DiscardIOs, DiscardMerges, DiscardBytes, DiscardMS, FlushIOs, FlushMS), func(was, is *Counters) { was.Given = 0 }),
		minute("18 fields", 0, with(nil, FlushIOs, FlushMS), func(was, is *Counters) { was.Given, is.Given = GivenDiscards, GivenDiscards }),
		minute("7 fields", 0, sums{ReadIOs: 600, ReadBytes: 600 * 8192, WriteIOs: 120, WriteBytes: 120 * 4096, SlowMS: 0}, func(was, is *Counters) {
			was.Given, is.Given = OnlyCounts, OnlyCounts
		}),
		// The same of a LUN that was hardly read: its writes went on, so it is the same.
		minute("a read of three is taken back", Stepped, with(sums{ReadIOs: 0, ReadBytes: 0}), func(was, is *Counters) {
			was.ReadIOs, was.ReadSectors, is.ReadIOs, is.ReadSectors = 3, 24, 2, 16
		}),
		// Its writes rose, but reads don't go back by thousands.
		minute("made again, writes higher", Reset, with(sums{ReadIOs: 50, ReadBytes: 400 * 512, ReadMS: 9, WriteIOs: 2120, WriteBytes: 64_960 * 512, WriteMS: 11_400, ReadMerges: 10, WriteMerges: 20,
			DiscardIOs: 5, DiscardBytes: 80 * 512, DiscardMS: 1, FlushIOs: 7, FlushMS: 3, BusyMS: 34_500, QueueMS: 19_400}), func(was, is *Counters) {
			was.ReadIOs, is.ReadIOs, is.ReadSectors, is.ReadMS = 50_000, 50, 400, 9
		}),
		// Counts of a 32-bit kernel are 32 bits: 4294967000 → 304 is 600.
		minute("reads wrap on 32 bits", Wrapped, plainSums, func(was, is *Counters) { was.ReadIOs, is.ReadIOs = 4294967000, 304 }),
		minute("both sectors wrap on 32 bits", Wrapped, plainSums, func(was, is *Counters) {
			was.ReadSectors, is.ReadSectors = 4294967295, 9599
			was.WriteSectors, is.WriteSectors = 4294967290, 954
		}),
		// A docker pool came back with its 46 reads, and 3 ms of reading instead of 12.
		minute("made again, equal counts, lower times", Reset, sums{ReadIOs: 46, ReadBytes: 2336 * 512, ReadMS: 3, BusyMS: 2, QueueMS: 2, WriteIOs: 0, WriteBytes: 0, WriteMS: 0, SlowMS: 0,
			ReadMerges: 0, WriteMerges: 0, DiscardIOs: 0, DiscardMerges: 0, DiscardBytes: 0, DiscardMS: 0, FlushIOs: 0, FlushMS: 0}, func(was, is *Counters) {
			*was = Counters{ReadIOs: 46, ReadSectors: 2336, ReadMS: 12, BusyMS: 9, QueueMS: 9, Given: all}
			*is = Counters{ReadIOs: 46, ReadSectors: 2336, ReadMS: 3, BusyMS: 2, QueueMS: 2, Given: all}
		}),
		// All counters lower: what the new ones say happened since the last reading.
		{
			name: "all lower", was: plain, is: edit(func(c *Counters) {
				*c = Counters{ReadIOs: 57, ReadSectors: 456, ReadMS: 20, WriteIOs: 3, WriteSectors: 24, WriteMS: 2, BusyMS: 18, QueueMS: 22, Given: all}
			}), last: at("a", 1000), now: at("a", 1060), elapsed: 60_000, quality: Reset,
			want: sums{ReadIOs: 57, ReadBytes: 456 * 512, ReadMS: 20, WriteIOs: 3, WriteBytes: 24 * 512, WriteMS: 2, BusyMS: 18, QueueMS: 22, SlowMS: 0,
				ReadMerges: 0, WriteMerges: 0, DiscardIOs: 0, DiscardMerges: 0, DiscardBytes: 0, DiscardMS: 0, FlushIOs: 0, FlushMS: 0},
		},
		// The captured redo LV: every counter higher, and yet it began at zero.
		{
			name: "made again, all higher, by diskseq", was: base, is: plain, lastSeq: 25, nowSeq: 32,
			last: at("a", 1000), now: at("a", 1060), elapsed: 60_000, quality: Reset,
			want: sums{ReadIOs: 1600, ReadBytes: 25_600 * 512, ReadMS: 8000, WriteIOs: 2120, WriteBytes: (64_000 + 960) * 512, WriteMS: 11_400, BusyMS: 34_500, QueueMS: 19_400, SlowMS: 0,
				ReadMerges: 10, WriteMerges: 20, DiscardIOs: 5, DiscardMerges: 0, DiscardBytes: 80 * 512, DiscardMS: 1, FlushIOs: 7, FlushMS: 3},
		},
		// A reboot, whatever the counters say: the interval begins at the boot.
		{
			name: "reboot, equal counters", was: base, is: base, last: at("a", 1000), now: at("b", 40), elapsed: 40_000, quality: Reset | Clock,
			want: sums{ReadIOs: 1000, ReadBytes: 16_000 * 512, ReadMS: 5000, WriteIOs: 2000, WriteBytes: 64_000 * 512, WriteMS: 9000, BusyMS: 30_000, QueueMS: 14_000, SlowMS: 0,
				ReadMerges: 10, WriteMerges: 20, DiscardIOs: 5, DiscardMerges: 0, DiscardBytes: 80 * 512, DiscardMS: 1, FlushIOs: 7, FlushMS: 3},
		},
		{
			name: "missed runs", was: base, is: plain, last: at("a", 1000), now: at("a", 1600.25), elapsed: 600_250, quality: Long,
			want: with(nil, SlowMS),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			last := Last{At: tt.last, DiskSeq: tt.lastSeq, Counters: tt.was}
			now := Last{At: tt.now, DiskSeq: tt.nowSeq, Counters: tt.is}
			i, _, ok := Close(last, now, Limits{})
			if !ok {
				t.Fatal("no interval")
			}
			if i.Quality != tt.quality {
				t.Errorf("quality %q, want %q", i.Quality, tt.quality)
			}
			if i.ElapsedMS != tt.elapsed {
				t.Errorf("elapsed %d ms, want %d", i.ElapsedMS, tt.elapsed)
			}
			if !i.End.Equal(tt.now.Wall.Truncate(time.Second)) {
				t.Errorf("end %v, want the reading's second", i.End)
			}
			for f := range NumFields {
				got, has := i.Get(f)
				want, wanted := tt.want[f]
				if has != wanted || got != want {
					t.Errorf("%v = %d (there: %v), want %d (%v)", f, got, has, want, wanted)
				}
			}
		})
	}
}

// An hour with 5,000 in flight at its end: nobody can tell how often it wrapped.
func TestCloseManyWraps(t *testing.T) {
	was := Counters{ReadIOs: 10, QueueMS: 7, ReadMS: 5, Inflight: 5000}
	is := Counters{ReadIOs: 4_000_010, QueueMS: 1_000_007, ReadMS: 1_000_005, Inflight: 5000}
	i, _, _ := Close(Last{At: at("a", 1000), Counters: was}, Last{At: at("a", 4600), Counters: is}, Limits{})
	for _, f := range []Field{ReadMS, QueueMS} {
		if v, ok := i.Get(f); ok {
			t.Errorf("%v = %d: whole wraps can't be excluded, want it absent", f, v)
		}
	}
	if _, ok := i.ReadAwait(); ok {
		t.Error("read await is there")
	}
	if v, ok := i.Get(ReadIOs); !ok || v != 4_000_000 {
		t.Errorf("read_ios = %d %v, want 4000000", v, ok)
	}
	if i.Quality != Long|Wrapped {
		t.Errorf("quality %q", i.Quality)
	}
	// Nothing in flight and hardly an I/O: a day proves no wrap.
	i, _, _ = Close(Last{At: at("a", 1000), Counters: Counters{ReadIOs: 1, ReadMS: 1}},
		Last{At: at("a", 87_400), Counters: Counters{ReadIOs: 3, ReadMS: 25}}, Limits{})
	if v, ok := i.Get(ReadMS); !ok || v != 24 {
		t.Errorf("read_ms of an idle day = %d %v, want 24", v, ok)
	}
}

func TestCloseFirstAndTooSoon(t *testing.T) {
	now := Last{At: at("a", 100), Counters: Counters{ReadIOs: 7}}
	i, base, ok := Close(Last{}, now, Limits{})
	if ok || i.Quality != First || base != now {
		t.Errorf("first reading: interval %v, quality %q, base %+v", ok, i.Quality, base)
	}
	soon := Last{At: at("a", 100.8), Counters: Counters{ReadIOs: 9}}
	if _, base, ok := Close(now, soon, Limits{}); ok || base != now {
		t.Errorf("0.8 s later: interval %v, base %+v; want none, and the old base", ok, base)
	}
}

// After a small step back the higher value stays the base, so that what comes
// back isn't counted a second time.
func TestCloseKeepsTheHigherBase(t *testing.T) {
	c := func(ios uint64) Counters { return Counters{ReadIOs: ios, ReadSectors: ios * 8} }
	var total uint64
	base := Last{At: at("a", 0.5), Counters: c(1000)}
	for n, ios := range []uint64{1010, 1009, 1012, 1030} {
		i, next, ok := Close(base, Last{At: at("a", float64(n+1)*60), Counters: c(ios)}, Limits{})
		if !ok {
			t.Fatal("no interval")
		}
		v, _ := i.Get(ReadIOs)
		total += v
		base = next
	}
	if total != 30 {
		t.Errorf("%d reads, want 30", total)
	}
}

// A LUN that was seen to go away began at 0 again, whatever its counters say.
func TestCloseGone(t *testing.T) {
	was := Last{At: at("a", 60), DiskSeq: Gone, Counters: Counters{ReadIOs: 57}}
	i, base, ok := Close(was, Last{At: at("a", 120), Counters: Counters{ReadIOs: 812}}, Limits{})
	if v, _ := i.Get(ReadIOs); !ok || v != 812 || i.Quality != Reset || base.DiskSeq != 0 {
		t.Errorf("%d reads, quality %q, diskseq %d; want 812, reset, 0", v, i.Quality, base.DiskSeq)
	}
}

// One read of three is taken back, and given again: three in all, not four.
func TestCloseStepOfAFew(t *testing.T) {
	c := func(reads uint64) Counters { return Counters{ReadIOs: reads, WriteIOs: 1000} }
	base, total := Last{At: at("a", 60), Counters: c(0)}, uint64(0)
	for n, reads := range []uint64{3, 2, 3} {
		i, next, _ := Close(base, Last{At: at("a", 120+60*float64(n)), Counters: c(reads)}, Limits{})
		total, base = total+i.Value(ReadIOs), next
	}
	if total != 3 {
		t.Errorf("%d reads, want 3", total)
	}
}

// A ms counter that falls for good (a map made again where diskseq is unknown
// and its counts happen to be higher) is not stuck at 0 ever after.
func TestCloseFallenMS(t *testing.T) {
	was := Last{At: at("a", 60), Counters: Counters{ReadIOs: 46, ReadMS: 1_000_000_000}}
	mid := Last{At: at("a", 120), Counters: Counters{ReadIOs: 50, ReadMS: 3}}
	i, base, _ := Close(was, mid, Limits{})
	if v, ok := i.Get(ReadMS); v != 0 || !ok || !i.Quality.Has(Stepped) {
		t.Errorf("read_ms %d %v, quality %q", v, ok, i.Quality)
	}
	i, _, _ = Close(base, Last{At: at("a", 180), Counters: Counters{ReadIOs: 60, ReadMS: 33}}, Limits{})
	if v, _ := i.Get(ReadMS); v != 30 || i.Quality != 0 {
		t.Errorf("a minute on: read_ms %d, quality %q; want 30 and none", v, i.Quality)
	}
}

// The interval in which a counter fell has the mark, and not those after it, although the
// base is still above the counter.
func TestCloseMarksTheFall(t *testing.T) {
	base := Last{At: at("a", 60), Counters: Counters{ReadIOs: 100, ReadMS: 1000, WriteIOs: 5}}
	for n, step := range []struct {
		reads   uint64
		ms      uint32
		quality Quality
		want    uint64 // reads of the interval
	}{
		{100, 990, Stepped, 0}, {100, 990, 0, 0}, {100, 995, 0, 0}, {100, 993, Stepped, 0}, {110, 1050, 0, 10},
		{108, 1060, Stepped, 0}, {109, 1070, 0, 0}, {109, 1080, 0, 0}, {120, 1090, 0, 10},
	} {
		i, next, ok := Close(base, Last{At: at("a", 120+60*float64(n)), Counters: Counters{ReadIOs: step.reads, ReadMS: step.ms, WriteIOs: 5}}, Limits{})
		if v, _ := i.Get(ReadIOs); !ok || i.Quality != step.quality || v != step.want {
			t.Errorf("step %d: %d reads, quality %q; want %d, %q", n, v, i.Quality, step.want, step.quality)
		}
		base = next
	}
	if base.Read != nil || base.ReadIOs != 120 || base.ReadMS != 1090 {
		t.Errorf("base %+v", base)
	}
}

// Times alone make a LUN new only where they fell by more than a step, no count
// rose, and the kernel gives them.
func TestCloseTimesFall(t *testing.T) {
	was := Counters{ReadIOs: 46, ReadSectors: 2336, ReadMS: 12, BusyMS: 900_000, QueueMS: 400, Given: all}
	for _, tt := range []struct {
		name    string
		edit    func(*Counters)
		quality Quality
	}{
		{"a step", func(c *Counters) { c.ReadMS = 10 }, Stepped},
		{"the last ms", func(c *Counters) { c.ReadMS = 11 }, Stepped},
		{"more than a quarter", func(c *Counters) { c.ReadMS = 8 }, Reset},
		{"more than a minute", func(c *Counters) { c.BusyMS -= 60_001 }, Reset},
		{"the weighted time alone", func(c *Counters) { c.QueueMS = 0 }, Reset},
		{"a count rose", func(c *Counters) { c.ReadMS, c.ReadIOs = 3, 47 }, Stepped},
		{"a merge rose", func(c *Counters) { c.ReadMS, c.ReadMerges = 3, 1 }, Stepped},
		{"a flush came", func(c *Counters) { c.ReadMS, c.FlushIOs = 3, 1 }, Stepped},
		{"another kernel's fields", func(c *Counters) { c.ReadMS, c.Given = 3, GivenDiscards }, Stepped},
	} {
		is := was
		tt.edit(&is)
		for _, seq := range []uint64{0, 7} {
			i, _, _ := Close(Last{At: at("a", 60), DiskSeq: seq, Counters: was}, Last{At: at("a", 120), DiskSeq: seq, Counters: is}, Limits{})
			if i.Quality != tt.quality {
				t.Errorf("%s: quality %q, want %q", tt.name, i.Quality, tt.quality)
			}
		}
	}
	was.ReadMS = 1<<32 - 5
	is := was
	is.ReadMS = 7
	if i, _, _ := Close(Last{At: at("a", 60), Counters: was}, Last{At: at("a", 120), Counters: is}, Limits{}); i.Quality.Has(Reset) {
		t.Error("a time that wrapped is taken for a fall")
	}
}

// Since 5.7 the weighted time is the sum of the others: where it is that in both
// readings, they tell what it was, however often it may have wrapped.
func TestCloseQueueFromTimes(t *testing.T) {
	was := Counters{ReadIOs: 10, ReadMS: 4_294_000_000, WriteIOs: 10, WriteMS: 1000, QueueMS: 4_294_001_000, Given: all, Inflight: 3000}
	is := was
	is.ReadIOs, is.WriteIOs = 30_010, 20_010
	is.ReadMS += 2_000_000_000
	is.WriteMS += 2_100_000_000
	is.QueueMS = is.ReadMS + is.WriteMS + 1 // each is rounded off
	hour := func(was, is Counters) Interval {
		i, _, _ := Close(Last{At: at("a", 1000), Counters: was}, Last{At: at("a", 4600), Counters: is}, Limits{})
		return i
	}
	i := hour(was, is)
	if v, ok := i.Get(QueueMS); !ok || v != 4_100_000_001 || i.Quality != Long|Wrapped {
		t.Errorf("queue_ms %d %v, quality %q; want 4100000001", v, ok, i.Quality)
	}
	for name, edit := range map[string]func(was, is *Counters){
		"not their sum before":   func(was, _ *Counters) { was.QueueMS -= 5_000 },
		"not their sum now":      func(_, is *Counters) { is.QueueMS -= 5_000 },
		"a time is not known":    func(_, is *Counters) { is.ReadIOs = 4_000_000 },
		"the kernel was another": func(was, _ *Counters) { was.Given = GivenDiscards },
	} {
		was, is := was, is
		edit(&was, &is)
		i := hour(was, is)
		if v, ok := i.Get(QueueMS); ok {
			t.Errorf("%s: queue_ms %d, want it absent", name, v)
		}
	}
}

func TestCloseClocks(t *testing.T) {
	last := at("a", 1000)
	tests := []struct {
		name       string
		wall, mono time.Duration // of the minute
		boot       time.Duration
		elapsed    uint64
		quality    Quality
	}{
		{"NTP slews", 60*time.Second + 30*time.Millisecond, time.Minute, time.Minute, 60_000, 0},
		{"stepped forward", time.Hour, time.Minute, time.Minute, 60_000, Clock},
		{"stepped back", -time.Hour, time.Minute, time.Minute, 60_000, Clock},
		{"suspended", 8 * time.Hour, time.Minute, 8 * time.Hour, 60_000, Suspended},
		{"suspended for a second", 61 * time.Second, time.Minute, 61 * time.Second, 60_000, Suspended},
		{"the clocks are read one after the other", time.Minute, time.Minute, time.Minute + 900*time.Millisecond, 60_000, 0},
		{"suspended for a little more", time.Minute, time.Minute, time.Minute + 901*time.Millisecond, 60_000, Suspended},
		{"two seconds", 2 * time.Second, 2 * time.Second, 2 * time.Second, 2_000, 0},
	}
	for _, tt := range tests {
		now := Instant{Wall: last.Wall.Add(tt.wall), Mono: last.Mono + tt.mono, Boot: last.Boot + tt.boot, BootID: "a"}
		i, _, ok := Close(Last{At: last}, Last{At: now, Counters: Counters{ReadIOs: 60}}, Limits{})
		if !ok || i.ElapsedMS != tt.elapsed || i.Quality != tt.quality {
			t.Errorf("%s: interval %v, %d ms, %q; want %d ms, %q", tt.name, ok, i.ElapsedMS, i.Quality, tt.elapsed, tt.quality)
		}
	}
}

func TestCloseSlow(t *testing.T) {
	was := Last{At: at("a", 60)}
	now := Last{At: at("a", 120), Counters: Counters{ReadIOs: 10, ReadMS: 210, WriteIOs: 10, WriteMS: 10}}
	for _, tt := range []struct {
		limit time.Duration
		want  uint64
	}{{0, 0}, {20 * time.Millisecond, 60_000}, {21 * time.Millisecond, 0}} {
		i, _, _ := Close(was, now, Limits{Slow: tt.limit})
		if v, ok := i.Get(SlowMS); !ok || v != tt.want {
			t.Errorf("limit %v: slow_ms %d %v, want %d", tt.limit, v, ok, tt.want)
		}
	}
}

func TestCloseStalled(t *testing.T) {
	step := func(last Last, up float64, c Counters) (Interval, Last) {
		i, base, _ := Close(last, Last{At: at("a", up), Counters: c}, Limits{})
		return i, base
	}
	// One write in flight, none completes; a bio-based map counts those that begin.
	last := Last{At: at("a", 60), Counters: Counters{WriteIOs: 10, WriteMS: 40, Inflight: 1}}
	i, base := step(last, 70, Counters{WriteIOs: 11, WriteMS: 40, Inflight: 2})
	if i.Quality != 0 || base.IdleRuns != 1 {
		t.Errorf("10 s without a completion: quality %q, %d runs; too early to say", i.Quality, base.IdleRuns)
	}
	i, base = step(base, 80, Counters{WriteIOs: 11, WriteMS: 40, Inflight: 2})
	if i.Quality != Stalled || !base.StallSince.Equal(wall.Add(60*time.Second)) {
		t.Errorf("two intervals: quality %q since %v", i.Quality, base.StallSince)
	}
	i, base = step(base, 90, Counters{WriteIOs: 11, WriteMS: 30_040, Inflight: 1})
	if i.Quality != 0 {
		t.Errorf("a write completed: quality %q", i.Quality)
	}
	if base.IdleRuns != 0 || !base.StallSince.IsZero() {
		t.Errorf("I/O completes: still stalled since %v", base.StallSince)
	}
	// A minute at once is long enough.
	if i, _ := step(last, 120, last.Counters); i.Quality != Stalled {
		t.Errorf("a minute: quality %q", i.Quality)
	}
}
