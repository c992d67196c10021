package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
)

// TestRetention: whatever has been deleted, each width gives each I/O once, from the
// finest table that still has it.
func TestRetention(t *testing.T) {
	t.Parallel()
	now := storetest.Start
	o := Options{Sync: "normal", Now: func() time.Time { return now }, KeepRaw: 6 * time.Hour, Keep15m: 12 * time.Hour}
	j := open(t, o)
	k := storetest.Key("mail1", 0)
	hourly := storetest.Key("mail1", 1) // alone in its bins, and on their edge
	var all, edge []series.Interval
	var spaces []series.Space
	var ios uint64
	b := batchOf{t: t, j: j, most: 20}
	for n := range 30 * 60 {
		now = now.Add(time.Minute)
		if n == 1000 {
			now = now.Add(90 * time.Minute) // a hole
		}
		i := storetest.Interval(k, now, n)
		all = append(all, i.Interval)
		ios += i.Value(series.ReadIOs)
		m := storetest.Minute("mail1", now, i)
		m.Run.Warnings = []series.Warning{{What: fmt.Sprintf("since %d", n/100)}}
		if now.Minute() == 0 {
			e := storetest.Interval(hourly, now, n)
			edge = append(edge, e.Interval)
			m.Intervals = append(m.Intervals, e)
		}
		if n%5 == 0 {
			m.Spaces = []series.KeySpace{{Key: k, Mount: "/a", Space: series.Space{At: now, SizeBytes: 1 << 40, UsedBytes: uint64(n)}}}
			spaces = append(spaces, m.Spaces[0].Space)
		}
		if b.add(m) && n%340 == 339 {
			checkOnce(t, j, k, ios)
		}
	}
	checkOnce(t, j, k, ios)
	storetest.Equal(t, storetest.Read(t, j, storetest.All(time.Hour)), map[series.Key][]series.Interval{k: series.Roll(all, time.Hour), hourly: series.Roll(edge, time.Hour)})
	for _, w := range storetest.Widths() {
		if got := storetest.Read(t, j, storetest.All(w))[hourly]; len(got) != len(edge) {
			t.Errorf("width %s: %d of the intervals on the hour, want %d", w, len(got), len(edge))
		}
	}

	var first, runs, bins int64
	for query, to := range map[string]*int64{
		`SELECT min(end) FROM run WHERE id = (SELECT min(id) >> 16 FROM sums)`: &first,
		`SELECT count(*) FROM run`:                               &runs,
		`SELECT count(*) FROM rollup WHERE id < 1 << (28+16+16)`: &bins,
	} {
		if err := j.db.QueryRow(query).Scan(to); err != nil {
			t.Fatal(err)
		}
	}
	if oldest := now.Add(-7 * time.Hour); time.Unix(first, 0).Before(oldest) || runs > 7*60+10 || bins > 13*4 {
		t.Errorf("kept: raw from %s, %d runs, %d bins of 15 minutes", time.Unix(first, 0).UTC(), runs, bins)
	}
	raw := storetest.Read(t, j, storetest.All(0))[k]
	if n := len(raw); n < 6*60+6*4+15 {
		t.Errorf("%d intervals at the finest", n)
	}
	if first, last, ok, err := j.Extent(t.Context()); err != nil || !ok || !first.Equal(raw[0].End) || !last.Equal(now) {
		t.Errorf("extent %s to %s, want %s to %s; %v", first, last, raw[0].End, now, err)
	}
	checkSpaces(t, j, spaces, time.Unix(hour(now.Add(-6*time.Hour)), 0))
	var texts int
	if err := j.db.QueryRow(`SELECT count(*) FROM warnings`).Scan(&texts); err != nil || texts < 8 || texts > 9 {
		t.Errorf("%d texts of warnings, want those of the runs that are kept; %v", texts, err)
	}
	// The hole of the first day is still explained.
	if coarse, err := j.Runs(t.Context(), storetest.All(time.Hour)); err != nil || len(coarse) != 4 {
		t.Errorf("%d runs at turns, want the first, the last and those around the hole; %v", len(coarse), err)
	}
}

// checkSpaces wants all spaces from late on, and one an hour before.
func checkSpaces(t *testing.T, j *Journal, all []series.Space, late time.Time) {
	t.Helper()
	for _, w := range []time.Duration{0, time.Hour} {
		var got, want []series.Space
		for i := range all {
			last := i+1 == len(all) || series.BinOf(all[i].At, time.Hour) != series.BinOf(all[i+1].At, time.Hour)
			if last || w == 0 && !all[i].At.Before(late) {
				want = append(want, all[i])
			}
		}
		err := j.Spaces(t.Context(), storetest.All(w), func(_ series.Key, s *series.Space) error {
			got = append(got, *s)
			return nil
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("width %s, %v:\n got %v\nwant %v", w, err, got, want)
		}
	}
}

func checkOnce(t *testing.T, j *Journal, k series.Key, want uint64) {
	t.Helper()
	for _, w := range storetest.Widths() {
		var ios uint64
		for _, i := range storetest.Read(t, j, storetest.All(w))[k] {
			ios += i.Value(series.ReadIOs)
		}
		if ios != want {
			t.Errorf("width %s: %d reads, want %d", w, ios, want)
		}
	}
}

// TestClockAhead: runs of a clock that was years ahead don't keep what comes
// after them for ever.
func TestClockAhead(t *testing.T) {
	t.Parallel()
	now := storetest.Start
	j := open(t, Options{Sync: "normal", Now: func() time.Time { return now }, KeepRaw: 2 * time.Hour})
	k := storetest.Key("mail1", 0)
	for n := range 10 * 60 {
		now = storetest.Start.Add(time.Duration(n) * time.Minute)
		if n < 3 {
			now = now.AddDate(10, 0, 0)
		}
		storetest.Commit(t, j, storetest.Minute("mail1", now, storetest.Interval(k, now, n)))
	}
	var kept int
	if err := j.db.QueryRow(`SELECT count(*) FROM sums`).Scan(&kept); err != nil || kept > 4*60 {
		t.Errorf("%d runs kept of 2 hours, %v", kept, err)
	}
}

// leave commits a run and finishes, but doesn't close.
func leave(t *testing.T, path string, n int) {
	t.Helper()
	j, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	if err := advance(t.Context(), j, n); err != nil {
		t.Fatal(err)
	}
	if err := j.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestLeave: the log is folded in now and then, and never grows without bound.
func TestLeave(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	folded, largest := 0, int64(0)
	for n := range 3 * closeEvery {
		// Every sixth run, those that fold among them, is a process of its own. A process
		// of a test is dear, and the others leave the journal as one that exits does.
		if n%6 == 5 {
			if code := runChild(t, path, "none", n); code != 0 {
				t.Fatalf("minute %d: exit %d", n, code)
			}
		} else {
			leave(t, path, n)
		}
		wal, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		if largest = max(largest, wal.Size()); wal.Size() == 0 {
			folded++
		}
	}
	if folded != 3 || largest > 3<<20 {
		t.Errorf("folded in %d times, the log grew to %d bytes", folded, largest)
	}
	j, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if got := consistent(t, j); got != 3*closeEvery-1 {
		t.Errorf("the last run is of minute %d", got)
	}
}
