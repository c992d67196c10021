package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/cmd/lunstat/when"
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
	status, _, stderr := c.try("collect", "--reading-time", c.at.Format(time.RFC3339Nano))
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
		c.vars["LUNSTAT_LIMITS_BACKLOG_WARNING"] = "1" // else one missed send is not said
		for range 3 {
			if said := c.minute(); said != "" {
				t.Errorf("said %q", said)
			}
		}
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
		if said := c.minute(); !strings.Contains(said, ": ended (began") {
			t.Errorf("after an outage: %q", said)
		}
		c.check(s, 8)
	})
}

// process runs the collector as cron does, as a process of its own, and kills it
// after so long.
func (c *site) process(patience time.Duration) (killed bool) {
	c.t.Helper()
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	program := filepath.Join(c.t.TempDir(), "lunstat") // under this name the test binary is the program: see TestMain
	if err := os.Symlink(self, program); err != nil {
		c.t.Fatal(err)
	}
	c.host.Pass(time.Minute)
	c.at = c.at.Add(time.Minute)
	c.host.Do("zimbra1_sqldb-data", hosttest.IO{Reads: 60, ReadSectors: 480, ReadMS: 120})
	cmd := exec.Command(program, "collect", "--reading-time", c.at.Format(time.RFC3339))
	cmd.Env = []string{"HOME=" + c.t.TempDir()}
	for name, value := range c.vars {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	timer := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer timer.Stop()
	return cmd.Wait() != nil
}

// sum adds a field up over all of a measurement, in the server.
func sum(t *testing.T, s *influxtest.Server, measurement, field string) (total, points float64) {
	t.Helper()
	for n, call := range []string{"sum", "count"} {
		a := s.Query(influxtest.Bucket, fmt.Sprintf(`SELECT %s(%q) FROM %q`, call, field, measurement))
		if len(a.Results) != 1 || len(a.Results[0].Series) != 1 {
			t.Fatalf("%+v", a)
		}
		v, err := a.Results[0].Series[0].Values[0][1].(json.Number).Float64()
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			total = v
		} else {
			points = v
		}
	}
	return total, points
}

// check counts what so many runs must have left on the server: the first had no
// intervals.
func (c *site) check(s *influxtest.Server, runs int) {
	c.t.Helper()
	reads, points := sum(c.t, s, "lun_io", "read_ios")
	if int(reads) != 60*(runs-1) || int(points)%(runs-1) != 0 || int(points) < 14*(runs-1) {
		c.t.Errorf("%.0f intervals with %.0f reads on the server after %d runs", points, reads, runs)
	}
}

// TestForwardKilledAnywhere: whenever the collector is killed, in the end all that
// it committed is on the server, once.
func TestForwardKilledAnywhere(t *testing.T) {
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		c := newSite(t, s)
		if c.process(time.Minute) {
			t.Fatal("the first run failed")
		}
		began := time.Now()
		if c.process(time.Minute) {
			t.Fatal("the second run failed")
		}
		// A run is killed at any moment of a span that follows what a run takes now: it grows
		// with each run that was killed and shrinks with each that was not. So about half are
		// killed, however busy the machine was before or becomes.
		span := 2 * time.Since(began)
		rnd := rand.New(rand.NewPCG(5, 6))
		killed := 0
		for range 60 {
			if c.process(time.Duration(rnd.Int64N(int64(span)))) {
				killed++
				span += span / 3
			} else {
				span -= span / 4
			}
		}
		if c.process(time.Minute) {
			t.Fatal("the last run failed")
		}
		var reads, points float64
		for line := range strings.Lines(c.run("export", "--from", c.at.Add(-48*time.Hour).Format(time.RFC3339), "--to", c.at.Add(time.Hour).Format(time.RFC3339))) {
			var x exported
			if err := json.Unmarshal([]byte(line), &x); err != nil {
				t.Fatal(err)
			}
			v, _ := x.number("read_ios")
			reads, points = reads+v, points+1
		}
		gotReads, got := sum(t, s, "lun_io", "read_ios")
		t.Logf("%d of 60 runs were killed; %.0f intervals", killed, got)
		if got != points || gotReads != reads || reads != 60*62 {
			t.Errorf("%.0f intervals with %.0f reads on the server, the journal has %.0f with %.0f, and %d were done", got, gotReads, points, reads, 60*62)
		}
		if killed < 5 || killed > 58 {
			t.Errorf("%d of 60 killed: the test tested little", killed)
		}
	})
}

// TestForwardRefused: what the server will never take is set aside, listed, and
// taken by a retry once the server has been mended.
func TestForwardRefused(t *testing.T) {
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		c := newSite(t, s)
		s.Retain(influxtest.Bucket, 30*when.Day)
		c.at = c.at.Add(-50 * when.Day)
		for range 4 {
			c.minute()
		}
		if n := s.Count(influxtest.Bucket, "lun_io", "elapsed_ms"); n != 0 {
			t.Fatalf("%d points are beyond the retention and there", n)
		}
		if said := c.minute(); strings.Contains(said, "refused") {
			t.Errorf("said again: %q", said)
		}
		status, out, _ := c.try("status", "--all")
		if status != 2 && status != 1 || !strings.Contains(out, "points were refused") { // 2: the last run is a day old
			t.Errorf("status %d: %s", status, out)
		}
		list := c.run("forward", "--refused")
		if !strings.Contains(list, "# ") || !strings.Contains(list, "lun_io,") || !strings.Contains(list, "retention") {
			t.Errorf("listed: %.300s", list)
		}
		if status, out, _ := c.try("forward", "--retry"); status != 1 || !strings.Contains(out, "took 0 points") {
			t.Errorf("retried in vain: status %d, %s", status, out)
		}
		s.Retain(influxtest.Bucket, 100*when.Day)
		c.run("forward", "--retry")
		c.minute()
		c.check(s, 6)
		if list := c.run("forward", "--refused"); list != "" {
			t.Errorf("still listed: %.300s", list)
		}
	})
}

