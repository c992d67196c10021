package main

import (
	"context"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector/influx/influxtest"
	"lunstat/mapper/hosttest"
)

// TestSetupInflux: what setup makes serves the collector, twice makes nothing
// new, and the administrator's token is nowhere in what it says.
func TestSetupInflux(t *testing.T) {
	for _, v := range influxtest.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			s := influxtest.StartBare(t, v)
			c := newSite(t, s)
			c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Admin
			dry := c.run("setup", "influx", "--dry-run", "--retention", "70d")
			made := c.run("setup", "influx", "--retention", "70d")
			again := c.run("setup", "influx", "--retention", "70d")
			for _, words := range []string{"70 days", "for ever", "the fewest rights possible"} {
				if !strings.Contains(dry, words) || !strings.Contains(made, words) || !strings.Contains(again, words) {
					t.Errorf("no %q in\n%s%s%s", words, dry, made, again)
				}
			}
			if !strings.Contains(dry, "nothing was done") || strings.Contains(again, "is made") {
				t.Errorf("%s%s", dry, again)
			}
			if strings.Contains(dry+made+again, s.Admin) {
				t.Error("the administrator's token was printed")
			}
			if unasked := c.run("setup", "influx", "--dry-run"); !strings.Contains(unasked, "for 70 days, not for 36 days") {
				t.Errorf("without flags: %s", unasked)
			}
			c.minute()
			c.minute()
			c.check(s, 2)
			status, _, stderr := c.try("setup", "influx", "--retention", "fortnight")
			if status != 2 || !strings.Contains(stderr, "retention") {
				t.Errorf("status %d, %s", status, stderr)
			}
		})
	}
}

