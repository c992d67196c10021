package influx_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
)

const day = 24 * time.Hour

func TestSetup(t *testing.T) {
	for _, v := range influxtest.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			s := influxtest.StartBare(t, v)
			o := influx.Options{URL: s.URL, Token: s.Admin, Org: s.Org, Retention: 35 * day, RollupRetention: 400 * day}
			setup := func(dryRun bool) string {
				t.Helper()
				p, err := influx.Setup(context.Background(), o, dryRun)
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(p.Tokens, "lunstat") || strings.Contains(p.Tokens, s.Admin) {
					t.Errorf("how to make tokens: %s", p.Tokens)
				}
				return strings.Join(p.Steps, "\n")
			}
			expect := func(got string, words ...string) {
				t.Helper()
				for _, w := range words {
					if !strings.Contains(got, w) {
						t.Errorf("no %q in\n%s", w, got)
					}
				}
			}
			dry := setup(true)
			expect(dry, "is made", "35 days", "400 days")
			if again := setup(true); again != dry {
				t.Errorf("a dry run did something:\n%s", again)
			}
			if made := setup(false); made != dry {
				t.Errorf("done:\n%s\nbut it was to be\n%s", made, dry)
			}
			expect(setup(false), "lunstat exists and keeps points for 35 days", "lunstat/rollup exists and keeps points for 400 days")

			o.Retention, o.RollupRetention = 70*day, 0
			expect(setup(true), "35 days; from now on it keeps them for 70 days", "400 days; from now on it keeps them for ever")
			expect(setup(false), "35 days; from now on it keeps them for 70 days", "400 days; from now on it keeps them for ever")
			expect(setup(false), "keeps points for 70 days", "keeps points for ever")
			o.Retention, o.RollupRetention = 35*day, 400*day
			expect(setup(false), "70 days, not for 35 days: not changed", "for ever, not for 400 days: not changed")

			// What was made serves: written and read as the administrator.
			sink, source := newSink(t, s, func(o *influx.Options) { o.Token = s.Admin }), newSource(t, s, func(o *influx.Options) { o.Token = s.Admin })
			write(t, sink, madeRun(1, "mail1", base(), 3))
			if _, _, ok, err := source.Extent(context.Background()); !ok || err != nil {
				t.Errorf("nothing there after a write: %v", err)
			}
		})
	}
}

func TestSetupErrors(t *testing.T) {
	for _, v := range influxtest.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			s := influxtest.StartBare(t, v)
			for name, edit := range map[string]func(*influx.Options){
				"wrong token": func(o *influx.Options) { o.Token = "wrong:words-of-a-token" },
				"no server":   func(o *influx.Options) { o.URL = "http://127.0.0.1:1" },
				"no URL":      func(o *influx.Options) { o.URL = "influx.example:8086" },
			} {
				o := influx.Options{URL: s.URL, Token: s.Admin, Org: s.Org}
				edit(&o)
				p, err := influx.Setup(context.Background(), o, false)
				if err == nil {
					t.Errorf("%s: did %q", name, p.Steps)
				} else if strings.Contains(err.Error(), o.Token) {
					t.Errorf("%s: the token is in %q", name, err)
				}
			}
		})
	}
}
