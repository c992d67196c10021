package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

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
		err = j.Finish(context.Background())
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

// advance is minute n of a host with two LUNs, after the state that the journal has.
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
	t.Parallel()
	const minutes, every = 14 * 1440, 30
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

// copyOf copies the file and the first bytes of its log, as they would be after a loss of
// power.
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

// TestPowerLoss: wherever the log ends, the journal is as it was after some run.
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
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := Open(path, Options{Sync: "normal"})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 130 {
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