// TestTokenRevoked: that is critical, said at once by the next run, and loses
// nothing.
func TestTokenRevoked(t *testing.T) {
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		c := newSite(t, s)
		c.minute()
		c.minute()
		s.Revoke()
		c.minute()
		if said := c.minute(); !strings.Contains(said, "401") || !strings.Contains(said, "token") {
			t.Errorf("said %q", said)
		}
		status, out, _ := c.try("status", "--all")
		if status != 2 || !strings.Contains(out, "CRITICAL: InfluxDB answered 401") || !strings.Contains(out, "backlog=2;60;1440") {
			t.Errorf("status %d: %s", status, out)
		}
		s.Renew()
		c.token(s.Writer)
		c.minute()
		c.check(s, 5)
	})
}

// TestServerFrozen: the minute is kept, and what waits for the server is bounded.
func TestServerFrozen(t *testing.T) {
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		c := newSite(t, s)
		c.vars["LUNSTAT_INFLUX_TIMEOUT"] = "2s"
		c.vars["LUNSTAT_LIMITS_BACKLOG_WARNING"] = "1"
		if out := c.minute() + c.run("forward"); !strings.Contains(out, "0 left") {
			t.Fatal(out)
		}
		s.Pause()
		began := time.Now()
		c.minute()
		said := c.minute()
		if took := time.Since(began); took > 20*time.Second || !strings.Contains(said, "wait in the journal") {
			t.Errorf("%v, said %q", took, said)
		}
		s.Resume()
		c.run("forward")
		c.check(s, 3)
	})
}

// TestBucketDeleted: that is critical; once the bucket is there again, all can be
// sent once more.
func TestBucketDeleted(t *testing.T) {
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		c := newSite(t, s)
		c.minute()
		c.minute()
		s.Drop()
		c.minute()
		if said := c.minute(); !strings.Contains(said, "404") || !strings.Contains(said, "setup influx") {
			t.Errorf("said %q", said)
		}
		if status, out, _ := c.try("status"); status != 2 {
			t.Errorf("status %d: %s", status, out)
		}
		s.Restore()
		c.token(s.Writer)
		if out := c.run("forward", "--again"); !strings.Contains(out, "4 runs forwarded, 0 left") {
			t.Error(out)
		}
		c.check(s, 4)
	})
}

// TestRetryAfter: what a server asks for binds the runs to come.
func TestRetryAfter(t *testing.T) {
	s := influxtest.Start(t, influxtest.V1)
	p := influxtest.StartProxy(t, s)
	c := newSite(t, s)
	c.vars["LUNSTAT_INFLUX_URL"] = p.URL
	p.Set(influxtest.Fault{Status: 429, Header: http.Header{"Retry-After": {"3600"}}})
	c.minute()
	asked := p.Requests()
	c.minute()
	c.minute()
	if n := p.Requests(); n != asked || asked != 1 {
		t.Errorf("%d requests, and then %d", asked, n-asked)
	}
	p.Set(influxtest.Fault{})
	if out := c.run("forward"); !strings.Contains(out, "3 runs forwarded, 0 left") {
		t.Errorf("by hand: %s", out)
	}
}

// TestOpenToken: a token that others may read is not used, and the minute is kept.
func TestOpenToken(t *testing.T) {
	c := newSite(t, &influxtest.Server{URL: "http://127.0.0.1:9", Writer: "a-secret-token"})
	if err := os.Chmod(c.vars["LUNSTAT_INFLUX_TOKEN_FILE"], 0o644); err != nil {
		t.Fatal(err)
	}
	c.minute()
	said := c.minute()
	if !strings.Contains(said, "may be read by others") || !strings.Contains(said, "hint: chmod 600 "+c.vars["LUNSTAT_INFLUX_TOKEN_FILE"]) {
		t.Errorf("said %q", said)
	}
	status, _, stderr := c.try("report", "--source", "influx")
	if status != 1 || !strings.Contains(stderr, "chmod 600") || strings.Contains(stderr+said, "a-secret-token") {
		t.Errorf("report: status %d, %s", status, stderr)
	}
}

// TestExportLines: what export writes as line protocol is the same points as those
// that were forwarded, so that writing it too adds none.
func TestExportLines(t *testing.T) {
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		c := newSite(t, s)
		for range 5 {
			c.minute()
		}
		c.minute() // and two of one second
		c.at = c.at.Add(-time.Minute)
		c.minute()
		c.run("forward")
		count := func() int { return s.Count(influxtest.Bucket, "lun_io", "elapsed_ms") }
		before := count()
		lines := c.run("export", "--format", "lp", "--from", c.at.Add(-time.Hour).Format(time.RFC3339), "--to", c.at.Add(time.Hour).Format(time.RFC3339))
		if n := strings.Count(lines, "\n"); n != before || before < 6*14 {
			t.Errorf("%d lines of %d points", n, before)
		}
		s.WriteLine(influxtest.Bucket, lines)
		if after := count(); after != before {
			t.Errorf("%d points, and %d with the export", before, after)
		}
	})
}
