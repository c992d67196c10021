package journal

import (
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
)

const sink = "influx"

// drain takes the whole backlog in batches, and asks for each batch twice.
func drain(t *testing.T, j *Journal, limit int) (all []series.Outbound) {
	t.Helper()
	for {
		out, err := j.Backlog(t.Context(), sink, limit)
		if err != nil {
			t.Fatal(err)
		}
		again, err := j.Backlog(t.Context(), sink, limit)
		if err != nil || !reflect.DeepEqual(out, again) {
			t.Fatalf("asked again it is another: %v\n%+v\n%+v", err, out, again)
		}
		if len(out) == 0 {
			return all
		}
		all = append(all, out...)
		if err := j.Sent(t.Context(), sink, out[len(out)-1].Seq, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBacklogIsWhatWasCommitted compares two days of minutes with what comes out.
func TestBacklogIsWhatWasCommitted(t *testing.T) {
	t.Parallel()
	j := open(t, Options{Sync: "normal"})
	l := newLoad(14, true)
	l.at = l.at.Add(19 * time.Hour) // over midnight
	const minutes = 10 * 60
	var in []*series.Minute
	for range minutes {
		m := l.minute()
		in = append(in, m)
		storetest.Commit(t, j, m)
	}
	out := drain(t, j, 1000)
	if len(out) != minutes {
		t.Fatalf("%d runs, want %d", len(out), minutes)
	}
	bins := map[time.Duration]map[series.Key][]series.Interval{}
	for i, m := range in {
		o := &out[i]
		if o.Seq != uint64(i+1) || o.SameSecond != 0 || o.Run.Host != m.Run.Host || !o.Run.At.Wall.Truncate(time.Second).Equal(m.Run.At.Wall.Truncate(time.Second)) {
			t.Fatalf("run %d is %d of %s at %s, want %s", i+1, o.Seq, o.Run.Host, o.Run.At.Wall, m.Run.At.Wall)
		}
		if len(o.Intervals) != len(m.Intervals) || len(o.Spaces) != len(m.Spaces) {
			t.Fatalf("run %d: %d intervals and %d spaces, want %d and %d", i+1, len(o.Intervals), len(o.Spaces), len(m.Intervals), len(m.Spaces))
		}
		for n, iv := range m.Intervals {
			got := o.Intervals[n]
			if got.Key != iv.Key || !reflect.DeepEqual(got.Interval, iv.Interval) || got.LUN == nil || got.LUN.ID != iv.Key.ID {
				t.Fatalf("run %d: %+v of %+v\nwant %+v", i+1, got, got.LUN, iv)
			}
		}
		for n, sp := range m.Spaces {
			if got := o.Spaces[n]; got.KeySpace != sp || got.LUN == nil {
				t.Fatalf("run %d: %+v\nwant %+v", i+1, got, sp)
			}
		}
		daily := i == 0 || m.Run.At.Wall.Day() != in[i-1].Run.At.Wall.Day()
		if want := map[bool]int{true: 14}[daily]; len(o.Ledger) != want {
			t.Errorf("run %d: %d entries, want %d", i+1, len(o.Ledger), want)
		}
		for _, b := range o.Bins {
			if bins[b.Width] == nil {
				bins[b.Width] = map[series.Key][]series.Interval{}
			}
			bins[b.Width][b.Key] = append(bins[b.Width][b.Key], b.Interval)
		}
	}
	for _, w := range widths() {
		for n := range 14 {
			k := storetest.Key(l.host, n)
			var want []series.Interval
			for _, iv := range in {
				want = append(want, iv.Intervals[n].Interval)
			}
			// The bin of the last run is still open.
			last := series.BinOf(in[minutes-1].Run.At.Wall, w.d)
			var closed []series.Interval
			for _, b := range series.Roll(want, w.d) {
				if series.BinOf(b.End, w.d) < last {
					closed = append(closed, b)
				}
			}
			if !reflect.DeepEqual(bins[w.d][k], closed) {
				t.Errorf("bins of %s of LUN %d: %d, want %d, or others", w.name, n, len(bins[w.d][k]), len(closed))
			}
		}
	}
}

// TestBegun: a journal says for all its runs, also those of later processes, that it was
// begun at the time of its first commit.
func TestBegun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	now := storetest.Start
	for range 3 {
		j, err := Open(path, Options{Sync: "normal", Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			storetest.Commit(t, j, storetest.Minute("mail1", now))
			now = now.Add(time.Minute)
		}
		out, err := j.Backlog(t.Context(), sink, 1000)
		if err != nil || len(out) == 0 {
			t.Fatal(len(out), err)
		}
		for _, o := range out {
			if o.Begun != uint64(storetest.Start.Unix()) {
				t.Errorf("run %d is of a journal that was begun at %d, want %d", o.Seq, o.Begun, storetest.Start.Unix())
			}
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
