package main

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"lunstat/collector/influx/influxtest"
)

const spaceRange = "--from 2026-10-26T00:00:00Z --to 2026-10-26T03:00:00Z"

// spaces runs export --space.
func (c *captured) spaces(args string) string {
	return c.run(strings.Fields("export --space " + spaceRange + " " + args)...)
}

// TestExportSpace: what filesystems held has a history, in each format and at each
// step.
func TestExportSpace(t *testing.T) {
	c := newCaptured(t)
	simulated(t, c.vars["LUNSTAT_JOURNAL_PATH"], "mailstore", 14, 180)
	lines := 0
	last := map[any]float64{}
	for line := range strings.Lines(c.spaces("")) {
		var x exported
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatal(err)
		}
		size, _ := x.number("size_bytes")
		used, _ := x.number("used_bytes")
		avail, ok := x.number("avail_bytes")
		percent, _ := x.number("used_percent")
		if !ok || size <= 0 || used+avail > size || percent < used/size*100 || x["mount"] == nil || x["at"] == nil || x["role"] == nil || x["elapsed_ms"] != nil {
			t.Errorf("%s", line)
		}
		last[x["mount"]] = used
		lines++
	}
	if len(last) < 8 || lines != len(last)*36 {
		t.Errorf("%d lines of %d filesystems in three hours, want one every five minutes", lines, len(last))
	}
	rows, err := csv.NewReader(strings.NewReader(c.spaces("--format csv"))).ReadAll()
	if err != nil || len(rows) != lines+1 || rows[0][10] != "mount" || rows[0][11] != "at" {
		t.Errorf("csv: %d rows, %v, heading %v", len(rows), err, rows[0])
	}
	if n := strings.Count(c.spaces("--format lp"), "lun_space,"); n != lines {
		t.Errorf("lp: %d lines, want %d", n, lines)
	}
	hourly := 0
	for line := range strings.Lines(c.spaces("--every 1h")) {
		hourly++
		var x exported
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatal(err)
		}
		if used, _ := x.number("used_bytes"); strings.HasPrefix(x["at"].(string), "2026-10-26T03:") && used != last[x["mount"]] {
			t.Errorf("%v is not the last of its hour, %v: %s", used, last[x["mount"]], line)
		}
	}
	if hourly < 3*len(last) || hourly > 4*len(last) {
		t.Errorf("%d lines of hours of %d filesystems", hourly, len(last))
	}
	if one := c.spaces("--lun mysql"); strings.Count(one, "\n") != 36 {
		t.Errorf("of one LUN: %s", one)
	}
	if status, _, stderr := c.try("export", "--space", "--format", "prom"); status != 2 || !strings.Contains(stderr, "prom") {
		t.Errorf("as prom: %d %s", status, stderr)
	}
}

// TestExportSpaceLines: the lines are the points that were forwarded, so that
// writing them adds none; and InfluxDB gives the same export.
func TestExportSpaceLines(t *testing.T) {
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		c := newCaptured(t)
		c.vars["LUNSTAT_INFLUX_URL"], c.vars["LUNSTAT_INFLUX_ORG"] = s.URL, s.Org
		c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Writer
		simulated(t, c.vars["LUNSTAT_JOURNAL_PATH"], "mailstore", 14, 185)
		c.run("forward")
		count := func() int { return s.Count(influxtest.Bucket, "lun_space", "used_bytes") }
		before := count()
		lines := c.spaces("--format lp")
		s.WriteLine(influxtest.Bucket, lines)
		if after := count(); after != before || before == 0 {
			t.Errorf("%d points, and %d with the export", before, after)
		}
		c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Reader
		for _, args := range []string{"", "--every 1h", "--format lp"} {
			j, i := c.spaces(args+" --source journal"), c.spaces(args+" --source influx --host mailstore")
			if sorted(j) != sorted(i) {
				t.Errorf("%q: %s", args, firstDifference(sorted(j), sorted(i)))
			}
		}
	})
}
