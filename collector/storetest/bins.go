package storetest

import (
	"math/rand/v2"
	"testing"
	"time"

	"lunstat/collector/series"
)

// checkBins compares both widths with the raw intervals rolled up here.
func checkBins(t *testing.T, s Store, raw map[series.Key][]series.Interval) {
	t.Helper()
	for _, w := range Widths()[1:] {
		want := map[series.Key][]series.Interval{}
		for k, in := range raw {
			want[k] = series.Roll(in, w)
		}
		got := Read(t, s, All(w))
		Equal(t, got, want)
		for k, in := range got {
			if g, w := total(in), total(raw[k]); g != w {
				t.Errorf("%s: sums over bins are not those over raw:\n got %v\nwant %v", k.ID, g, w)
			}
			if g, w := timed(in), timed(raw[k]); g != w && !mixed(raw[k]) {
				t.Errorf("%s: histograms over bins are not those over raw:\n got %v\nwant %v", k.ID, g, w)
			}
		}
	}
}

// total is the sums over intervals, absent ones counted as 0.
func total(in []series.Interval) (sum [series.NumFields + 1]uint64) {
	for n := range in {
		for f := range series.NumFields {
			sum[f] += in[n].Value(f)
		}
		sum[series.NumFields] += in[n].ElapsedMS
	}
	return sum
}

// timed is the sum of the histograms of intervals, bucket by bucket.
func timed(in []series.Interval) (sum [series.NumBuckets]uint64) {
	for n := range in {
		if h := in[n].Latency; h != nil {
			for b, c := range h.Counts {
				sum[b] += c
			}
		}
	}
	return sum
}

// mixed reports histograms of several versions; a bin keeps one of them.
func mixed(in []series.Interval) bool {
	versions := map[uint8]bool{}
	for n := range in {
		if h := in[n].Latency; h != nil {
			versions[h.Version] = true
		}
	}
	return len(versions) > 1
}

// bins commits days with holes and cron's jitter, and looks at every width on the
// way: what is rolled up already and what is not must make no difference.
func bins(t *testing.T, s Store) {
	r := rand.New(rand.NewPCG(1, 2))
	raw := map[series.Key][]series.Interval{}
	at := Start.Add(7 * time.Minute)
	for n := range 700 {
		at = at.Add(time.Minute + time.Duration(r.IntN(3)-1)*time.Second)
		if r.IntN(60) == 0 {
			at = at.Add(time.Duration(r.IntN(200)) * time.Minute)
		}
		m := Minute("mail1", at)
		for l := range 3 {
			if r.IntN(20) == 0 {
				continue // not there this time
			}
			i := Interval(Key("mail1", l), at, r.IntN(1000))
			m.Intervals = append(m.Intervals, i)
			raw[i.Key] = append(raw[i.Key], i.Interval)
		}
		Commit(t, s, m)
		if n%97 == 0 {
			checkBins(t, s, raw)
		}
	}
	Equal(t, Read(t, s, All(0)), raw)
	checkBins(t, s, raw)
}

func longApart(t *testing.T, s Store) {
	k := Key("mail1", 0)
	raw := map[series.Key][]series.Interval{}
	for n := range 40 {
		at := Start.Add(time.Duration(n) * time.Minute)
		i := Interval(k, at, n)
		if n == 20 || n == 21 {
			i.Quality, i.ElapsedMS, i.SpanMS = series.Long, 3_600_000, 3_600_000
		}
		raw[k] = append(raw[k], i.Interval)
		Commit(t, s, Minute("mail1", at, i))
	}
	checkBins(t, s, raw)
	for _, w := range Widths()[1:] {
		long := 0
		for _, i := range Read(t, s, All(w))[k] {
			if i.Quality.Has(series.Long) {
				long++
			}
		}
		if long != 2 {
			t.Errorf("width %s: %d long intervals, want both as they were", w, long)
		}
	}
}

func ranges(t *testing.T, s Store) {
	k := Key("mail1", 0)
	var all []series.Interval
	for n := range 180 {
		at := Start.Add(time.Duration(n) * time.Minute)
		i := Interval(k, at, n)
		all = append(all, i.Interval)
		Commit(t, s, Minute("mail1", at, i))
	}
	for _, w := range Widths() {
		want := all
		if w > 0 {
			want = series.Roll(all, w)
		}
		for from := -15; from < 190; from += 7 {
			for _, length := range []int{0, 1, 15, 61, 300} {
				q := series.Query{From: Start.Add(time.Duration(from) * time.Minute), Width: w}
				q.To = q.From.Add(time.Duration(length) * time.Minute)
				in := map[series.Key][]series.Interval{}
				for _, i := range want {
					if i.End.After(q.From) && !i.End.After(q.To) {
						in[k] = append(in[k], i)
					}
				}
				Equal(t, Read(t, s, q), in)
			}
		}
	}
}

