package docs

import (
	"database/sql"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"lunstat/collector"
	"lunstat/collector/journal"
	"lunstat/collector/mailstore"
	"lunstat/collector/series"
)

// TestJournalQueries runs the queries of journal.md on a journal that has
// something to say to each.
func TestJournalQueries(t *testing.T) {
	text := page(t, "journal.md")
	queries := regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(text, -1)
	if len(queries) == 0 {
		t.Fatal("no queries in journal.md")
	}
	db := open(t)
	for _, q := range queries {
		if n, err := rows(db, q[1]); err != nil || n == 0 {
			t.Errorf("%d rows, %v:\n%s", n, err, q[1])
		}
	}
}

// TestJournalBackup makes the copy as journal.md says, and reads it as a journal.
func TestJournalBackup(t *testing.T) {
	const call = "VACUUM INTO '/backup/lunstat.db'"
	if !strings.Contains(page(t, "journal.md"), call) {
		t.Fatalf("journal.md has no %s", call)
	}
	copied := filepath.Join(t.TempDir(), "lunstat.db")
	if _, err := open(t).Exec(strings.Replace(call, "/backup/lunstat.db", copied, 1)); err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(copied, journal.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if _, _, ok, err := j.Extent(t.Context()); err != nil || !ok {
		t.Errorf("nothing in the copy: %v", err)
	}
}

// TestJournalHasAllTables: each table is explained, and no other.
func TestJournalHasAllTables(t *testing.T) {
	text, _, _ := strings.Cut(page(t, "journal.md"), "\n## How large")
	described := regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|").FindAllStringSubmatch(text, -1)
	want := map[string]bool{}
	for _, d := range described {
		for name := range strings.SplitSeq(d[1], ", ") {
			want[strings.Trim(name, "`")] = true
		}
	}
	tables, err := open(t).Query(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	defer tables.Close()
	for tables.Next() {
		var name string
		if err := tables.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if !want[name] {
			t.Errorf("journal.md does not explain the table %s", name)
		}
		delete(want, name)
	}
	if err := tables.Err(); err != nil {
		t.Fatal(err)
	}
	for name := range want {
		t.Errorf("journal.md explains a table %s that there isn't", name)
	}
}

// open makes a journal of the simulated mailstore's first hour, with a hole, and
// opens it as sqlite3 would.
func open(t *testing.T) *sql.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := journal.Open(path, journal.Options{Sync: "normal"})
	if err != nil {
		t.Fatal(err)
	}
	m := mailstore.New(mailstore.Options{Start: time.Date(2009, 10, 5, 0, 0, 0, 0, time.UTC), Minutes: 60})
	var state series.State
	var minutes []series.Minute
	for s, ok := m.Next(); ok; s, ok = m.Next() {
		if n := s.At.Wall.Minute(); n > 20 && n < 30 {
			continue // nobody called the collector
		}
		waited := uint64(s.At.Mono / 50 / time.Microsecond) // which the simulation lacks
		s.Pressure = series.PressureReading{At: s.At, SomeUS: &waited, FullUS: &waited}
		minute, _ := collector.Close(state, s, collector.Rules{Layers: "maps"})
		state = minute.State
		minutes = append(minutes, minute)
	}
	if err := j.CommitAll(t.Context(), minutes); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func rows(db *sql.DB, query string) (n int, err error) {
	r, err := db.Query(query)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	for r.Next() {
		n++
	}
	return n, r.Err()
}
