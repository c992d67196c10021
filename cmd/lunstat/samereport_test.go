package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
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
	simulatedFrom(t, path, host, simulatedStart, luns, minutes)
}

func simulatedRules() collector.Rules {
	return collector.Rules{Gap: 5 * time.Minute, Layers: "maps", Slow: func(string) time.Duration { return 20 * time.Millisecond }}
}

var simulatedStart = time.Date(2026, 10, 26, 0, 0, 0, 0, time.UTC)

func simulatedFrom(t testing.TB, path, host string, start time.Time, luns, minutes int) {
	t.Helper()
	simulatedWith(t, path, host, start, luns, minutes, func(*series.Sample) {})
}

// simulatedWith is simulatedFrom with more in each sample.
func simulatedWith(t testing.TB, path, host string, start time.Time, luns, minutes int, more func(*series.Sample)) {
	t.Helper()
	j, err := journal.Open(path, journal.Options{Sync: "normal"})
	if err != nil {
		t.Fatal(err)
	}
	m := mailstore.New(mailstore.Options{Start: start, Minutes: minutes, LUNs: luns})
	var state series.State
	var all []series.Minute
	for s, ok := m.Next(); ok; s, ok = m.Next() {
		s.Host = host
		more(&s)
		minute, _ := collector.Close(state, s, simulatedRules())
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
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	simulatedWith(t, path, "mailstore", simulatedStart, 14, 7*1440+17*60, (&timing{}).add)
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		c := newCaptured(t)
		c.vars["LUNSTAT_INFLUX_URL"], c.vars["LUNSTAT_INFLUX_ORG"] = s.URL, s.Org
		c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Writer
		c.vars["LUNSTAT_REPORT_WIDTH"] = "640" // it is the numbers that count
		if err := os.WriteFile(c.vars["LUNSTAT_JOURNAL_PATH"], []byte(contents(t, path)), 0o644); err != nil {
			t.Fatal(err)
		}
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
				numbers := func(source string) string {
					return c.run(append(strings.Fields("report --json --host mailstore --source "+source), strings.Fields(args)...)...)
				}
				j, i := numbers("journal"), numbers("influx")
				if j != i {
					t.Errorf("%d and %d bytes; %s", len(j), len(i), firstDifference(j, i))
				}
				if !strings.Contains(args, "--lun") {
					return
				}
				out := t.TempDir() // what is printed is what a report writes
				c.run(append(strings.Fields("report --host mailstore --source influx --out "+out), strings.Fields(args)...)...)
				if written := contents(t, filepath.Join(out, "report.json")); written != i {
					t.Errorf("report.json of a report: %s", firstDifference(written, i))
				}
			})
		}
	})
}

// firstDifference shows two texts from shortly before where they part.
func firstDifference(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	around := func(t string) string { return t[max(0, n-80):min(len(t), n+80)] }
	return fmt.Sprintf("the journal's %s\nInfluxDB's %s", around(a), around(b))
}

type metricNumbers map[string]struct{ Mean, Last float64 }

// lunNumbers is what report.json has of a LUN, as far as a test looks.
type lunNumbers struct {
	UUID    string
	Role    string
	Hosts   []string
	Metrics metricNumbers
	ByHost  map[string]struct{ Metrics metricNumbers } `json:"by_host"`
	Space   struct {
		SizeBytes uint64 `json:"size_bytes"`
	}
}

// numbersOf draws a report and gives the LUN of a role from its report.json.
func (c *captured) numbersOf(role string, args ...string) (lun lunNumbers, stderr string) {
	c.t.Helper()
	status, stdout, stderr := c.try(append([]string{"report", "--json"}, args...)...)
	if status != 0 {
		c.t.Fatalf("report %q: exit status %d\n%s", args, status, stderr)
	}
	var report struct{ LUNs []lunNumbers }
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		c.t.Fatal(err)
	}
	found := 0
	for _, l := range report.LUNs {
		if l.Role == role {
			lun = l
			found++
		}
	}
	if found != 1 {
		c.t.Fatalf("report %q: %d LUNs with the role %s", args, found, role)
	}
	return lun, stderr
}

// TestOneLUNOnTwoHosts: a LUN that a cluster moves makes one curve; one that two
// hosts use at once has their I/O added, its busy time for each, its space once.
func TestOneLUNOnTwoHosts(t *testing.T) {
	t.Parallel()
	const hours = 12
	for _, tt := range []struct {
		name   string
		second time.Time // when the second host begins
		args   string
		factor float64 // of the I/O of one host
	}{
		{"at once", simulatedStart, "--from 2026-10-26T00:00:00Z --to 2026-10-26T12:00:00Z", 2},
		{"moved", simulatedStart.AddDate(0, 0, 7), "--from 2026-10-26T00:00:00Z --to 2026-11-02T12:00:00Z", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onServers(t, func(t *testing.T, s *influxtest.Server) {
				c := newCaptured(t)
				c.vars["LUNSTAT_INFLUX_URL"], c.vars["LUNSTAT_INFLUX_ORG"] = s.URL, s.Org
				c.vars["LUNSTAT_REPORT_WIDTH"] = "640"
				for host, start := range map[string]time.Time{"node1": simulatedStart, "node2": tt.second} {
					c.vars["LUNSTAT_JOURNAL_PATH"] = filepath.Join(t.TempDir(), host)
					c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Writer
					simulatedFrom(t, c.vars["LUNSTAT_JOURNAL_PATH"], host, start, 14, hours*60)
					c.run("forward")
				}
				c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Reader
				report := func(args string) (lunNumbers, string) {
					return c.numbersOf("mysql", strings.Fields("--source influx "+args)...)
				}
				one, _ := report("--host node1 --from 2026-10-26T00:00:00Z --to 2026-10-26T12:00:00Z")
				both, said := report("--group zimbra1 " + tt.args)
				if listed, _ := report("--host node2,node1 " + tt.args); !reflect.DeepEqual(both, listed) {
					t.Error("by group and by host it is not the same")
				}
				if !slices.Equal(one.Hosts, []string{"node1"}) || !slices.Equal(both.Hosts, []string{"node1", "node2"}) || one.UUID != both.UUID {
					t.Errorf("hosts %v and %v of %s and %s", one.Hosts, both.Hosts, one.UUID, both.UUID)
				}
				near := func(what string, got, want float64) {
					t.Helper()
					if want == 0 || math.Abs(got-want) > want/20 { // the second host's noise is another
						t.Errorf("%s: %g, want %g", what, got, want)
					}
				}
				near("iops", both.Metrics["iops"].Mean, tt.factor*one.Metrics["iops"].Mean)
				near("bytes/s", both.Metrics["bytes_per_s"].Mean, tt.factor*one.Metrics["bytes_per_s"].Mean)
				shown := []metricNumbers{both.Metrics}
				if tt.factor == 2 {
					shown = []metricNumbers{both.ByHost["node1"].Metrics, both.ByHost["node2"].Metrics}
				}
				for _, m := range shown {
					near("util", m["util_percent"].Mean, one.Metrics["util_percent"].Mean)
					near("read await", m["read_await_ms"].Mean, one.Metrics["read_await_ms"].Mean)
				}
				near("size", float64(both.Space.SizeBytes), float64(one.Space.SizeBytes))
				if warned := strings.Contains(said, "at the same time"); warned != (tt.factor == 2) {
					t.Errorf("said %q", said)
				}
			})
		})
	}
}
