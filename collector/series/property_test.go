package series

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func drawInterval(t *rapid.T) Interval {
	i := Interval{
		End:           time.Unix(rapid.Int64Range(0, 100_000).Draw(t, "end"), 0),
		ElapsedMS:     rapid.Uint64Range(1, 300_000).Draw(t, "elapsed"),
		Quality:       Quality(rapid.Uint16Range(0, 255).Draw(t, "quality")) &^ Long,
		Inflight:      rapid.Uint32Range(0, 9).Draw(t, "inflight"),
		InflightKnown: true,
	}
	i.SpanMS = i.ElapsedMS
	mask := rapid.Uint32Range(0, 1<<NumFields-1).Draw(t, "mask")
	for f := range NumFields {
		if mask&(1<<f) != 0 {
			i.Set(f, rapid.Uint64Range(0, 1<<40).Draw(t, f.String()))
		}
	}
	if rapid.Bool().Draw(t, "peaks") {
		i.Peak = Maxima{
			WindowMS: rapid.SampledFrom([]uint32{1000, 2000}).Draw(t, "window"),
			IOPS:     float32(rapid.Uint16().Draw(t, "peak")), IOPSAt: i.End.Unix(),
		}
	}
	if rapid.Bool().Draw(t, "latency") {
		i.Latency = &Histogram{Version: rapid.Uint8Range(1, 2).Draw(t, "bounds")}
		i.Latency.Counts[rapid.IntRange(0, NumBuckets-1).Draw(t, "bucket")] = uint64(rapid.Uint32().Draw(t, "I/Os"))
	}
	return i
}

// sameInterval compares what the histograms hold, and not where they are.
func sameInterval(a, b Interval) bool {
	if (a.Latency == nil) != (b.Latency == nil) || a.Latency != nil && *a.Latency != *b.Latency {
		return false
	}
	a.Latency, b.Latency = nil, nil
	return a == b
}

// Merging in any grouping and order gives the same.
func TestMergeAnyGrouping(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawInterval(t), drawInterval(t), drawInterval(t)
		// The gauge at the end is the later interval's: ends differ.
		b.End, c.End = b.End.Add(200_000*time.Second), c.End.Add(400_000*time.Second)
		want := Merge(Merge(a, b), c)
		for name, got := range map[string]Interval{
			"a(bc)": Merge(a, Merge(b, c)), "(ac)b": Merge(Merge(a, c), b), "c(ba)": Merge(c, Merge(b, a)),
			"with nothing": Merge(Interval{}, Merge(want, Interval{})),
		} {
			if !sameInterval(got, want) {
				t.Fatalf("%s: %+v\nwant %+v", name, got, want)
			}
		}
		if want.ElapsedMS != a.ElapsedMS+b.ElapsedMS+c.ElapsedMS {
			t.Fatal("elapsed is no sum")
		}
	})
}

// Rolling up loses nothing: the bins' sums are the intervals' sums, whatever the
// width, and in two steps as in one.
func TestRollLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOfN(rapid.Custom(drawInterval), 1, 40).Draw(t, "in")
		for i := range in {
			in[i].Set(ReadIOs, uint64(i+1))
			if i%7 == 3 {
				in[i].Quality |= Long
			}
		}
		one := Roll(in, time.Hour)
		two := Roll(Roll(in, 15*time.Minute), time.Hour)
		var reads, elapsed, wantReads, wantElapsed uint64
		for i := range one {
			reads += one[i].Value(ReadIOs)
			elapsed += one[i].ElapsedMS
		}
		for i := range in {
			wantReads += in[i].Value(ReadIOs)
			wantElapsed += in[i].ElapsedMS
		}
		if reads != wantReads || elapsed != wantElapsed {
			t.Fatalf("%d reads in %d ms, want %d in %d", reads, elapsed, wantReads, wantElapsed)
		}
		if len(one) != len(two) {
			t.Fatalf("%d bins in one step, %d in two", len(one), len(two))
		}
		for i := range one {
			if one[i].Quality.Has(Long) {
				continue // verbatim; equal ends may swap places
			}
			if one[i].Sums != two[i].Sums || one[i].ElapsedMS != two[i].ElapsedMS || one[i].Mean != two[i].Mean {
				t.Fatalf("bin %d: %+v in one step, %+v in two", i, one[i], two[i])
			}
		}
	})
}

