package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/collector/influx/influxtest"
	"lunstat/mapper/hosttest"
)

// site is a host whose collector forwards to a real server.
type site struct {
	*captured
	host *hosttest.Host
	at   time.Time
}

func newSite(t *testing.T, s *influxtest.Server) *site {
	t.Helper()
	c := &site{captured: newCaptured(t), host: hosttest.New(t, hosttest.Mail()...), at: time.Now().Add(-24 * time.Hour).Truncate(time.Hour)}
	c.on(c.host.Paths)
	c.vars["LUNSTAT_HOST"] = "mailstore"
	c.vars["LUNSTAT_INFLUX_SPREAD"] = "0s"
	c.vars["LUNSTAT_INFLUX_URL"] = s.URL
	c.vars["LUNSTAT_INFLUX_ORG"] = s.Org
	c.token(s.Writer)
	return c
}

// token puts a token into the token file.
func (c *site) token(token string) {
	c.t.Helper()
	file := filepath.Join(c.t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.vars["LUNSTAT_INFLUX_TOKEN_FILE"] = file
}

// minute runs the collector once, a minute of I/O after the last time.
func (c *site) minute() (stderr string) {
	c.t.Helper()
	c.host.Pass(time.Minute)
	c.at = c.at.Add(time.Minute)
	c.host.Do("zimbra1_sqldb-data", hosttest.IO{Reads: 60, ReadSectors: 480, ReadMS: 120})
	status, _, stderr := c.try("collect", "--reading-time", c.at.Format(time.RFC3339))
	if status != 0 {
		c.t.Fatalf("collect: exit status %d\n%s", status, stderr)
	}
	return stderr
}

// onServers runs a test on each version.
func onServers(t *testing.T, test func(t *testing.T, s *influxtest.Server)) {
	for _, v := range influxtest.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			test(t, influxtest.Start(t, v))
		})
	}
}

// TestForward: an outage is said once, heals by itself, and every interval is
// there once.
func TestForward(t *testing.T) {
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		c := newSite(t, s)
		for range 3 {
			if said := c.minute(); said != "" {
				t.Errorf("said %q", said)
			}
		}
		stored := s.Count(influxtest.Bucket, "lun_io", "elapsed_ms")
		s.Stop()
		if said := c.minute(); said != "" {
			t.Errorf("before the run knows: %q", said)
		}
		if said := c.minute(); !strings.Contains(said, "warning") || !strings.Contains(said, "can't be forwarded") {
			t.Errorf("in an outage: %q", said)
		}
		if said := c.minute(); said != "" {
			t.Errorf("said again: %q", said)
		}
		s.Run()
		c.minute()
		if said := c.minute(); !strings.Contains(said, "over") {
			t.Errorf("after an outage: %q", said)
		}
		luns := stored / 2 // the first run has no intervals
		if n := s.Count(influxtest.Bucket, "lun_io", "elapsed_ms"); luns < 10 || n != 7*luns {
			t.Errorf("%d intervals of %d LUNs, want 7 each", n, luns)
		}
	})
}
