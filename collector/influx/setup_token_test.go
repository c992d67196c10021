package influx_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/series"
)

// TestSetupCommands: the commands that setup prints run as they are, with no more
// than cron's PATH, and make tokens that may do one thing each.
func TestSetupCommands(t *testing.T) {
	if _, err := os.Stat("/usr/bin/curl"); err != nil {
		t.Skip("no curl")
	}
	for _, v := range influxtest.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			s := influxtest.StartBare(t, v)
			o := influx.Options{URL: s.URL + "/", Token: s.Admin, Org: s.Org, Bucket: "odd b $x", RollupBucket: "odd b $x/roll-up"}
			dry, err := influx.Setup(t.Context(), o, true)
			if err != nil {
				t.Fatal(err)
			}
			if v == influxtest.V2 && strings.Contains(dry.Tokens, "curl") {
				t.Errorf("commands before there are buckets:\n%s", dry.Tokens)
			}
			p, err := influx.Setup(t.Context(), o, false)
			if err != nil {
				t.Fatal(err)
			}
			tokens := commands(t, p.Tokens, s.Admin, "lunstat-collector.token", "lunstat-report.token")
			at := base()
			for name, token := range tokens {
				o.Token = token
				sink, err := influx.NewSink(o)
				if err != nil {
					t.Fatal(err)
				}
				_, err = sink.Write(t.Context(), []series.Outbound{madeRun(1, "mail1", at, 1)})
				if mayWrite := name == "lunstat-collector.token"; (err == nil) != mayWrite {
					t.Errorf("%s: writing: %v", name, err)
				}
				sink.Close()
			}
			for name, token := range tokens {
				o.Token = token
				source, err := influx.NewSource(o)
				if err != nil {
					t.Fatal(err)
				}
				_, _, ok, err := source.Extent(t.Context())
				if mayRead := name == "lunstat-report.token"; (ok && err == nil) != mayRead {
					t.Errorf("%s: reading: %v, %v", name, ok, err)
				}
				source.Close()
			}

			// Where a Telegraf writes, nothing is made, and nobody else writes.
			o.ReadOnly, o.Token = true, s.Admin
			if p, err = influx.Setup(t.Context(), o, false); err != nil || strings.Contains(strings.ToLower(p.Tokens), "write") || strings.Contains(p.Tokens, "collector") {
				t.Errorf("for a Telegraf's: %v\n%s", err, p.Tokens)
			}
			o.Bucket = "none"
			if p, err = influx.Setup(t.Context(), o, false); err == nil || !strings.Contains(err.Error(), "no bucket none") {
				t.Errorf("without a bucket of Telegraf's: %v, %v", err, p)
			}
		})
	}
}

// commands runs a shell on them, and gives the files that they leave.
func commands(t *testing.T, text, admin string, files ...string) map[string]string {
	t.Helper()
	if strings.Contains(text, admin) {
		t.Error("the administrator's token is in the commands")
	}
	sh := exec.Command("/bin/sh", "-eu")
	sh.Dir = t.TempDir()
	sh.Env = []string{"PATH=/usr/bin:/bin", "LUNSTAT_INFLUX_TOKEN=" + admin}
	sh.Stdin = strings.NewReader(text)
	if out, err := sh.CombinedOutput(); err != nil || strings.Contains(string(out), "error") {
		t.Fatalf("%v\n%s\n%s", err, out, text)
	}
	got := map[string]string{}
	for _, name := range files {
		path := filepath.Join(sh.Dir, name)
		token, err := influx.ReadToken(path) // which only takes what nobody else may read
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		got[name] = token
	}
	return got
}
