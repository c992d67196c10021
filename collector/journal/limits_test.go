package journal

import (
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
	"lunstat/mapper"
)

// TestBinsGoAtTheirLimit: a bin is deleted in the hour in which it has become too old,
// not an hour later, and none is deleted before.
func TestBinsGoAtTheirLimit(t *testing.T) {
	now := storetest.Start
	j := open(t, Options{Sync: "normal", Now: func() time.Time { return now }, KeepRaw: time.Hour, Keep15m: 2 * time.Hour})
	w := widths()[0]
	k := storetest.Key("mail1", 0)
	for n := range 6 * 12 {
		now = storetest.Start.Add(time.Duration(n) * 5 * time.Minute)
		storetest.Commit(t, j, storetest.Minute("mail1", now, storetest.Interval(k, now, n)))
	}
	var first int64
	if err := j.db.QueryRow(`SELECT min(id) FROM rollup WHERE id >= ? AND id < ?`, rollupID(w, 0, 0, 0), rollupID(w, lastBin+1, 0, 0)).Scan(&first); err != nil {
		t.Fatal(err)
	}
	limit := hour(now.Add(-2 * time.Hour))
	if got := w.binEnd(binOfID(first) - 1); got != limit {
		t.Errorf("the first bin begins at %s, want %s", second(got), second(limit))
	}
}

// TestImportMakesNoTurn: history that is imported in between is not a run of the
// collector. So it explains no hole, and doesn't make the collector's next run a turn.
func TestImportMakesNoTurn(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	for n := range 4 {
		if err := advance(t.Context(), j, n); err != nil {
			t.Fatal(err)
		}
		k := series.Key{ID: "dm-3", Host: "mail1", Source: "sysstat"}
		at := storetest.Start.AddDate(0, -1, n)
		history := storetest.Minute("mail1", at, storetest.Interval(k, at, 1))
		history.State = series.State{}
		storetest.Commit(t, j, history)
	}
	var turns int
	if err := j.db.QueryRow(`SELECT count(*) FROM turn`).Scan(&turns); err != nil || turns != 1 {
		t.Errorf("%d turns, %v; want the first run alone", turns, err)
	}
}

// TestEndedEntryIsSentOnce: the run that ended a line of the ledger brings it, and the
// next one doesn't.
func TestEndedEntryIsSentOnce(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	for n, mapped := range [][]mapper.LUN{{storetest.LUN(0), storetest.LUN(1)}, {storetest.LUN(0)}, nil} {
		m := storetest.Minute("mail1", storetest.Start.Add(time.Duration(n)*time.Minute))
		m.Mapped = mapped
		storetest.Commit(t, j, m)
	}
	want := []int{2, 1, 0}
	for n := range want { // in one batch of what is left
		out, err := j.Backlog(t.Context(), sink, 1000)
		if err != nil || len(out) != len(want)-n {
			t.Fatalf("%d runs, %v", len(out), err)
		}
		for i := range out {
			if got := len(out[i].Ledger); got != want[n+i] {
				t.Errorf("after %d were sent, run %d brings %d entries, want %d", n, out[i].Seq, got, want[n+i])
			}
		}
		sent(t, j, out[0].Seq)
	}
}

// TestDailyEntries: the first run of each day brings all that holds, also after a clock
// that was set back to the day before.
func TestDailyEntries(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	for n, hours := range []int{20, 23, 25, 26, 22, 47} {
		m := storetest.Minute("mail1", storetest.Start.Add(time.Duration(hours)*time.Hour))
		if n == 0 {
			m.Mapped = []mapper.LUN{storetest.LUN(0)}
		}
		storetest.Commit(t, j, m)
	}
	out, err := j.Backlog(t.Context(), sink, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []int{1, 0, 1, 0, 1, 1} {
		if got := len(out[n].Ledger); got != want {
			t.Errorf("run %d brings %d entries, want %d", n, got, want)
		}
	}
}

// TestRawLongerThanBins: whatever is kept longer, no I/O is counted twice.
func TestRawLongerThanBins(t *testing.T) {
	now := storetest.Start
	j := open(t, Options{Sync: "normal", Now: func() time.Time { return now }, KeepRaw: 10 * time.Hour, Keep15m: 3 * time.Hour})
	k := storetest.Key("mail1", 0)
	var want uint64
	for n := range 14 * 12 {
		now = storetest.Start.Add(time.Duration(n) * 5 * time.Minute)
		i := storetest.Interval(k, now, n)
		want += i.Value(series.ReadIOs)
		storetest.Commit(t, j, storetest.Minute("mail1", now, i))
	}
	if got := reads(t, j); got != [3]uint64{want, want, want} {
		t.Errorf("%d reads at the three widths, want %d at each", got, want)
	}
}
