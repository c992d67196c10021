package journal

import (
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
	"lunstat/mapper"
)

func TestStateComesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	var want series.State
	for n := range 4 {
		j, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := j.State(t.Context(), "mail1")
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("before run %d:\n got %+v\nwant %+v", n, got, want)
		}
		m := storetest.Minute("mail1", storetest.Start.Add(time.Duration(n)*time.Minute))
		m.State = series.State{Last: storetest.Lasts(), UeventSeq: uint64(n), BootID: "b", SpaceAt: storetest.Start.Add(time.Duration(n))}
		if n != 2 { // as many LUNs as there were, or others
			m.State.Mapping = storetest.Mapping()
		}
		for i := range m.State.Last {
			m.State.Last[i].Key = storetest.Key("mail1", i*n)
		}
		if n == 0 {
			m.State.Last = m.State.Last[:1]
		}
		storetest.Commit(t, j, m)
		want = m.State
		if got, err := j.State(t.Context(), "mail1"); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("after run %d, %v:\n got %+v\nwant %+v", n, err, got, want)
		}
		if other, err := j.State(t.Context(), "mail2"); err != nil || !reflect.DeepEqual(other, series.State{}) {
			t.Errorf("of a host without runs: %+v, %v", other, err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestImportLeavesState: history of the same host doesn't become a base for the next run,
// and doesn't end an entry of the ledger.
func TestImportLeavesState(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	if err := advance(t.Context(), j, 0); err != nil {
		t.Fatal(err)
	}
	want, err := j.State(t.Context(), "mail1")
	if err != nil {
		t.Fatal(err)
	}
	k := series.Key{ID: "dm-3", Host: "mail1", Source: "sysstat"}
	at := storetest.Start.AddDate(0, -1, 0)
	history := storetest.Minute("mail1", at, storetest.Interval(k, at, 1))
	history.State = series.State{}
	history.Mapped = []mapper.LUN{{Kernel: "dm-3", ID: "dm-3"}}
	storetest.Commit(t, j, history)
	if got, err := j.State(t.Context(), "mail1"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("after an import, %v:\n got %+v\nwant %+v", err, got, want)
	}
	luns, err := j.LUNs(t.Context(), storetest.Start, storetest.Start)
	if err != nil || len(luns) != 3 || slices.ContainsFunc(luns, func(e mapper.Entry) bool { return !e.To.IsZero() }) {
		t.Errorf("ledger: %+v, %v", luns, err)
	}
}

func TestCommitAllIsCommit(t *testing.T) {
	one, all := open(t, Options{Sync: "normal"}), open(t, Options{Sync: "normal"})
	l := newLoad(3, true)
	var minutes []series.Minute
	for range 200 {
		m := l.minute()
		m.State.Last = slices.Clone(m.State.Last)
		minutes = append(minutes, *m)
		storetest.Commit(t, one, m)
	}
	if err := all.CommitAll(t.Context(), minutes); err != nil {
		t.Fatal(err)
	}
	for _, w := range storetest.Widths() {
		storetest.Equal(t, storetest.Read(t, all, storetest.All(w)), storetest.Read(t, one, storetest.All(w)))
	}
	a, errA := one.State(t.Context(), l.host)
	b, errB := all.State(t.Context(), l.host)
	if errA != nil || errB != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("states differ, %v, %v", errA, errB)
	}
}

// TestFailedCommitIsForgotten: the numbers that a failed commit gave are not used
// by the next one.
func TestFailedCommitIsForgotten(t *testing.T) {
	broken, fails := errors.New("broken"), true
	j := open(t, Options{Sync: "normal", step: func(step string) error {
		if fails && step == "commit" {
			return broken
		}
		return nil
	}})
	k := storetest.Key("mail1", 0)
	i := storetest.Interval(k, storetest.Start, 3)
	m := storetest.Minute("mail1", storetest.Start, i)
	m.Mapped = []mapper.LUN{storetest.LUN(0)}
	m.Spaces = []series.KeySpace{{Key: k, Mount: "/a", Space: series.Space{At: storetest.Start, SizeBytes: 1}}}
	if err := j.Commit(t.Context(), m); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	fails = false
	storetest.Commit(t, j, m)
	storetest.Equal(t, storetest.Read(t, j, storetest.All(0)), map[series.Key][]series.Interval{k: {i.Interval}})
	spaces := 0
	err := j.Spaces(t.Context(), storetest.All(0), func(of series.Key, _ *series.Space) error { spaces++; return nil })
	luns, err2 := j.LUNs(t.Context(), storetest.Start, storetest.Start)
	runs, err3 := j.Runs(t.Context(), storetest.All(0))
	if spaces != 1 || len(luns) != 1 || len(runs) != 1 || err != nil || err2 != nil || err3 != nil {
		t.Errorf("%d spaces, %d LUNs, %d runs; %v, %v, %v", spaces, len(luns), len(runs), err, err2, err3)
	}
}

// TestWrongEnd: an interval that doesn't belong to its run would never be found.
func TestWrongEnd(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	err := j.Commit(t.Context(), storetest.Minute("mail1", storetest.Start, storetest.Interval(storetest.Key("mail1", 0), storetest.Start.Add(time.Second), 1)))
	if err == nil {
		t.Error("it was taken")
	}
}

func TestNotes(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	var want []series.Note
	for n, text := range []string{"moved 2,000 users to web", "a \"quote\"\nand ü", ""} {
		note := series.Note{At: storetest.Start.Add(time.Duration(n) * time.Hour), Text: text}
		if err := j.AddNote(t.Context(), note); err != nil {
			t.Fatal(err)
		}
		want = append(want, note)
	}
	got, err := j.Notes(t.Context(), storetest.Start, storetest.Start.Add(90*time.Minute))
	if err != nil || !slices.Equal(got, want[1:2]) {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestCallbackError: what a callback says comes back as it is.
func TestCallbackError(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	for n := range 2 {
		if err := advance(t.Context(), j, n); err != nil {
			t.Fatal(err)
		}
	}
	enough := errors.New("enough")
	if err := j.Intervals(t.Context(), storetest.All(0), func(series.Key, *series.Interval) error { return enough }); err != enough {
		t.Errorf("intervals: %v", err)
	}
	if err := j.Spaces(t.Context(), storetest.All(time.Hour), func(series.Key, *series.Space) error { return enough }); err != enough {
		t.Errorf("spaces: %v", err)
	}
	if err := j.Intervals(t.Context(), storetest.All(7*time.Minute), func(series.Key, *series.Interval) error { return nil }); err == nil {
		t.Error("bins of 7 minutes were given")
	}
}
