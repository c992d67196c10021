package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"lunstat/mapper/hosttest"
)

// TestStatusSinceItBegan: a LUN that has been slow for three hours is so since then,
// though status looks back for two; the line's two ages are one.
func TestStatusSinceItBegan(t *testing.T) {
	t.Parallel()
	h := hosttest.New(t, hosttest.Mail()...)
	c := newCaptured(t)
	c.on(h.Paths)
	// The world's clock says noon: 200 minutes before it, and slow from minute 20 on.
	start := time.Date(2026, 11, 16, 8, 40, 0, 0, time.UTC)
	const lun = "zimbra1_sqldb-data"
	for minute := range 200 {
		io := hosttest.IO{Reads: 100, ReadMS: 100}
		if minute > 20 {
			io.ReadMS = 100 * 1000
		}
		h.Do(lun, io)
		c.run("collect", "--reading-time", start.Add(time.Duration(minute)*time.Minute).Format(time.RFC3339))
		h.Pass(time.Minute)
	}
	_, out, _ := c.try("status", "--json")
	var got struct {
		Findings []struct{ What, Since string }
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range got.Findings {
		if strings.Contains(f.What, "reads take") {
			found = true
			if f.Since != "2026-11-16T09:00:00Z" {
				t.Errorf("%s: since %s", f.What, f.Since)
			}
		}
	}
	if !found {
		t.Errorf("not slow: %s", out)
	}
	_, out, _ = c.try("status")
	if !strings.Contains(out, "last_run=60s;") {
		t.Errorf("%s", out)
	}
}

// TestConfigErrorIsMailedOnce: an error in the config fails every run, and is said once.
func TestConfigErrorIsMailedOnce(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	c := newCaptured(t)
	c.on(h.Paths)
	t.Setenv("TMPDIR", t.TempDir())
	delete(c.vars, "LUNSTAT_JOURNAL_PATH")
	c.vars["HOME"] = t.TempDir()
	config := filepath.Join(c.vars["HOME"], ".config", "lunstat", "config.yaml")
	if err := os.MkdirAll(filepath.Dir(config), 0o755); err != nil {
		t.Fatal(err)
	}
	mails := []string{}
	for _, text := range []string{"gap: 5x\n", "gap: 5x\n", "gap: 5x\n", "gap: 5m\n", "gap: 5m\n"} {
		if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		status, _, stderr := c.try("collect", "--reading-time", "2026-11-16T09:00:00Z")
		if (status != 0) != strings.HasSuffix(text, "x\n") {
			t.Errorf("%s: status %d", text, status)
		}
		if stderr != "" {
			mails = append(mails, stderr)
		}
		h.Pass(time.Minute)
	}
	if len(mails) != 2 || !strings.Contains(mails[0], "gap") || !regexp.MustCompile(`^lunstat: ended \(began `).MatchString(mails[1]) {
		t.Errorf("%d mails: %q", len(mails), mails)
	}
}