// TestSinkName: one place has one name, and no secret in it.
func TestSinkName(t *testing.T) {
	for url, want := range map[string]string{
		"http://influx:8086":              "http://influx:8086 o b",
		"http://influx:8086/":             "http://influx:8086 o b",
		"http://influx/in/":               "http://influx/in o b",
		"http://user:secret@influx":       "http://influx o b",
		"http://influx/?u=user&p=secret":  "http://influx o b",
		"user:secret@influx:8086":         "? o b",
		"http://user:secret@influx:80 86": "? o b",
	} {
		var c config.Config
		c.Influx.URL, c.Influx.Org, c.Influx.Bucket, c.Influx.Schema = url, "o", "b", "lunstat"
		if got := sinkName(&c); got != want {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
}

// TestNoInflux: without a URL each command that wants one says so.
func TestNoInflux(t *testing.T) {
	c := newCaptured(t)
	for _, args := range []string{"setup influx", "forward", "report --source influx", "export --source influx"} {
		if status, _, stderr := c.try(strings.Fields(args)...); status != 1 || !strings.Contains(stderr, "influx.url") || !strings.Contains(stderr, "hint:") {
			t.Errorf("%s: status %d, %s", args, status, stderr)
		}
	}
	c.vars["LUNSTAT_INFLUX_URL"], c.vars["LUNSTAT_INFLUX_SCHEMA"] = "http://127.0.0.1:9", "telegraf"
	for args, want := range map[string]string{"forward": "influx.schema", "status --source influx": "Telegraf"} {
		if status, stdout, stderr := c.try(strings.Fields(args)...); status == 0 || !strings.Contains(stdout+stderr, want) {
			t.Errorf("%s of a Telegraf's: status %d, %s%s", args, status, stdout, stderr)
		}
	}
	for _, args := range []string{"report --source sar", "report --host a --all-hosts", "export --host a,,b", "forward --retry --discard"} {
		if status, _, stderr := c.try(strings.Fields(args)...); status != 2 {
			t.Errorf("%s: status %d, %s", args, status, stderr)
		}
	}
}

// TestDefaultSource: without a journal InfluxDB is read; with a journal it is not asked.
func TestDefaultSource(t *testing.T) {
	s := influxtest.Start(t, influxtest.V1)
	c := newSite(t, s)
	for range 3 {
		c.minute()
	}
	c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Reader
	reading := func() string {
		return c.run("export", "--from", c.at.Add(-time.Hour).Format(time.RFC3339), "--to", c.at.Add(time.Hour).Format(time.RFC3339))
	}
	fromJournal := reading()
	delete(c.vars, "LUNSTAT_JOURNAL_PATH")
	c.vars["HOME"], c.vars["XDG_STATE_HOME"] = t.TempDir(), t.TempDir()
	if fromInflux := reading(); fromInflux == "" || sorted(fromInflux) != sorted(fromJournal) {
		t.Errorf("InfluxDB's:\n%.600s\nthe journal's:\n%.600s", sorted(fromInflux), sorted(fromJournal))
	}
	s.Stop()
	status, _, stderr := c.try("export")
	if status != 1 || !strings.Contains(stderr, "hint: is InfluxDB running") {
		t.Errorf("without a server: status %d, %s", status, stderr)
	}
}

// TestSecretIsNowhere greps all that a collector and a report say, and leave, for
// the token.
func TestSecretIsNowhere(t *testing.T) {
	const token = "Zq3-very-secret-token"
	var asked []string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Authorization"))
		http.Error(w, `{"code":"unauthorized","message":"no such token: `+token+`"}`, http.StatusUnauthorized)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	c := newSite(t, &influxtest.Server{URL: server.URL, Writer: token})
	said := c.minute() + c.minute() // the certificate is nobody's
	if !strings.Contains(said, "certificate") {
		t.Errorf("a certificate of nobody's: %q", said)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o644); err != nil {
		t.Fatal(err)
	}
	c.vars["LUNSTAT_INFLUX_CA_FILE"] = ca
	said += c.minute() + c.minute()
	for _, args := range []string{"status --all", "status --json", "forward", "forward --retry", "forward --refused", "setup influx", "report --source influx", "export --source influx"} {
		_, stdout, stderr := c.try(strings.Fields(args)...)
		said += stdout + stderr
	}
	if len(asked) < 4 || asked[0] != "Token "+token {
		t.Fatalf("the server was asked with %q", asked)
	}
	if !strings.Contains(said, "401") || strings.Contains(said, token) {
		t.Errorf("said:\n%s", said)
	}
	left, err := os.ReadFile(c.vars["LUNSTAT_JOURNAL_PATH"])
	wal, _ := os.ReadFile(c.vars["LUNSTAT_JOURNAL_PATH"] + "-wal")
	if err != nil || strings.Contains(string(left)+string(wal), token) {
		t.Errorf("the journal has the token (%v)", err)
	}
}

// TestForwardWhileSampling: with --every the backlog goes while the run samples.
func TestForwardWhileSampling(t *testing.T) {
	t.Parallel()
	s := influxtest.Start(t, influxtest.V2)
	c := newSite(t, s)
	url := c.vars["LUNSTAT_INFLUX_URL"]
	c.vars["LUNSTAT_INFLUX_URL"] = ""
	for range 3 {
		c.minute()
	}
	c.vars["LUNSTAT_INFLUX_URL"] = url
	e, _, stderr := world(t, c.vars)
	// Second 53: four seconds are left.
	c.host.Pass(53 * time.Second)
	if status := run(context.Background(), []string{"collect", "--every", "1s", "--reading-time", c.at.Add(53 * time.Second).Format(time.RFC3339)}, e); status != 0 {
		t.Fatal(stderr)
	}
	c.host.Do("zimbra1_sqldb-data", hosttest.IO{})
	reads, points := sum(t, s, "lun_io", "read_ios")
	if reads != 120 || points < 28 {
		t.Errorf("%.0f intervals with %.0f reads, want those of two runs", points, reads)
	}
}

// sorted is text with its lines in order: the stores' own differs.
func sorted(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
