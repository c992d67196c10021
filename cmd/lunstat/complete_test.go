package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/mapper/hosttest"
)

// TestCompletion asks as a shell does. The last line of the answer is for the shell.
func TestCompletion(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	c := newCaptured(t)
	c.on(h.Paths)
	c.vars["LUNSTAT_HOST"] = "mail1"
	for n := range 2 {
		c.run("collect", "--reading-time", time.Date(2026, 11, 16, 9, n, 0, 0, time.UTC).Format(time.RFC3339))
		h.Pass(time.Minute)
	}
	h.Remove("zimbra1_index-index") // the ledger still knows it
	for _, tt := range []struct {
		args  string
		want  []string // are among the answers
		never string   // begins none
	}{
		{"lookup zimbra1_", []string{"zimbra1_sqldb-data", "zimbra1_index-index"}, "dm-"},
		{"lookup dm-1", []string{"dm-13"}, "zimbra1"},
		{"lookup /opt/zimbra/st", []string{"/opt/zimbra/store"}, "dm-"},
		{"lookup my", []string{"mysql"}, "dm-"},
		{"lookup zimbra1_sqldb-data zimbra1_sqldb-d", nil, "zimbra1_sqldb-data"},
		{"lookup --dmsetup old.txt z", []string{"zimbra1_sqldb-data"}, ""},
		{"report --lun zimbra1_sqldb-d", []string{"zimbra1_sqldb-data"}, ""},
		{"export --lun mysq", []string{"mysql"}, ""},
		{"report --group z", []string{"zimbra1"}, "zimbra1_"},
		{"status --group z", []string{"zimbra1"}, ""},
		{"report --host m", []string{"mail1"}, ""},
		{"report --host x,m", []string{"x,mail1"}, ""},
		{"report --week 2026-W4", []string{"2026-W47", "2026-W46"}, "2026-W48"},
		{"report --week 2026-w4", []string{"2026-W47"}, ""},
		{"export --week ", []string{"2026-W47", "2026-W38"}, ""},
		{"report --format png,", []string{"png,svg", "png,pdf"}, "json"},
		{"export --format ", []string{"json", "csv", "lp", "prom"}, "png"},
		{"export --every ", []string{"15m", "1h"}, "1s"},
		{"names --host m", []string{"mail1"}, ""},
		{"lookup --at ", []string{"yesterday"}, ""},
		{"lookup --from ", nil, "yesterday"}, // a file here
		{"watch --sort r", []string{"rMB/s", "r_await"}, ""},
		{"status --source ", []string{"journal", "influx"}, ""},
		{"config ", []string{"check\tSay what is wrong with the configuration", "show\tShow each value and where it comes from"}, ""},
	} {
		out := c.run(append([]string{"__complete"}, strings.Split(tt.args, " ")...)...)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		got := lines[:len(lines)-1]
		for _, w := range tt.want {
			if !slices.Contains(got, w) {
				t.Errorf("%s: no %q in %q", tt.args, w, got)
			}
		}
		for _, g := range got {
			if tt.never != "" && strings.HasPrefix(g, tt.never) {
				t.Errorf("%s: offers %q", tt.args, g)
			}
		}
	}
	// A broken config or journal doesn't disturb somebody who is typing.
	c.vars["LUNSTAT_GAP"] = "soon"
	if out := c.run("__complete", "report", "--lun", ""); strings.Contains(out, "zimbra1") || strings.Contains(out, "LUNSTAT_GAP") {
		t.Errorf("with a broken config: %q", out)
	}
}
