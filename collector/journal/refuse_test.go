package journal

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
)

func TestNoJournal(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	foreign := filepath.Join(dir, "foreign.db")
	newer := filepath.Join(dir, "newer.db")
	for path, query := range map[string]string{foreign: `CREATE TABLE moz_places (id)`,
		newer: fmt.Sprintf(`PRAGMA application_id = %d; PRAGMA user_version = 99; CREATE TABLE x (y)`, applicationID)} {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
		db.Close()
	}
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	as := func(target any) func(error) bool { return func(err error) bool { return errors.As(err, target) } }
	for _, test := range []struct {
		name, path string
		write      bool
		want       func(error) bool
	}{
		{"foreign, read", foreign, false, as(new(*ForeignError))},
		{"foreign, written", foreign, true, as(new(*ForeignError))},
		{"newer, read", newer, false, as(new(*NewerError))},
		{"newer, written", newer, true, as(new(*NewerError))},
		{"no SQLite file", write("text.db", strings.Repeat("a text, and nothing else\n", 100)), false, as(new(*CorruptError))},
		{"missing", filepath.Join(dir, "missing.db"), false, is(fs.ErrNotExist)},
		{"folder is a file", filepath.Join(write("file", "x"), "journal.db"), true, is(unix.ENOTDIR)},
		{"a folder", dir, true, func(err error) bool { return err != nil }},
		{"empty, read", write("empty.db", ""), false, func(err error) bool { return err != nil && strings.Contains(err.Error(), "empty") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			before, _ := os.ReadFile(test.path)
			j, err := Open(test.path, Options{ReadOnly: !test.write})
			if err == nil {
				j.Close()
			}
			if !test.want(err) {
				t.Errorf("got %v", err)
			}
			if err == nil || !strings.Contains(err.Error(), test.path) {
				t.Errorf("%v doesn't say which file", err)
			}
			if after, _ := os.ReadFile(test.path); string(after) != string(before) {
				t.Error("the file has changed")
			}
		})
	}
}

func TestLocked(t *testing.T) {
	j := open(t, Options{busy: time.Millisecond})
	if err := advance(t.Context(), j, 0); err != nil {
		t.Fatal(err)
	}
	other, err := Open(j.Path(), Options{busy: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if err := advance(t.Context(), j, 1); !errors.Is(err, ErrLocked) {
		t.Errorf("while another writes: %v", err)
	}
	reader, err := Open(j.Path(), Options{ReadOnly: true, busy: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	consistent(t, reader)
	if err := reader.Close(); err != nil {
		t.Error(err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := advance(t.Context(), j, 2); err != nil {
		t.Error(err)
	}
	if got := consistent(t, j); got != 2 {
		t.Errorf("the last run is of minute %d", got)
	}
}

// TestFull: what doesn't fit isn't half there, and the next run that does counts
// it.
func TestFull(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	if err := advance(t.Context(), j, 0); err != nil {
		t.Fatal(err)
	}
	limit := func(pages int) {
		if _, err := j.db.Exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // the pages there are
	n, full := 1, 0
	for ; full < 20 && n < 2000; n++ {
		if err := advance(t.Context(), j, n); errors.Is(err, ErrFull) {
			full++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if full == 0 {
		t.Fatal("it never was full")
	}
	limit(1 << 30)
	if err := advance(t.Context(), j, n); err != nil {
		t.Fatal(err)
	}
	if got := consistent(t, j); got != n {
		t.Errorf("the last run is of minute %d, want %d", got, n)
	}
}

// TestFullDisk is the same on a filesystem of its own, log included.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("lunstat", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("no tmpfs of its own: %v", err)
	}
	defer func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}()
	j, err := Open(filepath.Join(dir, "journal.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	n, full := 0, 0
	for ; full < 5 && n < 500; n++ {
		if err := advance(t.Context(), j, n); errors.Is(err, ErrFull) {
			full++
		} else if err != nil {
			t.Fatalf("minute %d: %v", n, err)
		}
	}
	if full == 0 {
		t.Fatal("it never was full")
	}
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT, "size=4m"); err != nil {
		t.Fatal(err)
	}
	if err := advance(t.Context(), j, n); err != nil {
		t.Fatal(err)
	}
	if got := consistent(t, j); got != n {
		t.Errorf("the last run is of minute %d, want %d", got, n)
	}
}

// asNobody runs do on a thread that has nobody's rights to files.
func asNobody(t *testing.T, do func()) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root, to be somebody else")
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends
		if err := unix.Setfsuid(65534); err != nil {
			t.Error(err)
			return
		}
		do()
	}()
	<-done
}

// TestOthersRead: who may not write to the folder can read, whether the collector
// has left its log or not; who may not write can't, and is told so.
func TestOthersRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	old := unix.Umask(0o077)
	defer unix.Umask(old)
	path := filepath.Join(dir, "journal.db")
	j, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	n := 0
	read := func(when string) {
		asNobody(t, func() {
			r, err := Open(path, Options{ReadOnly: true})
			if err != nil {
				t.Errorf("%s: %v", when, err)
				return
			}
			defer r.Close()
			if got := consistent(t, r); got != n {
				t.Errorf("%s: the last run is of minute %d, want %d", when, got, n)
			}
			if err := r.AddNote(t.Context(), series.Note{Text: "x"}); !errors.Is(err, ErrReadOnly) {
				t.Errorf("%s: a note by a reader: %v", when, err)
			}
			w, err := Open(path, Options{busy: time.Millisecond})
			if err == nil {
				err = w.AddNote(t.Context(), series.Note{Text: "x"})
				w.Close()
			}
			if !errors.Is(err, ErrReadOnly) {
				t.Errorf("%s: a note by nobody: %v", when, err)
			}
		})
	}
	for ; n < 3; n++ {
		if err := advance(t.Context(), j, n); err != nil {
			t.Fatal(err)
		}
	}
	n = 2
	read("while it is being written")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	read("after it was closed")
	for _, name := range []string{"", "-wal", "-shm"} {
		if info, err := os.Stat(path + name); err == nil && info.Mode().Perm() != 0o644 {
			t.Errorf("journal.db%s has mode %v", name, info.Mode())
		}
	}
}
