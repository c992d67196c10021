package main

import (
	"strings"
	"testing"
	"time"

	"lunstat/collector/influx/influxtest"
)

// TestFleetStatus: one host is well, one is not heard of, one is full; each by what
// InfluxDB has of it.
func TestFleetStatus(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		noon := time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC) // the world's now
		var c *site
		for _, host := range []struct {
			name string
			ends time.Time
		}{{"mail1", noon.Add(-time.Minute)}, {"mail2", noon.Add(-5 * time.Hour)}} {
			c = newSite(t, s)
			c.vars["LUNSTAT_HOST"] = host.name
			c.at = host.ends.Add(-3 * time.Minute)
			for range 3 {
				c.minute()
			}
		}
		c.token(s.Reader)
		for _, tt := range []struct {
			args   string
			status int
			want   []string
		}{
			{"--host mail1", 0, []string{"LUNSTAT OK - ", "last_run=60s;300;900"}},
			{"--host mail2", 2, []string{"LUNSTAT CRITICAL - mail2: InfluxDB has no run from the last 2 hours | hosts=1 silent=1;;1"}},
			{"--all-hosts --all", 2, []string{"CRITICAL - mail2:", "hosts=2 silent=1;;1", "\nCRITICAL: mail2:"}},
			{"--group zimbra1 --json", 2, []string{`"host":"mail1"`, `"host":"mail2"`}},
			{"--host mail3", 3, []string{"UNKNOWN"}},
		} {
			status, out, stderr := c.try(append([]string{"status", "--source", "influx"}, strings.Fields(tt.args)...)...)
			if status != tt.status {
				t.Errorf("%s: status %d, want %d\n%s%s", tt.args, status, tt.status, out, stderr)
			}
			for _, w := range tt.want {
				if !strings.Contains(out, w) {
					t.Errorf("%s: no %q in\n%s", tt.args, w, out)
				}
			}
		}
		if status, _, stderr := c.try("status", "--all-hosts"); status != 3 || !strings.Contains(stderr, "--source influx") {
			t.Errorf("of the journal: status %d, %s", status, stderr)
		}
	})
}
