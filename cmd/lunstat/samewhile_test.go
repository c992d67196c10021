package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lunstat/collector/influx/influxtest"
	"lunstat/mapper/hosttest"
)

// TestSameReportWhileMinutesCome: at any minute, what InfluxDB has makes the same
// report.json as the journal, with runs forwarded as they come, bins that are not
// closed, and a mapping that changes.
func TestSameReportWhileMinutesCome(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		c := newSite(t, s)
		c.vars["LUNSTAT_REPORT_WIDTH"] = "640"
		c.vars["LUNSTAT_LAYERS"] = "all"
		c.at = c.at.Add(678 * time.Millisecond) // as clocks are
		first := c.at
		for n := range 130 {
			switch n {
			case 20:
				c.host.Rename("zimbra1_index-index", "zimbra1_index-old")
			case 35:
				c.host.State("vdb", "offline")
			case 50:
				c.at = c.at.Add(17 * time.Minute) // nothing ran
				c.host.Pass(17 * time.Minute)
			case 70:
				c.host.Reboot(3 * time.Minute)
				c.host.Renumber("zimbra1_redo-redo", "zimbra1_sqldb-data")
			case 90:
				c.host.Remove("zimbra1_redo-redo")
			}
			c.host.Do("zimbra1_primary-store", hosttest.IO{Reads: uint64(10 * n), ReadSectors: 80, ReadMS: uint64(n), Writes: 7, WriteSectors: 56, WriteMS: 3, BusyMS: uint64(100 * n)})
			c.minute()
			if n%9 == 2 {
				c.sameReports(s, first, n)
			}
		}
	})
}

// sameReports compares the reports of several ranges from both stores.
func (c *site) sameReports(s *influxtest.Server, first time.Time, n int) {
	c.t.Helper()
	writer := c.vars["LUNSTAT_INFLUX_TOKEN_FILE"]
	c.run("forward") // what the last run left; the one of this minute is there already
	c.token(s.Reader)
	defer func() { c.vars["LUNSTAT_INFLUX_TOKEN_FILE"] = writer }()
	for _, r := range []struct{ from, to time.Time }{
		{first.Add(-10 * time.Minute), c.at.Add(time.Minute)},
		{c.at.Add(-31 * time.Minute), c.at},
		{first.Add(-9 * 24 * time.Hour), c.at.Add(time.Hour)},
		{first.Add(-60 * 24 * time.Hour), c.at.Add(time.Hour)},
	} {
		numbers := func(source string) string {
			return c.run("report", "--json", "--host", "mailstore", "--source", source, "--from", r.from.Format(time.RFC3339), "--to", r.to.Format(time.RFC3339))
		}
		// A finding's commands name the source that the report read; all else is the same.
		fromInflux := strings.ReplaceAll(numbers("influx"), "lunstat report --source influx ", "lunstat report --source journal ")
		if j, i := numbers("journal"), fromInflux; j != i {
			c.t.Errorf("after %d minutes, %s: %s", n, fmt.Sprint(r.to.Sub(r.from)), firstDifference(j, i))
		}
	}
}
