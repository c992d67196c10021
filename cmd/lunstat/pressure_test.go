package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"lunstat/collector/influx/influxtest"
	"lunstat/mapper/hosttest"
)

// pressed collects minutes of a made host that waits for I/O, on a kernel that does not
// say so in its third minute.
func pressed(t *testing.T) *captured {
	t.Helper()
	c, host := newCaptured(t), hosttest.New(t, hosttest.Mail()...)
	c.on(host.Paths)
	for n := range 5 {
		host.Pass(time.Minute)
		switch n {
		case 2:
			host.Delete("proc/pressure/io")
		default:
			host.Write("proc/pressure/io", fmt.Sprintf("some avg10=3.61 avg60=7.29 avg300=3.25 total=%d\nfull avg10=2.69 avg60=4.88 avg300=2.07 total=%d\n",
				964150428+n*n*100_000, 198878736+n/4))
		}
		c.run("collect", "--reading-time", time.Date(2026, 11, 16, 8, n, 0, 0, time.UTC).Format(time.RFC3339))
	}
	return c
}

// runsRange is all of it.
const runsRange = "--from 2026-11-16T07:00:00Z --to 2026-11-16T09:00:00Z"

func exportRunsOf(c *captured, args string) string {
	return c.run(strings.Fields("export --runs " + runsRange + " " + args)...)
}

// TestExportRuns: what a host waited for I/O is exported with its runs, and what is not
// known isn't 0.
func TestExportRuns(t *testing.T) {
	c := pressed(t)
	var got []string
	for line := range strings.Lines(exportRunsOf(c, "")) {
		var x exported
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(x["end"], x["pressure_elapsed_ms"], x["pressure_some_us"], x["pressure_full_us"]))
		if x["host"] == nil || x["luns"] == nil || x["took_ms"] == nil || x["kernel"] == nil || x["boot_id"] == nil {
			t.Errorf("%s", line)
		}
	}
	want := []string{
		"2026-11-16T08:00:00Z <nil> <nil> <nil>",
		"2026-11-16T08:01:00Z 60000 100000 0",
		"2026-11-16T08:02:00Z <nil> <nil> <nil>",
		"2026-11-16T08:03:00Z <nil> <nil> <nil>",
		"2026-11-16T08:04:00Z 60000 700000 1",
	}
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], "Z ", "Z")
	}
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d: %q", len(got), len(want), got)
	}
	for i := range want {
		if strings.ReplaceAll(got[i], "Z ", "Z") != want[i] {
			t.Errorf("run %d: %s, want %s", i, got[i], want[i])
		}
	}
	rows, err := csv.NewReader(strings.NewReader(exportRunsOf(c, "--format csv"))).ReadAll()
	if err != nil || len(rows) != len(want)+1 {
		t.Fatalf("csv: %d rows, %v", len(rows), err)
	}
	if at := 8; rows[0][at] != "pressure_some_us" || rows[1][at] != "" || rows[2][at] != "100000" || rows[2][at+1] != "0" {
		t.Errorf("csv: %q", rows[:3])
	}
	lines := exportRunsOf(c, "--format lp")
	if strings.Count(lines, "pressure_some_us=") != 2 || strings.Count(lines, "lun_run,host=") != len(want) {
		t.Errorf("lp: %s", lines)
	}
	for _, wrong := range []string{"--space", "--format prom", "--every 15m", "--lun mysql"} {
		if status, _, stderr := c.try(strings.Fields("export --runs " + wrong)...); status != 2 || !strings.Contains(stderr, "--runs does not go with") {
			t.Errorf("%s: %d %s", wrong, status, stderr)
		}
	}
}

// TestStatusSaysThePressure: of the minute before the last run, where that is known.
func TestStatusSaysThePressure(t *testing.T) {
	c := pressed(t)
	status := func(args ...string) (text string) {
		e, out, _ := world(t, c.vars)
		e.Now = func() time.Time { return time.Date(2026, 11, 16, 8, 4, 30, 0, time.UTC) }
		run(t.Context(), append([]string{"status"}, args...), e)
		return out.String()
	}
	if text := status("--all"); !strings.Contains(text, " pressure_some=1.17% pressure_full=0.00%") ||
		!strings.Contains(text, "\nWaiting for I/O in the 60 s before the last run: at least one task 1.2 % of the time, every task that was not idle 0.0 %\n") {
		t.Errorf("%s", text)
	}
	e, out, _ := world(t, c.vars)
	e.Now = func() time.Time { return time.Date(2026, 11, 16, 8, 4, 30, 0, time.UTC) }
	run(t.Context(), []string{"export", "--format", "prom"}, e)
	if text := out.String(); !strings.Contains(text, "# TYPE lunstat_pressure_io_waiting_seconds_total counter\nlunstat_pressure_io_waiting_seconds_total{host=\"made\"} 965.750428\n") ||
		!strings.Contains(text, "\nlunstat_pressure_io_stalled_seconds_total{host=\"made\"} 198.878737\n") {
		t.Errorf("%s", text)
	}
	var x exported
	if err := json.Unmarshal([]byte(status("--json")), &x); err != nil {
		t.Fatal(err)
	}
	if got := []any{x["pressure_elapsed_ms"], x["pressure_some_us"], x["pressure_full_us"]}; !reflect.DeepEqual(got, []any{60000., 700000., 1.}) {
		t.Errorf("%v", got)
	}
}

// TestPressureFromInfluxDB: the export of runs and what a picture asks for are the same
// from both stores.
func TestPressureFromInfluxDB(t *testing.T) {
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		c := pressed(t)
		c.vars["LUNSTAT_INFLUX_URL"], c.vars["LUNSTAT_INFLUX_ORG"], c.vars["LUNSTAT_INFLUX_TOKEN"] = s.URL, s.Org, s.Writer
		c.run("forward")
		before := s.Count(influxtest.Bucket, "lun_run", "wall_ns")
		s.WriteLine(influxtest.Bucket, exportRunsOf(c, "--format lp --source journal"))
		if after := s.Count(influxtest.Bucket, "lun_run", "wall_ns"); after != before || before != 5 {
			t.Errorf("%d points, and %d with the export", before, after)
		}
		c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Reader
		for _, format := range []string{"json", "csv", "lp"} {
			j, i := exportRunsOf(c, "--source journal --format "+format), exportRunsOf(c, "--source influx --host made --format "+format)
			if j != i {
				t.Errorf("%s:\n%s", format, firstDifference(j, i))
			}
		}
	})
}
