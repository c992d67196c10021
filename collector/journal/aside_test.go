package journal

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
	"lunstat/mapper"
)

// journalFiles are a journal's file, with so many runs in it, and its log with the rest.
func journalFiles(t *testing.T, folded int) (file, wal []byte) {
	t.Helper()
	j := open(t, Options{})
	for n := range 100 {
		if err := advance(t.Context(), j, n); err != nil {
			t.Fatal(err)
		}
		if n+1 == folded {
			if _, err := j.db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
				t.Fatal(err)
			}
		}
	}
	file, err := os.ReadFile(j.path)
	if err == nil {
		wal, err = os.ReadFile(j.path + "-wal")
	}
	if err != nil {
		t.Fatal(err)
	}
	return file, wal
}

// foreignFiles are another program's database and its log.
func foreignFiles(t *testing.T) (file, wal []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "places.sqlite")
	db, err := sql.Open("sqlite", path+"?_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range []string{`PRAGMA application_id = 77`, `CREATE TABLE moz_places (id)`, `INSERT INTO moz_places VALUES (1)`} {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	if wal, err = os.ReadFile(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`PRAGMA wal_checkpoint(PASSIVE)`); err != nil {
		t.Fatal(err)
	}
	if file, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return file, wal
}

// TestOnlyOursIsMoved: a file is set aside only where it is, or was, a journal, with
// its log, and only by who may; all else is refused and stays what it is.
func TestOnlyOursIsMoved(t *testing.T) {
	folded, _ := journalFiles(t, 100)
	_, wal := journalFiles(t, 50)
	wal[24] ^= 1 // its checksum: SQLite takes nothing from it
	foreign, foreignWAL := foreignFiles(t)
	garbage := bytes.Repeat([]byte("garbage!"), len(folded)/8)
	over := func(b []byte, n int) []byte { return append(bytes.Clone(garbage[:n]), b[n:]...) }
	damaged := bytes.Clone(foreign)
	copy(damaged[100:], garbage[:2000])
	for _, test := range []struct {
		name      string
		file, wal []byte
		stood     bool
		ours      bool
	}{
		{"a text", []byte("root:x:0:0:root:/root:/bin/bash\n"), nil, false, false},
		{"a long text", bytes.Repeat([]byte("a text, and nothing else\n"), 1000), nil, false, false},
		{"a short text", []byte("SQLite"), nil, false, false},
		{"a text beside an empty log", []byte("a text, and nothing else\n"), []byte{}, false, false},
		{"a dump of a journal", bytes.Repeat([]byte("CREATE TABLE rollup (id INTEGER PRIMARY KEY, data BLOB NOT NULL);\n"), 300), nil, false, false},
		{"zeros", make([]byte, 8192), nil, false, false},
		{"a damaged foreign file", damaged, nil, false, false},
		{"a foreign file without a head", over(foreign, 100), foreignWAL, false, false},
		{"a journal without magic", over(folded, 16), nil, false, true},
		{"a journal without a head", over(folded, 100), nil, false, true},
		{"a journal without its first page", over(folded, 4096), nil, true, true},
		{"nothing of a journal", garbage, nil, false, false},
		{"nothing of a journal but its log", garbage, wal, false, true},
		{"nothing of a journal but what stood", garbage, nil, true, true},
		{"zeros in a journal's place", make([]byte, 8192), wal, false, true},
		{"a journal cut to half a page", folded[:2048], nil, false, true},
	} {
		for _, o := range []Options{{}, {Unlocked: true}, {ReadOnly: true}} {
			o.Stood = test.stood
			path := filepath.Join(t.TempDir(), "t.db")
			write := func(path string, b []byte) {
				if err := os.WriteFile(path, b, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			write(path, test.file)
			if test.wal != nil {
				write(path+"-wal", test.wal)
			}
			j, err := Open(path, o)
			aside, _ := filepath.Glob(path + ".corrupt-*")
			if moves := test.ours && !o.Unlocked && !o.ReadOnly; moves {
				checkAside(t, test.name, j, err, test.file, test.wal)
				continue
			}
			bad, ok := errors.AsType[*CorruptError](err)
			if _, foreign := errors.AsType[*ForeignError](err); !foreign && (!ok || bad.Ours != test.ours) || foreign && test.ours || len(aside) > 0 {
				t.Errorf("%s, %+v: %v (%+v), set aside %v", test.name, o, err, bad, aside)
			}
			if got, err := os.ReadFile(path + "-wal"); test.wal != nil && !test.ours && (err != nil || !bytes.Equal(got, test.wal)) {
				t.Errorf("%s, %+v: the log has changed, %v", test.name, o, err)
			}
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, test.file) {
				t.Errorf("%s, %+v: the file has changed, %v", test.name, o, err)
			}
		}
	}
}

func checkAside(t *testing.T, name string, j *Journal, err error, file, wal []byte) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	defer j.Close()
	if err := advance(t.Context(), j, 50); err != nil || len(j.Warnings()) != 1 {
		t.Errorf("%s: the new one: %v, warned of %v", name, err, j.Warnings())
	}
	aside, _ := filepath.Glob(j.path + ".corrupt-*Z")
	if len(aside) != 1 {
		t.Fatalf("%s: set aside %v", name, aside)
	}
	if got, err := os.ReadFile(aside[0]); err != nil || !bytes.Equal(got, file) {
		t.Errorf("%s: another file is set aside, %v", name, err)
	}
	if got, err := os.ReadFile(aside[0] + "-wal"); wal != nil && (err != nil || !bytes.Equal(got, wal)) {
		t.Errorf("%s: %d bytes of log are set aside, want its %d; %v", name, len(got), len(wal), err)
	}
}