func keys(t *testing.T, s Store) {
	raw := map[series.Key][]series.Interval{}
	for n := range 20 {
		at := Start.Add(time.Duration(n) * time.Minute)
		m := Minute("mail1", at)
		for l := range 4 {
			i := Interval(Key("mail1", l), at, n*l)
			raw[i.Key] = append(raw[i.Key], i.Interval)
			m.Intervals = append(m.Intervals, i)
		}
		Commit(t, s, m)
	}
	q := All(0)
	for _, asked := range [][]series.Key{{}, {Key("mail1", 2)}, {Key("mail1", 3), Key("mail1", 0)}, {Key("mail1", 99)}, {Key("mail2", 0)}} {
		q.Keys = asked
		want := map[series.Key][]series.Interval{}
		for _, k := range asked {
			if in := raw[k]; in != nil {
				want[k] = in
			}
		}
		Equal(t, Read(t, s, q), want)
	}
}

func twoHosts(t *testing.T, s Store) {
	raw := map[series.Key][]series.Interval{}
	for n := range 100 {
		for h, host := range []string{"mail1", "mail2"} {
			at := Start.Add(time.Duration(n)*time.Minute + time.Duration(h)*time.Second)
			i := Interval(Key(host, 0), at, n+h)
			raw[i.Key] = append(raw[i.Key], i.Interval)
			Commit(t, s, Minute(host, at, i))
		}
	}
	Equal(t, Read(t, s, All(0)), raw)
	checkBins(t, s, raw)
	q := All(0)
	q.Keys = []series.Key{Key("mail2", 0)}
	if got, err := s.Runs(t.Context(), q); err != nil || len(got) != 100 {
		t.Errorf("%d runs of one of two hosts, %v", len(got), err)
	}
}

// sameSecond: two runs can end within one second, of two hosts or of one whose
// clock was set back.
func sameSecond(t *testing.T, s Store) {
	raw := map[series.Key][]series.Interval{}
	for n := range 3 {
		i := Interval(Key("mail1", 0), Start, n+1)
		raw[i.Key] = append(raw[i.Key], i.Interval)
		Commit(t, s, Minute("mail1", Start, i))
	}
	Equal(t, Read(t, s, All(0)), raw)
	checkBins(t, s, raw)
}

// clockBack: intervals that overlap after a step back are all kept, and late
// ones find their bin.
func clockBack(t *testing.T, s Store) {
	k := Key("mail1", 0)
	raw := map[series.Key][]series.Interval{}
	var before, after []series.Interval
	for n := range 200 {
		at := Start.Add(time.Duration(n)*time.Minute + time.Second)
		if n >= 120 {
			at = at.Add(-100*time.Minute - time.Second)
		}
		i := Interval(k, at, n)
		if n == 120 {
			i.Quality = series.Clock
		}
		if n < 120 {
			before = append(before, i.Interval)
		} else {
			after = append(after, i.Interval)
		}
		Commit(t, s, Minute("mail1", at, i))
	}
	// In order of End: the two stretches interleave.
	for len(before)+len(after) > 0 {
		if len(after) == 0 || len(before) > 0 && before[0].End.Before(after[0].End) {
			raw[k], before = append(raw[k], before[0]), before[1:]
		} else {
			raw[k], after = append(raw[k], after[0]), after[1:]
		}
	}
	Equal(t, Read(t, s, All(0)), raw)
	checkBins(t, s, raw)
}

func manySeries(t *testing.T, s Store) {
	const many = 700
	raw := map[series.Key][]series.Interval{}
	for n := range 20 {
		at := Start.Add(time.Duration(n) * time.Minute)
		m := Minute("mail1", at)
		for l := range many {
			i := Interval(Key("mail1", l), at, n*l)
			if l%3 == 0 {
				i.Drop(series.DiscardIOs)
			}
			raw[i.Key] = append(raw[i.Key], i.Interval)
			m.Intervals = append(m.Intervals, i)
		}
		Commit(t, s, m)
	}
	Equal(t, Read(t, s, All(0)), raw)
	checkBins(t, s, raw)
	q := All(0)
	for _, l := range []int{0, 127, 128, 300, many - 1} {
		q.Keys = append(q.Keys, Key("mail1", l))
	}
	got := Read(t, s, q)
	for _, k := range q.Keys {
		Equal(t, map[series.Key][]series.Interval{k: got[k]}, map[series.Key][]series.Interval{k: raw[k]})
	}
}
