package journal

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
	"lunstat/mapper"
)

// all is what a reader can ask a journal for.
type all struct {
	intervals [3]map[series.Key][]series.Interval
	luns      []mapper.Entry
	spaces    []series.Space
	runs      [2][]series.Run
	notes     []series.Note
	state     series.State
	forward   series.Forwarding
	first     time.Time
	last      time.Time
}

func readAll(ctx context.Context, t *testing.T, j *Journal) (a all) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	for n, w := range storetest.Widths() {
		a.intervals[n] = storetest.Read(t, j, storetest.All(w))
	}
	from, to := storetest.Start, storetest.Start.Add(day)
	a.luns, err = j.LUNs(ctx, from, to)
	must(err)
	must(j.Spaces(ctx, storetest.All(0), func(_ series.Key, s *series.Space) error { a.spaces = append(a.spaces, *s); return nil }))
	for n, w := range []time.Duration{0, time.Hour} {
		a.runs[n], err = j.Runs(ctx, storetest.All(w))
		must(err)
	}
	a.notes, err = j.Notes(ctx, from, to)
	must(err)
	a.state, err = j.State(ctx, "mail1")
	must(err)
	a.forward, err = j.Forwarding(ctx, sink)
	must(err)
	a.first, a.last, _, err = j.Extent(ctx)
	must(err)
	return a
}

// TestReadersOfAnOlderJournal: between an upgrade and the first run of the collector
// a reader sees all that it will see afterwards, and changes nothing.
func TestReadersOfAnOlderJournal(t *testing.T) {
	for from := 1; from < version; from++ {
		t.Run(fmt.Sprint("version ", from), func(t *testing.T) { readersOfVersion(t, from) })
	}
}

func readersOfVersion(t *testing.T, from int) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := Open(path, Options{Sync: "normal"})
	if err != nil {
		t.Fatal(err)
	}
	l := newLoad(3, false)
	for range 130 {
		storetest.Commit(t, j, l.minute())
	}
	if err := j.AddNote(t.Context(), series.Note{At: storetest.Start.Add(time.Hour), Text: "a mark"}); err != nil {
		t.Fatal(err)
	}
	want := readAll(t.Context(), t, j)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	back(t, path, from)
	r, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := readAll(t.Context(), t, r); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	var is int
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(`PRAGMA user_version`).Scan(&is); err != nil || is != from {
		t.Errorf("it has version %d, %v", is, err)
	}
}
