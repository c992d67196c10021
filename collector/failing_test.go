package collector

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A run that fails every minute says so when it begins, once a day and when it is
// over, though nothing could be committed; the lock keeps telling its holder.
func TestFailingSpeaksOnceADay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.db.lock")
	full, other := errors.New("committing: no space left"), errors.New("reading the counters: no such file")
	start := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	steps := []struct {
		after time.Duration
		err   error
		known bool
		over  string
	}{
		{0, nil, false, ""},
		{time.Minute, full, false, ""},
		{2 * time.Minute, full, true, ""},
		{24 * time.Hour, full, true, ""},
		{24*time.Hour + time.Minute, full, false, ""},
		{24*time.Hour + 2*time.Minute, full, true, ""},
		{24*time.Hour + 3*time.Minute, other, false, ""},
		{24*time.Hour + 4*time.Minute, nil, false, other.Error()},
		{24*time.Hour + 5*time.Minute, nil, false, ""},
		{24*time.Hour + 6*time.Minute, full, false, ""},
		{24*time.Hour + 7*time.Minute, full, true, ""},
		{23 * time.Hour, full, false, ""}, // the clock was set back: how long it was quiet can't be told
		{23*time.Hour + time.Minute, full, true, ""},
	}
	for _, s := range steps {
		now := start.Add(s.after)
		unlock, err := lock(path, now)
		if err != nil {
			t.Fatal(err)
		}
		if s.err != nil {
			if known := NoteFailure(path, s.err, now); known != s.known {
				t.Errorf("after %v: known %v, want %v", s.after, known, s.known)
			}
		} else {
			over := ""
			for _, n := range ForgetFailure(path) {
				over = n.What
			}
			if over != s.over {
				t.Errorf("after %v: over %q, want %q", s.after, over, s.over)
			}
		}
		if h := holder(path); !h.Since.Equal(now) {
			t.Errorf("after %v: held since %v", s.after, h.Since)
		}
		if c := Failing(path); (c != nil) != (s.err != nil) {
			t.Errorf("after %v: failing %+v", s.after, c)
		}
		if err := unlock(); err != nil {
			t.Fatal(err)
		}
	}
}

// A second line that isn't ours doesn't count as a failure.
func TestFailingOfAnOddFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.db.lock")
	for _, text := range []string{"", "1 x", "1 x\n", "1 x\n{", "1 x\n{}\n", "\n\n\n"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if c := Failing(path); c != nil {
			t.Errorf("%q: failing %+v", text, c)
		}
	}
}
