package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"lunstat/mapper/hosttest"
)

// TestCollectSpeaksOnce follows what cron's mails say while things go wrong outside
// of the host: each once, and when it is over.
func TestCollectSpeaksOnce(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	c := newCaptured(t)
	c.on(h.Paths)
	path := c.vars["LUNSTAT_JOURNAL_PATH"]
	start := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	steps := []struct {
		name   string
		do     func() error
		status int
		says   string // part of the one thing that is said; "" for silence
	}{
		{"the first run", nil, 0, ""},
		{"the second", nil, 0, ""},
		{"the journal is deleted", func() error { return removeAll(path, path+"-wal", path+"-shm") }, 0, "had disappeared, so a new one was started"},
		{"and there again", nil, 0, "ended (began"},
		{"all is well", nil, 0, ""},
		{"a folder is in its place", func() error {
			if err := removeAll(path, path+"-wal", path+"-shm"); err != nil {
				return err
			}
			return os.Mkdir(path, 0o755)
		}, 1, "it is not a regular file"},
		{"it still is", nil, 1, ""},
		{"and still", nil, 1, ""},
		{"it is gone", func() error { return os.Remove(path) }, 0, "ended (began"},
		{"all is well again", nil, 0, ""},
	}
	for n, s := range steps {
		if s.do != nil {
			if err := s.do(); err != nil {
				t.Fatal(err)
			}
		}
		status, stdout, stderr := c.try("collect", "--reading-time", start.Add(time.Duration(n)*time.Minute).Format(time.RFC3339))
		h.Pass(time.Minute)
		said := strings.Count(stderr, "lunstat: ") - strings.Count(stderr, "lunstat: hint: ")
		switch {
		case status != s.status || stdout != "":
			t.Errorf("%s: status %d, %q %s", s.name, status, stdout, stderr)
		case s.says == "" && stderr != "":
			t.Errorf("%s: not silent: %s", s.name, stderr)
		case s.says != "" && (said != 1 || !strings.Contains(stderr, s.says)):
			t.Errorf("%s: said %d things, want %q: %s", s.name, said, s.says, stderr)
		}
	}
}

func removeAll(paths ...string) error {
	for _, p := range paths {
		if err := os.RemoveAll(p); err != nil {
			return err
		}
	}
	return nil
}
