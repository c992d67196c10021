package render

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// sharedLUN is a LUN that two nodes use at once. The first makes 60 reads and 30 writes
// a minute; the second 120 and 60, its reads take 10 ms each instead of 5, and it is
// slow for 10 of the 30 minutes.
func sharedLUN(n int) *memory {
	space := func(int, int) int { return 700 }
	a := made{luns: madeLUNs(n), start: monday, every: time.Minute, n: 30, host: "node1", space: space}.source()
	b := made{luns: madeLUNs(n), start: monday, every: time.Minute, n: 30, host: "node2", space: space,
		ios: func(l, _ int) uint64 { return uint64(120 * (l + 1)) }}.source()
	for _, list := range b.intervals {
		for i := range list {
			reads := list[i].Value(series.ReadIOs)
			list[i].Set(series.ReadMS, reads*10)
			list[i].Set(series.BusyMS, reads*10+reads)
			if i < 10 {
				list[i].Set(series.SlowMS, 60_000)
			}
		}
	}
	both := a.with(b)
	for i := range both.entries {
		both.entries[i].LUN.Reach = mapper.ReachGlobal
	}
	return both
}

// Two hosts that use a LUN at once: what they did is added up, how busy it was and how
// long it took are shown for each host, and its space once.
func TestSharedLUN(t *testing.T) {
	o := Options{From: monday, To: monday.Add(30 * time.Minute), Limits: map[string]time.Duration{"mysql": 20 * time.Millisecond}}
	d, err := gather(context.Background(), sharedLUN(1), o.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	if len(d.luns) != 1 || len(d.warnings) != 1 || !strings.Contains(d.warnings[0].What, "node1 and node2 at the same time") {
		t.Fatalf("%d LUNs, warnings %v", len(d.luns), d.warnings)
	}
	l := d.luns[0]
	// 1 + 0.5 and 2 + 1 I/Os a second.
	if s := l.figures[iops]; s.last != 4.5 || s.p95 != 4.5 || s.mean != 4.5 || s.max != 4.5 || l.lines[iops].mean[5] != 4.5 {
		t.Errorf("both hosts' I/O is %+v, drawn %v", s, l.lines[iops].mean[5])
	}
	// 60×5 + 30×2 ms of 60 s, and 120×10 + 60×2 ms.
	for _, tt := range []struct {
		metric
		want [2]float64
	}{{util, [2]float64{0.6, 2.2}}, {readAwait, [2]float64{5, 10}}, {writeAwait, [2]float64{2, 2}}} {
		views := l.views(tt.metric)
		if len(views) != 2 {
			t.Fatalf("%v has %d views", tt.metric, len(views))
		}
		for i, v := range views {
			for _, got := range []float64{v.stats.last, v.stats.mean, v.stats.p95, v.stats.max, v.line().mean[5]} {
				if v.host != []string{"node1", "node2"}[i] || math.Abs(got-tt.want[i]) > 1e-6 {
					t.Errorf("%v of %q is %+v, drawn %v, want %v", tt.metric, v.host, v.stats, v.line().mean[5], tt.want[i])
				}
			}
		}
	}
	if got := d.worst(); len(got) != 1 || got[0].name != "mysql 0 on node2" || got[0].Slow.Slow != 10*time.Minute {
		t.Errorf("worst %+v", got)
	}
	if row := d.pageRows()[0]; row.Mean != "4.5" || strings.Join(row.Read, " ") != "5.0 10.0" || strings.Join(row.Slow, " ") != "– 10 min" {
		t.Errorf("the table has %+v", row)
	}
}

// report.json keeps what can't be added up by host.
func TestSharedNumbers(t *testing.T) {
	content := files(t, sharedLUN(1), Options{From: monday, To: monday.Add(30 * time.Minute)})[numbersFile]
	type metrics map[string]struct{ Mean float64 }
	var n struct {
		LUNs []struct {
			Metrics metrics
			SlowMS  uint64 `json:"slow_ms"`
			ByHost  map[string]struct {
				Metrics metrics
				SlowMS  uint64 `json:"slow_ms"`
			} `json:"by_host"`
			Space struct {
				UsedPercent int `json:"used_percent"`
			}
		}
	}
	if err := json.Unmarshal(content, &n); err != nil {
		t.Fatal(err)
	}
	l := n.LUNs[0]
	if _, ok := l.Metrics["util_percent"]; ok || l.Metrics["iops"].Mean != 4.5 || l.Space.UsedPercent != 70 || l.SlowMS != 600_000 {
		t.Errorf("of both: %+v", l)
	}
	one, two := l.ByHost["node1"], l.ByHost["node2"]
	if len(l.ByHost) != 2 || one.Metrics["util_percent"].Mean != 0.6 || two.Metrics["util_percent"].Mean != 2.2 || one.SlowMS != 0 || two.SlowMS != 600_000 {
		t.Errorf("by host: %+v", l.ByHost)
	}
	if _, ok := one.Metrics["iops"]; ok {
		t.Error("I/O stands by host too")
	}
}
