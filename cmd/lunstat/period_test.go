package main

import (
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/when"
)

// TestPeriodFlags reads the flags as a command does.
func TestPeriodFlags(t *testing.T) {
	instant := func(s string) time.Time {
		i, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	now := instant("2026-11-18T14:30:00Z")
	for _, tt := range []struct{ args, begin, end string }{
		{"", "2026-11-11T14:30:00Z", "2026-11-18T14:30:00Z"},
		{"--last 1d", "2026-11-17T14:30:00Z", "2026-11-18T14:30:00Z"},
		{"--week 2026-W46", "2026-11-09T00:00:00Z", "2026-11-16T00:00:00Z"},
		{"--from -5w", "2026-10-14T14:30:00Z", "2026-11-18T14:30:00Z"},
		{"--from yesterday --to yesterday", "2026-11-17T00:00:00Z", "2026-11-18T00:00:00Z"},
	} {
		var p period
		cmd := &cobra.Command{Use: "report"}
		p.AddFlags(cmd)
		if err := cmd.ParseFlags(strings.Fields(tt.args)); err != nil {
			t.Errorf("%s: %v", tt.args, err)
			continue
		}
		begin, end, err := p.parse(now, time.UTC, when.Duration(when.Week))
		if err != nil || !begin.Equal(instant(tt.begin)) || !end.Equal(instant(tt.end)) {
			t.Errorf("%q: %v to %v (%v), want %s to %s", tt.args, begin, end, err, tt.begin, tt.end)
		}
	}
	for _, args := range []string{"--last 7", "--to today", "--last 7d --week 2026-W47", "--from today --to yesterday"} {
		var p period
		cmd := &cobra.Command{Use: "report"}
		p.AddFlags(cmd)
		if err := cmd.ParseFlags(strings.Fields(args)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.parse(now, time.UTC, when.Duration(when.Week)); !as[usageError](err) {
			t.Errorf("%s: %v doesn't count as wrong usage", args, err)
		}
	}
}

// The doubt is said once, and not where the config names the zone.
func TestZoneDoubtIsSaidOnce(t *testing.T) {
	for _, tt := range []struct {
		zone string
		want string
	}{
		{"", "lunstat: warning: TZ=Mars/Base: no such zone: times are in UTC\nlunstat: hint: set a zone of the tz database: TZ=Europe/Berlin, or report.zone in the config\n"},
		{"Europe/Berlin", ""},
	} {
		vars := map[string]string{}
		if tt.zone != "" {
			vars["LUNSTAT_REPORT_ZONE"] = tt.zone
		}
		e, _, stderr := world(t, vars)
		_, e.zoneDoubt = when.HostZone([]string{"TZ=Mars/Base"}, "")
		if _, err := e.Config(); err != nil {
			t.Fatal(err)
		}
		var p period
		p.zone(e)
		if stderr.Len() > 0 {
			t.Errorf("the last hours are the same in all zones, and yet: %s", stderr)
		}
		p.Week = "2026-W47"
		if p.zone(e); e.times() != e.Zone || stderr.String() != tt.want {
			t.Errorf("report.zone %q: said %q, want %q", tt.zone, stderr, tt.want)
		}
	}
}
