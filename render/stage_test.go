package render

import (
	"context"
	"errors"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// contents are the files of a folder, each with what is in it.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range listed(t, dir) {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			b = []byte(err.Error())
		}
		all[name] = string(b)
	}
	return all
}

// smallReport draws ten minutes of so many LUNs.
func smallReport(ctx context.Context, dir string, luns int, progress func(string, int, int)) error {
	src := made{luns: madeLUNs(luns), start: monday, every: time.Minute, n: 10}.source()
	_, err := Report(ctx, src, Options{Out: dir, From: monday, To: monday.Add(10 * time.Minute), Width: LeastWidth, level: png.NoCompression, Progress: progress})
	return err
}

// A report that ends while it draws leaves the earlier one whole, whichever picture it had
// come to.
func TestEarlierReportStaysWhole(t *testing.T) {
	dir := t.TempDir()
	if err := smallReport(t.Context(), dir, 2, nil); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	for stop := 1; stop < 6; stop++ {
		ctx, cancel := context.WithCancel(t.Context())
		err := smallReport(ctx, dir, 3, func(part string, done, _ int) {
			if part == Drawing && done == stop {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("stopped at picture %d: %v", stop, err)
		}
		if after := contents(t, dir); !maps.Equal(before, after) {
			t.Errorf("stopped at picture %d, it left another report than there was", stop)
		}
	}
}

// What somebody put in the place of a report's files is neither replaced nor removed.
func TestForeignInAReportsPlace(t *testing.T) {
	for name, in := range map[string]func(path string) error{
		pageFile: func(path string) error { return os.WriteFile(path, []byte("<h1>mine</h1>"), 0o600) },
		weekFile: func(path string) error { return os.WriteFile(path, []byte("\x89PNG\r\n\x1a\nmine"), 0o600) },
		"disk-io.png": func(path string) error {
			return os.Mkdir(path, 0o700)
		},
	} {
		dir := filepath.Join(t.TempDir(), "2026-W01")
		if err := smallReport(t.Context(), dir, 1, nil); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := errors.Join(os.Remove(path), in(path)); err != nil {
			t.Fatal(err)
		}
		before := contents(t, dir)
		err := smallReport(t.Context(), dir, 1, nil)
		if foreign, is := errors.AsType[*ForeignFolderError](err); !is || len(foreign.Files) != 1 || foreign.Files[0] != name {
			t.Errorf("%s: %v", name, err)
		}
		if !maps.Equal(before, contents(t, dir)) {
			t.Errorf("%s: the folder changed", name)
		}
		if err := removeReport(dir); err != nil {
			t.Error(err)
		}
		if left := listed(t, dir); len(left) != 1 || left[0] != name {
			t.Errorf("%s: of an old report %q are left", name, left)
		}
	}
	// A report of a lunstat that didn't mark its pictures is replaced as a whole.
	old := t.TempDir()
	if err := smallReport(t.Context(), old, 1, nil); err != nil {
		t.Fatal(err)
	}
	for name := range contents(t, old) {
		if strings.HasSuffix(name, ".png") {
			put(t, filepath.Join(old, name), "\x89PNG\r\n\x1a\nof old")
		}
	}
	if err := smallReport(t.Context(), old, 1, nil); err != nil || strings.HasSuffix(got(t, filepath.Join(old, weekFile)), "of old") {
		t.Errorf("over a report of old: %v", err)
	}
	// A picture that is no longer drawn goes, unless it is somebody's now.
	dir := t.TempDir()
	if err := smallReport(t.Context(), dir, 2, nil); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(dir, "lun-"+madeLUNs(2)[1].DMName+".png")
	if err := os.Truncate(mine, 0); err != nil {
		t.Fatal(err)
	}
	put(t, mine, "mine")
	if err := smallReport(t.Context(), dir, 1, nil); err != nil || got(t, mine) != "mine" {
		t.Errorf("%v; it is %q", err, got(t, mine))
	}
}

// What a killed process left goes, and what a living one works on stays.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, ".lunstat-dead", "week.png"), "x")
	put(t, filepath.Join(dir, ".lunstat-now"), "x")
	put(t, filepath.Join(dir, ".lunstat-old"), "x")
	put(t, filepath.Join(dir, ".mine"), "x")
	long := time.Now().Add(-2 * leftAfter)
	if err := os.Chtimes(filepath.Join(dir, ".lunstat-old"), long, long); err != nil {
		t.Fatal(err)
	}
	f := &folder{path: dir}
	living, err := f.stage()
	if err != nil {
		t.Fatal(err)
	}
	f.sweep()
	if _, err := os.Stat(living.path); err != nil {
		t.Errorf("the folder of a living process: %v", err)
	}
	living.close()
	if left := listed(t, dir); len(left) != 2 || left[0] != ".lunstat-now" || left[1] != ".mine" {
		t.Errorf("left: %q", left)
	}
}

// Two reports don't put their files into one folder at once.
func TestTakeWaits(t *testing.T) {
	f := &folder{path: t.TempDir()}
	s, err := f.stage()
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	put(t, filepath.Join(s.path, pageFile), "mine")
	other, err := os.Open(f.path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := syscall.Flock(int(other.Fd()), syscall.LOCK_EX); err != nil {
		t.Skipf("no locks here: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.take(ctx, s, []string{pageFile}); !errors.Is(err, context.Canceled) {
		t.Errorf("while another does so: %v", err)
	}
	other.Close()
	if err := f.take(t.Context(), s, []string{pageFile}); err != nil || got(t, filepath.Join(f.path, pageFile)) != "mine" {
		t.Errorf("after it: %v", err)
	}
}
