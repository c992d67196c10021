package render

import (
	"bytes"
	"context"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"lunstat/collector/series"
)

// byRuns gives intervals as a journal does, one run after the other.
type byRuns struct{ *memory }

func (b byRuns) Intervals(ctx context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error {
	type one struct {
		key series.Key
		series.Interval
	}
	var all []one
	if err := b.memory.Intervals(ctx, q, func(k series.Key, i *series.Interval) error {
		all = append(all, one{k, *i})
		return nil
	}); err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b one) int { return a.End.Compare(b.End) })
	for i := range all {
		if err := fn(all[i].key, &all[i].Interval); err != nil {
			return err
		}
	}
	return nil
}

// TestByRuns: what comes key by key gives the same numbers as what comes run by run, of
// LUNs that one host has and that two have at once.
func TestByRuns(t *testing.T) {
	for name, src := range map[string]*memory{
		"one host":  made{luns: madeLUNs(3), start: monday, every: time.Minute, n: 90, ios: wave(time.Minute)}.source(),
		"two hosts": sharedLUN(3),
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{From: monday, To: monday.Add(90 * time.Minute)}
			var byKey, inTurn bytes.Buffer
			if _, err := Numbers(t.Context(), src, o, &byKey); err != nil {
				t.Fatal(err)
			}
			if _, err := Numbers(t.Context(), byRuns{src}, o, &inTurn); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(byKey.Bytes(), inTurn.Bytes()) {
				t.Error("the numbers differ")
			}
		})
	}
}

// TestFolded: lines that are made when they are drawn are those that are kept.
func TestFolded(t *testing.T) {
	for name, src := range map[string]*memory{
		"one host":  made{luns: madeLUNs(12), start: monday, every: time.Minute, n: 90, ios: wave(time.Minute)}.source(),
		"two hosts": sharedLUN(3),
		"weeks":     made{luns: madeLUNs(9), start: monday, every: time.Hour, n: 30 * 24, ios: wave(time.Hour)}.source(),
	} {
		t.Run(name, func(t *testing.T) {
			_, last, _, _ := src.Extent(t.Context())
			kept := Options{From: monday, To: last, Out: filepath.Join(t.TempDir(), "report"), Width: 640, level: png.BestSpeed}
			folded := kept
			folded.Out, folded.foldFrom = filepath.Join(t.TempDir(), "report"), 1
			result, err := Report(t.Context(), src, kept)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Report(t.Context(), src, folded); err != nil {
				t.Fatal(err)
			}
			for _, file := range result.Files {
				if !bytes.Equal(read(t, kept.Out, file), read(t, folded.Out, file)) {
					t.Errorf("%s differs", file)
				}
			}
			d, err := gather(t.Context(), src, folded.withDefaults())
			if err != nil || !d.folds {
				t.Errorf("lines were kept, %v", err)
			}
		})
	}
}

func read(t *testing.T, dir, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRecording: what comes out of a recording has the same figures and maxima as what
// went in.
func TestRecording(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	maxima := func() series.Maxima {
		f := func() float32 { return float32(r.IntN(3)) * r.Float32() * 1e6 }
		return series.Maxima{WindowMS: uint32(r.IntN(2) * 60_000), IOPS: f(), BytesPerS: f(), UtilPercent: f(), Queue: f(), ReadAwait: f(), WriteAwait: f()}
	}
	var in []series.Interval
	var record recording
	at := monday
	for range 2000 {
		at = at.Add(time.Duration(r.IntN(900)-60) * time.Second)
		if r.IntN(50) == 0 {
			at = at.Add(time.Duration(r.IntN(1e9)))
		}
		i := series.Interval{End: at, ElapsedMS: r.Uint64N(1e7), SpanMS: r.Uint64N(1e7), Peak: maxima(), Mean: maxima()}
		for f := range series.NumFields {
			if r.IntN(4) > 0 {
				i.Set(f, r.Uint64()>>r.IntN(64))
			}
		}
		in = append(in, i)
		record.add(&i)
	}
	n := 0
	record.each(func(i *series.Interval) {
		was := &in[n]
		if n++; !i.End.Equal(was.End) || !i.Start().Equal(was.Start()) || ratios(i) != ratios(was) {
			t.Fatalf("interval %d: %+v, was %+v", n-1, *i, *was)
		}
		for m := range numMetrics {
			if !same(m.largest(i, 7), m.largest(was, 7)) || !same(m.peak(i), m.peak(was)) {
				t.Fatalf("interval %d: the maxima of %v", n-1, m)
			}
		}
	})
	if n != len(in) {
		t.Errorf("%d intervals, %d went in", n, len(in))
	}
}

func same(a, b float32) bool { return a == b || a != a && b != b }
