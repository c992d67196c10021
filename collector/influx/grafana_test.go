package influx_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/collector/influx/influxtest"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// dashboard is what of Grafana's JSON has to do with queries.
type dashboard struct {
	Templating struct {
		List []struct {
			Name, Type, Query string
			Options           []struct{ Text, Value string }
		}
	}
	Panels []struct {
		Title    string
		Interval string // the least $__interval
		Targets  []struct{ Query string }
	}
}

// TestGrafana runs each query of the dashboard, as Grafana would fill it in, on
// each server and at each resolution.
func TestGrafana(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "grafana", "lunstat.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	var tables []string
	var variables []string
	for _, v := range d.Templating.List {
		for _, o := range v.Options {
			tables = append(tables, o.Value)
			// Panels take the text as their least interval: in a shorter one most have no
			// point, and nothing is drawn.
			if width, ok := strings.CutPrefix(strings.Trim(o.Value, `"`), `rollup"."lun_io_`); ok && o.Text != width || !ok && o.Text != "1m" {
				t.Errorf("resolution %q is of %s", o.Text, o.Value)
			}
		}
		if v.Type == "query" {
			variables = append(variables, v.Query)
		}
	}
	if len(tables) != 3 || len(variables) != 3 || len(d.Panels) < 8 {
		t.Fatalf("%d resolutions, %d variables, %d panels", len(tables), len(variables), len(d.Panels))
	}
	both(t, func(t *testing.T, s *influxtest.Server) {
		at := base()
		write(t, newSink(t, s, nil), grafanaRuns(at)...)
		fill := func(q, table string) string {
			return strings.NewReplacer(
				"${table:raw}", table, "$timeFilter", "time >= "+at.Add(-time.Minute).Format("'2006-01-02T15:04:05Z'")+" AND time <= "+at.Add(time.Hour).Format("'2006-01-02T15:04:05Z'"),
				"$__interval", "15m", "${host:regex}", "(mail1|mail2)", "${group:regex}", ".*", "${lun:regex}", ".*",
			).Replace(q)
		}
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				want := "1m"
				if strings.Contains(target.Query, "${table:raw}") {
					want = "${table:text}"
				}
				if p.Interval != want {
					t.Errorf("%s: least interval %q, want %s", p.Title, p.Interval, want)
				}
				if strings.Contains(target.Query, `"uuid"`) && !strings.Contains(target.Query, `"uuid", "source"`) {
					t.Errorf("%s adds what sources have apart: %s", p.Title, target.Query)
				}
			}
		}
		heat := d.Panels[len(d.Panels)-1].Targets[0].Query
		for i := range series.NumBuckets {
			if field := `sum("le_` + series.BoundName(i) + `")`; !strings.Contains(heat, field) {
				t.Errorf("the heat map has no %s", field)
			}
		}
		for _, table := range tables {
			for _, p := range d.Panels {
				for _, target := range p.Targets {
					expectValues(t, p.Title, s.Query(influxtest.Bucket, fill(target.Query, table)))
				}
			}
		}
		for _, v := range variables {
			expectValues(t, "variable", s.Query(influxtest.Bucket, fill(v, "")))
		}
	})
}

func grafanaRuns(at time.Time) []series.Outbound {
	var out []series.Outbound
	for n := range 30 {
		run := madeRun(uint64(n+1), "mail1", at.Add(time.Duration(n)*time.Minute), 2)
		lun := madeLUN(0)
		run.Intervals[0].Latency = &series.Histogram{Version: series.BoundsVersion, Counts: [series.NumBuckets]uint64{4: 7, 17: 1}}
		for _, w := range []time.Duration{15 * time.Minute, time.Hour} {
			run.Bins = append(run.Bins, series.OutBin{Width: w, OutInterval: run.Intervals[0]})
		}
		run.Spaces = []series.OutSpace{{LUN: &lun, KeySpace: series.KeySpace{Key: run.Intervals[0].Key, Mount: "/x",
			Space: series.Space{At: run.Run.At.Wall, SizeBytes: 100, UsedBytes: 50, AvailBytes: 40, FreeBytes: 50}}}}
		run.Ledger = []series.OutEntry{{Entry: mapper.Entry{Host: "mail1", Source: series.SourceHost, From: at, LUN: lun}}}
		out = append(out, run)
	}
	return out
}

// expectValues wants an answer without an error and with something to draw.
func expectValues(t *testing.T, what string, a influxtest.Answer) {
	t.Helper()
	for _, r := range a.Results {
		if r.Error != "" {
			t.Errorf("%s: %s", what, r.Error)
		}
		for _, s := range r.Series {
			for _, v := range s.Values {
				if v[1] != nil {
					return
				}
			}
		}
	}
	t.Errorf("%s: nothing to draw in %+v", what, a)
}
