package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
)

// steps are where a commit can end, in order.
func steps() []string {
	return []string{"run", "sums", "ledger", "space", "rollup", "retention", "state", "commit"}
}

func TestMain(m *testing.M) {
	if at := os.Getenv("JOURNAL_CHILD"); at != "" {
		os.Exit(child(at))
	}
	os.Exit(m.Run())
}

// child is one cron minute of a process that is killed at a step.
func child(at string) int {
	n, err := strconv.Atoi(os.Getenv("JOURNAL_MINUTE"))
	if err != nil {
		return 2
	}
	j, err := Open(os.Getenv("JOURNAL_PATH"), Options{Sync: "normal", step: func(step string) error {
		if step == at {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // it takes a moment
		}
		return nil
	}})
	if err == nil {
		err = advance(context.Background(), j, n)
	}
	if err == nil {
		err = j.Leave(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// counters are what the kernel would say at minute n.
func counters(n int) series.Counters {
	return series.Counters{ReadIOs: uint64(1000 + n*n), WriteIOs: uint64(n * 3), ReadSectors: uint64(n * 80)}
}

// advance is minute n of a host with two LUNs, from the state that is there.
func advance(ctx context.Context, j *Journal, n int) error {
	state, err := j.State(ctx, "mail1")
	if err != nil {
		return err
	}
	at := series.Instant{Wall: storetest.Start.Add(time.Duration(n) * time.Minute), Mono: time.Hour + time.Duration(n)*time.Minute, BootID: "b"}
	at.Boot = at.Mono
	m := storetest.Minute("mail1", at.Wall)
	m.Run.At, m.State.Last = at, nil
	if len(state.Last) == 0 {
		m.Mapped = append(m.Mapped, storetest.LUN(0), storetest.LUN(1))
	}
	for l := range 2 {
		now := series.Last{Key: storetest.Key("mail1", l), At: at, Counters: counters(n)}
		var was series.Last
		if len(state.Last) > 0 {
			was = state.Last[l]
		}
		i, base, ok := series.Close(was, now, series.Limits{Gap: 1000 * time.Hour})
		if ok {
			m.Intervals = append(m.Intervals, series.KeyInterval{Key: now.Key, Interval: i})
		}
		m.State.Last = append(m.State.Last, base)
	}
	m.Spaces = []series.KeySpace{{Key: storetest.Key("mail1", 0), Mount: "/a", Space: series.Space{At: at.Wall, SizeBytes: 1 << 30, UsedBytes: uint64(n)}}}
	return j.Commit(ctx, m)
}

// consistent fails if the intervals, at any width, are not the whole of what the
// counters counted up to the state, from the first reading on.
func consistent(t *testing.T, j *Journal) (minute int) {
	t.Helper()
	state, err := j.State(t.Context(), "mail1")
	if err != nil {
		t.Fatal(err)
	}
	if len(state.Last) == 0 {
		return -1
	}
	minute = int(state.Last[0].At.Wall.Sub(storetest.Start) / time.Minute)
	runs, err := j.Runs(t.Context(), storetest.All(0))
	if err != nil {
		t.Fatal(err)
	}
	first := int(runs[0].At.Wall.Sub(storetest.Start) / time.Minute)
	want := counters(minute).ReadIOs - counters(first).ReadIOs
	for _, w := range storetest.Widths() {
		for k, in := range storetest.Read(t, j, storetest.All(w)) {
			var sum uint64
			for _, i := range in {
				sum += i.Value(series.ReadIOs)
			}
			if sum != want {
				t.Fatalf("width %s, %s: %d reads in intervals, %d by the counters of minutes %d to %d", w, k.ID, sum, want, first, minute)
			}
		}
	}
	return minute
}

// TestKilled: a run that is killed at any step has either happened or not.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	minute := 0
	for round := range 2 {
		for _, step := range append(steps(), "none") {
			// Over the quarter of an hour, so that bins close in the killed run.
			minute += 15
			if code := runChild(t, path, step, minute); (code == 0) != (step == "none") {
				t.Fatalf("round %d, step %s: exit %d", round, step, code)
			}
		}
		j, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := consistent(t, j); got != minute {
			t.Errorf("the last run was of minute %d, want %d", got, minute)
		}
		var check string
		if err := j.db.QueryRow(`PRAGMA quick_check`).Scan(&check); err != nil || check != "ok" {
			t.Errorf("quick_check: %s, %v", check, err)
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
}

func runChild(t *testing.T, path, step string, minute int) int {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "JOURNAL_CHILD="+step, "JOURNAL_PATH="+path, "JOURNAL_MINUTE="+strconv.Itoa(minute))
	cmd.Stderr = os.Stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// TestTwoWeeksOfFailures: commits that fail at random steps, now and then, end
// with the exact sums.
func TestTwoWeeksOfFailures(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	broken := errors.New("broken")
	at := ""
	j := open(t, Options{Sync: "normal", step: func(step string) error {
		if step == at {
			return broken
		}
		return nil
	}})
	const minutes, every = 14 * 1440, 5
	failed := 0
	for n := 0; n < minutes; n += every {
		at = ""
		if r.IntN(10) == 0 && n < minutes-every {
			at = steps()[r.IntN(len(steps()))]
		}
		if err := advance(t.Context(), j, n); at != "" {
			failed++
			if !errors.Is(err, broken) {
				t.Fatalf("minute %d: %v", n, err)
			}
		} else if err != nil {
			t.Fatalf("minute %d: %v", n, err)
		}
	}
	if got := consistent(t, j); got != minutes-every || failed < minutes/every/20 {
		t.Errorf("the last run was of minute %d, %d failed", got, failed)
	}
}

// copyOf copies the file and the first bytes of its log, as they would stand
// after a loss of power.
func copyOf(t *testing.T, path string, wal int64) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "journal.db")
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + end)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if end != "" {
			b = b[:wal]
		}
		if err := os.WriteFile(to+end, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// TestPowerLoss: wherever the log ends, what is there is the whole of some run.
func TestPowerLoss(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for n := range 20 {
		if n == 3 { // some of it in the file already
			if _, err := j.db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
				t.Fatal(err)
			}
		}
		if err := advance(t.Context(), j, n*4); err != nil {
			t.Fatal(err)
		}
	}
	wal, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(8, 9))
	seen := map[int]bool{}
	for range 60 {
		cut := copyOf(t, path, r.Int64N(wal.Size()+1))
		c, err := Open(cut, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if w := c.Warnings(); len(w) > 0 {
			t.Fatalf("warned of %v", w)
		}
		minute := consistent(t, c)
		seen[minute] = true
		if err := advance(t.Context(), c, minute+5); err != nil {
			t.Fatal(err)
		}
		consistent(t, c)
		c.Close()
	}
	if len(seen) < 10 {
		t.Errorf("only the runs %v were ever the last", seen)
	}
}

// TestTruncated: a file that lost its end is set aside where that is noticed, and
// the minute is stored in any case.
func TestTruncated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := Open(path, Options{Sync: "normal"})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 300 {
		if err := advance(t.Context(), j, n); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for n := range 40 {
		length := r.IntN(len(whole))
		if n < 8 {
			length = []int{0, 1, 99, 100, 511, 512, 4095, 4096}[n]
		}
		cut := filepath.Join(t.TempDir(), "journal.db")
		if err := os.WriteFile(cut, whole[:length], 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := Open(cut, Options{Sync: "normal"})
		if err != nil {
			t.Fatalf("length %d: %v", length, err)
		}
		if err := advance(t.Context(), c, 400); err != nil {
			t.Fatalf("length %d: %v", length, err)
		}
		aside, _ := filepath.Glob(cut + ".corrupt-*")
		if len(aside) != len(c.Warnings()) {
			t.Errorf("length %d: %v set aside, but warned of %v", length, aside, c.Warnings())
		}
		if len(aside) == 1 {
			if got, err := os.ReadFile(aside[0]); err != nil || len(got) != length {
				t.Errorf("length %d: %d bytes kept aside, %v", length, len(got), err)
			}
			consistent(t, c)
		}
		if length > 1 && length < 4096 && /* SQLite takes a byte for nothing */ len(aside) != 1 {
			t.Errorf("length %d: set aside %v", length, aside)
		}
		c.Close()
	}
}

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