// TestCorruptInACommit: the log of a file that turns out to be corrupt only when a
// minute is stored is kept, too.
func TestCorruptInACommit(t *testing.T) {
	file, wal := journalFiles(t, 50)
	path := filepath.Join(t.TempDir(), "journal.db")
	for n := 4096; n < len(file); n++ {
		file[n] = 0x77
	}
	for end, b := range map[string][]byte{"": file, "-wal": wal} {
		if err := os.WriteFile(path+end, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := Open(path, Options{ReadOnly: true}); err == nil {
		err = r.Intervals(t.Context(), storetest.All(0), func(series.Key, *series.Interval) error { return nil })
		if bad, ok := errors.AsType[*CorruptError](err); !ok || !bad.Ours {
			t.Errorf("read: %v", err)
		}
		r.Close()
	}
	for _, o := range []Options{{Unlocked: true}, {}} {
		j, err := Open(path, o)
		if err != nil {
			t.Fatal(err)
		}
		err = advance(t.Context(), j, 200)
		if o.Unlocked {
			if bad, ok := errors.AsType[*CorruptError](err); !ok || !bad.Ours {
				t.Errorf("without the lock: %v", err)
			}
			noneAside(t, j)
			// Not closed: that would fold the log in.
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		aside, _ := filepath.Glob(path + ".corrupt-*Z-wal")
		if len(aside) != 1 {
			t.Fatalf("set aside %v", aside)
		}
		if got, err := os.ReadFile(aside[0]); err != nil || !bytes.HasPrefix(got, wal) {
			t.Errorf("another log is set aside: %d bytes, want %d; %v", len(got), len(wal), err)
		}
		if runs, err := j.Runs(t.Context(), storetest.All(0)); err != nil || len(runs) != 1 {
			t.Errorf("the new one has %d runs, %v", len(runs), err)
		}
		j.Close()
	}
}

// TestRenewedForgets: of a file that is set aside nothing is remembered, neither its
// numbers of hosts and series nor what its ledger said.
func TestRenewedForgets(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	commit := func(n, lun int) {
		t.Helper()
		at := storetest.Start.Add(time.Duration(n) * time.Minute)
		k := storetest.Key("mail1", lun)
		m := storetest.Minute("mail1", at, storetest.Interval(k, at, n))
		m.Mapped = []mapper.LUN{storetest.LUN(lun)}
		m.Spaces = []series.KeySpace{{Key: k, Mount: "/a", Space: series.Space{At: at, SizeBytes: 1 << 30}}}
		storetest.Commit(t, j, m)
	}
	for n := range 3 {
		commit(n, 0)
	}
	if out := drain(t, j, 100); len(out) != 3 || out[0].Intervals[0].LUN.ID != storetest.Key("", 0).ID {
		t.Fatalf("%+v", out)
	}
	if err := j.renew(errors.New("a test")); err != nil {
		t.Fatal(err)
	}
	commit(3, 5)
	out := drain(t, j, 100)
	if len(out) != 1 || len(out[0].Intervals) != 1 || len(out[0].Spaces) != 1 || len(out[0].Ledger) != 1 {
		t.Fatalf("%+v", out)
	}
	want := storetest.Key("mail1", 5)
	if i := out[0].Intervals[0]; i.Key != want || i.LUN == nil || i.LUN.ID != want.ID || i.LUN.DMName != storetest.LUN(5).DMName {
		t.Errorf("the point of %+v goes out as one of %+v", i.Key, i.LUN)
	}
	if got := storetest.Read(t, j, storetest.All(0)); len(got[want]) != 1 {
		t.Errorf("read: %v", got)
	}
	if luns, err := j.LUNs(t.Context(), storetest.Start, storetest.Start.Add(time.Hour)); err != nil || len(luns) != 1 || !strings.Contains(said(j), "was corrupt") {
		t.Errorf("%v, %v", luns, err)
	}
}
