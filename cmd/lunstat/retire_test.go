package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/collector/influx/influxtest"
)

// TestRetire: a host that is retired is no longer looked for, its past stays, and it
// is back when it forwards again.
func TestRetire(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		c := newCaptured(t)
		c.vars["LUNSTAT_INFLUX_URL"], c.vars["LUNSTAT_INFLUX_ORG"] = s.URL, s.Org
		c.vars["LUNSTAT_REPORT_WIDTH"] = "640"
		now := time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC) // of the commands
		forward := func(host string, from time.Time) {
			c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Writer
			c.vars["LUNSTAT_JOURNAL_PATH"] = filepath.Join(t.TempDir(), host)
			simulatedFrom(t, c.vars["LUNSTAT_JOURNAL_PATH"], host, from, 14, 60)
			c.run("forward")
		}
		forward("mail1", now.Add(-time.Hour))
		forward("mail3", now.Add(-5*time.Hour))
		status := func() string {
			c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Reader
			_, out, _ := c.try("status", "--source", "influx", "--all-hosts", "--all")
			return out
		}
		report := func() string {
			c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Reader
			out := t.TempDir()
			c.run("report", "--source", "influx", "--host", "mail3", "--from", "2026-11-16T07:00:00Z", "--to", "2026-11-16T08:00:00Z", "--out", out)
			b, err := os.ReadFile(filepath.Join(out, "report.json"))
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		retire := func(args string) (int, string) {
			c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Admin
			status, stdout, stderr := c.try(strings.Fields("setup influx --retire " + args)...)
			return status, stdout + stderr
		}
		past := report()
		if before := status(); !strings.Contains(before, "mail3: InfluxDB has no run") {
			t.Fatalf("before: %s", before)
		}
		if n, said := retire("mail1"); n != 1 || !strings.Contains(said, "mail1 ran") || !strings.Contains(said, "hint:") {
			t.Errorf("one that runs: %d %s", n, said)
		}
		if n, said := retire("mail9"); n != 1 || !strings.Contains(said, "mail9") {
			t.Errorf("an unknown one: %d %s", n, said)
		}
		if n, said := retire("mail3 --dry-run"); n != 0 || !strings.Contains(said, "nothing was done") || !strings.Contains(status(), "mail3") {
			t.Errorf("a dry run: %d %s", n, said)
		}
		if n, said := retire("mail3"); n != 0 || !strings.Contains(said, "mail3 is retired: 14 LUNs, until Mon 16 Nov 2026 08:00") {
			t.Errorf("%d %s", n, said)
		}
		if after := status(); strings.Contains(after, "mail3") || !strings.Contains(after, "LUNs") {
			t.Errorf("after: %s", after)
		}
		if n, said := retire("mail3"); n != 1 {
			t.Errorf("twice: %d %s", n, said)
		}
		if is := report(); is != past {
			t.Errorf("its past: %s", firstDifference(past, is))
		}
		forward("mail3", now.Add(2*time.Minute)) // after the last word
		c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Reader
		if l, _ := c.numbersOf("mysql", "--source", "influx", "--host", "mail3", "--from", "2026-11-16T12:03:00Z", "--to", "2026-11-16T13:00:00Z"); len(l.Hosts) != 1 {
			t.Errorf("back again: %+v", l)
		}
	})
}
