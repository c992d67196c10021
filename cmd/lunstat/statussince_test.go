package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"lunstat/mapper/hosttest"
	"lunstat/render/facts"
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
	_, out, _ = c.try("status", "--all")
	_, out, _ = strings.Cut(out, "\nIn the last 24 hours:\n")
	if want := `    MySQL data: slow for 2 h 59 min since Mon 09:00, and still is; worst 1,000 ms on Mon 09:01, 50 × its limit of 20 ms
        lunstat lookup zimbra1_sqldb-data
        lunstat report --lun zimbra1_sqldb-data --from "2026-11-16 08:30" --to "2026-11-16 12:30"
        sar -d -f /var/log/sa/sa16 -s 08:51:00 -e 09:11:00
`; out != want {
		t.Errorf("of the last day:\n%s\nwant\n%s", out, want)
	}
}

// TestStatusOfTheDay: what is over is told by --all and changes no status; where nothing
// was found, or no run was, nothing is told.
func TestStatusOfTheDay(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	c := newCaptured(t)
	c.on(h.Paths)
	hour := func(from time.Time, readMS uint64) {
		for minute := range 60 {
			h.Do("zimbra1_sqldb-data", hosttest.IO{Reads: 100, ReadMS: readMS})
			c.run("collect", "--reading-time", from.Add(time.Duration(minute)*time.Minute).Format(time.RFC3339))
			h.Pass(time.Minute)
		}
	}
	said := func() string {
		t.Helper()
		status, out, stderr := c.try("status", "--all")
		if stderr != "" {
			t.Errorf("standard error: %s", stderr)
		}
		_, day, _ := strings.Cut(out, "In the last 24 hours:\n")
		return fmt.Sprintf("%d: %s", status, day)
	}
	noon := time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC) // the world's clock
	if got := said(); got != "2: " {
		t.Errorf("without a journal: %s", got)
	}
	hour(noon.AddDate(0, 0, -3), 100*1000)
	if got := said(); got != "2: " {
		t.Errorf("days after the last run: %s", got)
	}
	hour(noon.Add(-2*time.Hour), 100*1000)
	hour(noon.Add(-time.Hour), 100)
	if got := said(); !strings.HasPrefix(got, "0: ") || !strings.Contains(got, "MySQL data: slow for 60 min since Mon 09:59; worst 1,000 ms") {
		t.Errorf("slow until an hour ago: %s", got)
	}
	if _, out, _ := c.try("status"); strings.Count(out, "\n") != 1 {
		t.Errorf("without --all: %s", out)
	}
	elsewhere := hosttest.New(t, hosttest.Mail()...) // which reads the journal of another host
	elsewhere.Write("proc/sys/kernel/hostname", "elsewhere\n")
	c.on(elsewhere.Paths)
	if status, out, _ := c.try("status", "--all"); status != 2 || !strings.Contains(out, "has never run on elsewhere") || strings.Contains(out, "24 hours") {
		t.Errorf("on a host that the journal doesn't know: %d: %s", status, out)
	}
}

// No line has anything that Nagios could take for figures.
func TestUnpiped(t *testing.T) {
	for command, want := range map[string]string{
		"sar -d -s 08:51:00 | grep -E 'await|dm-13 '": "sar -d -s 08:51:00",
		"lunstat lookup 'a|b'":                        "lunstat lookup 'a|b'",
	} {
		if got := unpiped(command); got != want {
			t.Errorf("%s: %s", command, got)
		}
	}
	var found []facts.Finding
	for n := range mostOfTheDay + 2 {
		found = append(found, facts.Finding{Text: fmt.Sprintf("a|%d\n", n), Next: []string{"lunstat status", "sar | grep x"}})
	}
	e, stdout, _ := world(t, nil)
	statusDay(e, found, nil)
	out := stdout.String()
	if strings.ContainsAny(out, "|") || strings.Contains(out, "lunstat status") || !strings.HasSuffix(out, "    and 2 more findings: lunstat report --last 24h\n") || strings.Count(out, "\n") != 2+2*mostOfTheDay {
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
