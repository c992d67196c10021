package main

import (
	"bytes"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/collector"
	"lunstat/collector/journal"
	"lunstat/collector/mailstore"
	"lunstat/collector/series"
)

// twoHours is a journal of a simulated mailstore's Monday morning.
func twoHours(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "journal.db")
	j, err := journal.Open(path, journal.Options{Sync: "normal"})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	model := mailstore.New(mailstore.Options{Start: time.Date(2026, 11, 16, 10, 0, 0, 0, time.UTC), Zone: time.UTC, Minutes: 120})
	var state series.State
	var all []series.Minute
	for s, more := model.Next(); more; s, more = model.Next() {
		m, _ := collector.Close(state, s, collector.Rules{Gap: 5 * time.Minute, Layers: "maps"})
		state = m.State
		all = append(all, m)
	}
	if err := j.CommitAll(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReportMail: who gets the mail, by flag and by config, and which part says what.
func TestReportMail(t *testing.T) {
	path := twoHours(t)
	took := filepath.Join(t.TempDir(), "took")
	mta := script(t, "cat >"+took)
	const to = "LUNSTAT_REPORT_MAIL"
	for _, c := range []struct {
		name    string
		args    []string
		vars    map[string]string
		to      string // in the mail
		sent    bool
		printed bool
		status  int
		stderr  string
	}{
		{name: "nobody"},
		{name: "flag", args: []string{"--mail", "root,Störung <s@example.com>"}, to: "root, =?utf-8?q?St=C3=B6rung?= <s@example.com>", sent: true},
		{name: "config", vars: map[string]string{to: "a@example.com"}, to: "<a@example.com>", sent: true},
		{name: "flag before config", args: []string{"--mail", "b@example.com"}, vars: map[string]string{to: "a@example.com"}, to: "<b@example.com>", sent: true},
		{name: "not this time", args: []string{"--mail", ""}, vars: map[string]string{to: "a@example.com"}},
		{name: "printed", args: []string{"--mail", "-"}, printed: true},
		{name: "printed for the config's", args: []string{"--mail", "-"}, vars: map[string]string{to: "a@example.com"}, to: "<a@example.com>", printed: true},
		{name: "no address", args: []string{"--mail", "a b"}, status: 2, stderr: `error: --mail: "a b" is no mail address`},
		{name: "wrong config", vars: map[string]string{to: "a b"}, status: 1, stderr: `LUNSTAT_REPORT_MAIL="a b": "a b" is no mail address`},
		{name: "no MTA", args: []string{"--mail", "root"}, vars: map[string]string{"LUNSTAT_REPORT_SENDMAIL": "/nowhere"}, status: 1, stderr: "hint: install an MTA"},
	} {
		t.Run(c.name, func(t *testing.T) {
			os.Remove(took)
			out := t.TempDir()
			vars := map[string]string{"LUNSTAT_REPORT_SENDMAIL": mta}
			for k, v := range c.vars {
				vars[k] = v
			}
			e, stdout, stderr := world(t, vars)
			args := append([]string{"report", "--journal", path, "--last", "2h", "--lun", "mysql", "--width", "640", "--out", out}, c.args...)
			if got := run(t.Context(), args, e); got != c.status || !strings.Contains(stderr.String(), c.stderr) || c.stderr == "" && stderr.Len() > 0 {
				t.Fatalf("status %d, %s, want %d, %q", got, stderr, c.status, c.stderr)
			}
			if c.status != 0 {
				return
			}
			if said := strings.HasPrefix(stdout.String(), filepath.Join(out, "index.html")+": "); said == c.printed {
				t.Errorf("standard output: %s", stdout)
			}
			message, err := os.ReadFile(took)
			if (err == nil) != c.sent {
				t.Fatalf("sent: %v", err)
			}
			if c.printed {
				message = stdout.Bytes()
			}
			if c.sent || c.printed {
				isMail(t, message, c.to)
			}
		})
	}
}

func isMail(t *testing.T, message []byte, to string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Header.Get("To"); got != to {
		t.Errorf("To: %q, want %q", got, to)
	}
	if at, err := m.Header.Date(); err != nil || !at.Equal(time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("Date: %v, %v", at, err)
	}
	if len(message) > 300_000 {
		t.Errorf("%d bytes", len(message))
	}
}