// Whatever happens to the counters, the intervals' sums are the I/O that happened
// while it could be seen, and no rate exceeds the truth.
func TestCloseTellsTheTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Counters{
			ReadIOs: rapid.Uint64Range(100_000, 1<<50).Draw(t, "reads"), ReadSectors: 1 << 30,
			ReadMS: rapid.Uint32().Draw(t, "read ms"), BusyMS: rapid.Uint32().Draw(t, "busy"),
			WriteIOs: 100_000, WriteSectors: 1 << 30, Given: all,
		}
		now := at("boot0", 100)
		base := Last{At: now, DiskSeq: 9, Counters: c}
		var reads, ms, busy, gotReads, gotMS, gotBusy uint64
		var owed uint64 // reads that a step back took back and the next reading gives again
		boots := 0
		seq := uint64(9)
		for step := range rapid.IntRange(1, 30).Draw(t, "steps") {
			secs := rapid.SampledFrom([]float64{60, 60, 60, 61.5, 120, 30}).Draw(t, "seconds")
			n := rapid.Uint64Range(0, 50_000).Draw(t, "n")
			took := n * rapid.Uint64Range(0, 40).Draw(t, "await")
			b := rapid.Uint64Range(0, uint64(secs*1000)).Draw(t, "busy")
			event := rapid.SampledFrom([]string{"", "", "", "", "reboot", "again", "step", "clock", "nap"}).Draw(t, "event")
			d := time.Duration(secs * float64(time.Second))
			now.Wall, now.Mono, now.Boot = now.Wall.Add(d), now.Mono+d, now.Boot+d
			switch event {
			case "reboot":
				boots++
				c, owed = Counters{Given: all}, 0
				now.BootID, now.Mono, now.Boot = "boot"+string(rune('0'+boots%10))+string(rune('a'+step)), d, d
			case "again":
				seq++
				c, owed = Counters{Given: all}, 0
			case "clock":
				now.Wall = now.Wall.Add(-time.Hour)
			case "nap":
				now.Boot += time.Hour
				now.Wall = now.Wall.Add(time.Hour)
			}
			c.ReadIOs += n
			c.ReadSectors += n * 8
			c.ReadMS += uint32(took)
			c.BusyMS += uint32(b)
			reads, ms, busy = reads+n, ms+took, busy+b
			shown := c
			if event == "step" && n == 0 && c.ReadIOs > 1000 {
				shown.ReadIOs-- // a sum over per-CPU counters, read without a lock
				shown.ReadSectors -= 8
			}
			i, next, ok := Close(base, Last{At: now, DiskSeq: seq, Counters: shown}, Limits{})
			if !ok {
				t.Fatalf("no interval after %v s", secs)
			}
			base = next
			gotReads += i.Value(ReadIOs)
			gotMS += i.Value(ReadMS)
			gotBusy += i.Value(BusyMS)
			if i.Value(ReadIOs) > n+owed {
				t.Fatalf("step %d %s: %d reads, but only %d happened", step, event, i.Value(ReadIOs), n)
			}
			if v, ok := i.Get(ReadMS); ok && v > took {
				t.Fatalf("step %d %s: %d ms of reads, but only %d happened", step, event, v, took)
			} else if !ok {
				gotMS += took // absent, and said so
			}
		}
		if gotReads != reads || gotMS != ms || gotBusy != busy {
			t.Fatalf("%d reads %d ms %d busy, but %d, %d and %d happened", gotReads, gotMS, gotBusy, reads, ms, busy)
		}
	})
}
