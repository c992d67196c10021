package main

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"lunstat/mapper/hosttest"
)

// A map two of whose four paths fail and come back, one by one, is in the report, however
// their devices stay: the collector sees their states.
func TestPathsLost(t *testing.T) {
	t.Parallel()
	host := hosttest.New(t,
		hosttest.LUN{Name: "mpatha", WWID: "3600508b400105e210000900000490000", On: []string{"sda", "sdb", "sdc", "sdd"}},
		hosttest.LUN{Name: "vg-lv", On: []string{"mpatha"}, Mount: "/srv"},
	)
	c := newCaptured(t)
	delete(c.vars, "LUNSTAT_LAYERS")
	c.vars["LUNSTAT_HOST"] = "box"
	c.on(host.Paths)
	begin := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	for n := range 30 {
		switch n {
		case 10:
			host.State("sdb", "transport-offline")
		case 15:
			host.State("sdd", "offline")
		case 20:
			host.State("sdb", "running")
			host.State("sdd", "running")
		}
		host.Pass(time.Minute)
		host.Do("vg-lv", hosttest.IO{Reads: 60, ReadSectors: 480, ReadMS: 120, BusyMS: 60})
		c.run("collect", "--reading-time", begin.Add(time.Duration(n)*time.Minute).Format(time.RFC3339))
	}
	var report struct{ Findings []exported }
	text := c.run("report", "--json", "--from", begin.Format(time.RFC3339), "--to", begin.Add(30*time.Minute).Format(time.RFC3339))
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(report.Findings, func(f exported) bool { return f["kind"] == "paths" })
	if i < 0 {
		t.Fatalf("findings: %v", report.Findings)
	}
	f := report.Findings[i]
	if f["since"] != "2026-11-16T09:10:00Z" || f["until"] != "2026-11-16T09:20:00Z" || f["worst"] != 2.0 || f["worst_at"] != "2026-11-16T09:15:00Z" || f["limit"] != 4.0 ||
		f["text"] != "/srv: 2 of 4 paths from Mon 09:10 to Mon 09:20, map mpatha" {
		t.Errorf("%v", f)
	}
}
