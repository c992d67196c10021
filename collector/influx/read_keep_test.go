package influx_test

import (
	"context"
	"testing"
	"time"

	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/series"
)

func countIntervals(t *testing.T, s *influx.Source, q series.Query) (n int) {
	t.Helper()
	err := s.Intervals(context.Background(), q, func(series.Key, *series.Interval) error { n++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRawGone: when raw points are past their retention, a report of the time
// still has bins, spaces, the ledger and boots.
func TestRawGone(t *testing.T) {
	both(t, func(t *testing.T, s *influxtest.Server) {
		at := base()
		out := mailstoreRuns("mail1", at, 120)
		write(t, newSink(t, s, nil), out...)
		if s.Version == influxtest.V1 {
			s.Admit("DROP RETENTION POLICY autogen ON lunstat", "CREATE RETENTION POLICY autogen ON lunstat DURATION INF REPLICATION 1 DEFAULT")
		} else {
			s.Drop()
			s.Restore()
			s.Reader = s.ReaderAgain()
		}
		source := newSource(t, s, nil)
		q := series.Query{From: at.Add(-time.Hour), To: at.Add(3 * time.Hour), Width: 15 * time.Minute}
		if n := countIntervals(t, source, q); n != 8*14 {
			t.Errorf("%d bins, want 8 of 14 LUNs", n)
		}
		spaces := 0
		if err := source.Spaces(context.Background(), q, func(series.Key, *series.Space) error { spaces++; return nil }); err != nil || spaces < 8*10 {
			t.Errorf("%d spaces, %v", spaces, err)
		}
		if luns, err := source.LUNs(context.Background(), q.From, q.To); err != nil || len(luns) != 14 {
			t.Errorf("%d LUNs, %v", len(luns), err)
		}
		runs, err := source.Runs(context.Background(), q)
		if err != nil || len(runs) < 2 || runs[0].At.BootID == "" {
			t.Errorf("runs %+v, %v", runs, err)
		}
		first, last, ok, err := source.Extent(context.Background())
		if err != nil || !ok || first.Sub(at) > 16*time.Minute || last.Before(first) {
			t.Errorf("extent %v to %v, %v, %v", first, last, ok, err)
		}
	})
}

// TestJournalLost: a host whose journal was lost begins again at run 1. What is in
// no bin yet is still told from what is.
func TestJournalLost(t *testing.T) {
	both(t, func(t *testing.T, s *influxtest.Server) {
		at := base()
		sink, source := newSink(t, s, nil), newSource(t, s, nil)
		old := mailstoreRuns("mail1", at, 60)
		for i := range old {
			old[i].Seq += 5000
		}
		write(t, sink, old...)
		write(t, sink, mailstoreRuns("mail1", at.Add(2*time.Hour), 40)...)
		q := series.Query{From: at.Add(-time.Hour), To: at.Add(4 * time.Hour), Width: 15 * time.Minute}
		// The old journal's four whole bins and its last minute; the new one's two
		// and the ten minutes that are open.
		if n := countIntervals(t, source, q); n != (4+3)*14 {
			t.Errorf("%d bins, want 7 of 14 LUNs", n)
		}
	})
}

// TestJournalLostInAnotherYear: the clock is years ahead when bins are closed last, and
// the journal is lost before it is set right. The next journal's open bin is told.
func TestJournalLostInAnotherYear(t *testing.T) {
	both(t, func(t *testing.T, s *influxtest.Server) {
		at := base()
		sink, source := newSink(t, s, nil), newSource(t, s, nil)
		old := mailstoreRuns("mail1", at, 40)
		ahead := mailstoreRuns("mail1", at.AddDate(200, 0, 0), 20)
		for i := range old {
			old[i].Begun = 1000
		}
		for i := range ahead {
			ahead[i].Begun, ahead[i].Seq = 1000, ahead[i].Seq+40
		}
		next := mailstoreRuns("mail1", at.Add(2*time.Hour), 10)
		for i := range next {
			next[i].Begun = 2000
		}
		for _, out := range [][]series.Outbound{old, ahead, next} {
			write(t, sink, out...)
		}
		q := series.Query{From: at.Add(90 * time.Minute), To: at.Add(4 * time.Hour), Width: 15 * time.Minute}
		if n := countIntervals(t, source, q); n != 14 {
			t.Errorf("%d bins, want the open one of 14 LUNs", n)
		}
	})
}

// TestTagsInsteadOfLedger: without lun_info a report has at least the tags.
func TestTagsInsteadOfLedger(t *testing.T) {
	both(t, func(t *testing.T, s *influxtest.Server) {
		at := base()
		write(t, newSink(t, s, nil), madeRun(1, "mail1", at, 3))
		luns, err := newSource(t, s, nil).LUNs(context.Background(), at.Add(-time.Minute), at)
		if err != nil || len(luns) != 3 {
			t.Fatalf("%+v, %v", luns, err)
		}
		for n, e := range luns {
			want := madeLUN(n)
			if e.Host != "mail1" || e.LUN.ID != want.ID || e.LUN.Name() != want.DMName || e.LUN.Role != want.Role || e.LUN.Group != want.Group || e.LUN.Layer != want.Layer || e.LUN.Dev.Minor != uint32(n) {
				t.Errorf("%+v", e)
			}
		}
	})
}

// TestHosts: a source may be of some hosts only.
func TestHosts(t *testing.T) {
	s := influxtest.Start(t, influxtest.V2)
	at := base()
	sink := newSink(t, s, nil)
	for _, host := range []string{"a", "b", "c"} {
		write(t, sink, madeRun(1, host, at, 2))
	}
	source := newSource(t, s, func(o *influx.Options) { o.Hosts = []string{"a", "c"} })
	seen := map[string]int{}
	for _, width := range []time.Duration{0, time.Hour} {
		q := series.Query{From: at.Add(-time.Hour), To: at.Add(time.Hour), Width: width}
		err := source.Intervals(context.Background(), q, func(k series.Key, _ *series.Interval) error { seen[k.Host]++; return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 2 || seen["a"] != 4 || seen["c"] != 4 {
		t.Errorf("intervals by host: %v", seen)
	}
	runs, err := source.Runs(context.Background(), series.Query{From: at.Add(-time.Hour), To: at.Add(time.Hour)})
	if err != nil || len(runs) != 2 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
}

// TestManyKeys: of more series than a statement names, the rest is sorted out on
// this side.
func TestManyKeys(t *testing.T) {
	both(t, func(t *testing.T, s *influxtest.Server) {
		at := base()
		sink := newSink(t, s, nil)
		run := madeRun(1, "mail1", at, 700)
		write(t, sink, run, madeRun(1, "mail2", at, 5))
		var keys []series.Key
		for i := range run.Intervals {
			if i%2 == 0 {
				keys = append(keys, run.Intervals[i].Key)
			}
		}
		q := series.Query{From: at.Add(-time.Hour), To: at, Keys: keys}
		if n := countIntervals(t, newSource(t, s, nil), q); n != 350 {
			t.Errorf("%d intervals, want 350", n)
		}
	})
}
