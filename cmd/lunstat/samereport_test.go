package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/collector"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/journal"
	"lunstat/collector/mailstore"
	"lunstat/collector/series"
)

// simulated fills a journal with so many minutes of the simulated mailstore, from
// Monday, 26 October on.
func simulated(t testing.TB, path, host string, luns, minutes int) {
	t.Helper()
	j, err := journal.Open(path, journal.Options{Sync: "normal"})
	if err != nil {
		t.Fatal(err)
	}
	m := mailstore.New(mailstore.Options{Start: time.Date(2026, 10, 26, 0, 0, 0, 0, time.UTC), Minutes: minutes, LUNs: luns})
	var state series.State
	var all []series.Minute
	for s, ok := m.Next(); ok; s, ok = m.Next() {
		s.Host = host
		minute := collector.Close(state, s, collector.Rules{Gap: 5 * time.Minute, Layers: "maps", Slow: func(string) time.Duration { return 20 * time.Millisecond }})
		state = minute.State
		if all = append(all, minute); len(all) == 100 {
			if err := j.CommitAll(t.Context(), all); err != nil {
				t.Fatal(err)
			}
			all = all[:0]
		}
	}
	if err := j.CommitAll(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestSameReport: what InfluxDB was sent makes the same report.json as the journal
// that it came from, whatever the range.
func TestSameReport(t *testing.T) {
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		c := newCaptured(t)
		c.vars["LUNSTAT_INFLUX_URL"], c.vars["LUNSTAT_INFLUX_ORG"] = s.URL, s.Org
		c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Writer
		c.vars["LUNSTAT_REPORT_WIDTH"] = "400" // it is the numbers that count
		simulated(t, c.vars["LUNSTAT_JOURNAL_PATH"], "mailstore", 14, 9*1440)
		c.run("forward")
		c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Reader
		for _, args := range []string{
			"--from 2026-11-02T10:00:00Z --to 2026-11-02T16:00:00Z",
			"--week 2026-W44",
			"--from 2026-10-26T00:00:00Z --to 2026-11-17T00:00:00Z",
			"--week 2026-W44 --lun mysql",
			"--from 2025-01-01T00:00:00Z --to 2026-11-17T00:00:00Z",
		} {
			t.Run(args, func(t *testing.T) {
				report := func(source string) []byte {
					out := t.TempDir()
					c.run(append(strings.Fields("report --host mailstore --out "+out+" --source "+source), strings.Fields(args)...)...)
					b, err := os.ReadFile(filepath.Join(out, "report.json"))
					if err != nil {
						t.Fatal(err)
					}
					return b
				}
				if j, i := report("journal"), report("influx"); !bytes.Equal(j, i) {
					t.Errorf("%d and %d bytes; %s", len(j), len(i), firstDifference(j, i))
				}
			})
		}
	})
}

// firstDifference shows two texts from shortly before where they part.
func firstDifference(a, b []byte) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	around := func(t []byte) []byte { return t[max(0, n-80):min(len(t), n+80)] }
	return fmt.Sprintf("the journal's %s\nInfluxDB's %s", around(a), around(b))
}
