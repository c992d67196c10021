package main

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"lunstat/mapper/hosttest"
)

// TestKnownAnswers feeds captured hosts to which something happened between two readings;
// the captures' own notes say what must come out.
func TestKnownAnswers(t *testing.T) {
	t.Parallel()
	type want struct {
		lun     string
		nth     int // interval of the LUN, from 0
		field   string
		value   float64
		within  float64 // share
		quality string
	}
	tests := []struct {
		name      string
		readings  []string
		intervals map[string]int // how many a LUN has
		want      []want
	}{
		{
			// The mail volumes stop and come back in the opposite order, with other
			// minors and counters from zero. sqldb was 253:13 and is 253:7.
			name: "renumbered within a boot", readings: []string{"mail-renumber/before", "mail-renumber/after"},
			want: []want{
				{lun: "zimbra1_sqldb-data", field: "read_ios", value: 1060, quality: "reset"},
				{lun: "zimbra1_secondary-first", field: "read_ios", value: 60, quality: "reset"},
			},
		},
		{
			// Between before and after all of redo's counters are higher, 57 to 812
			// reads, and yet they began at zero.
			name: "gone, and back under the old minor", readings: []string{"mail-vanish/before", "mail-vanish/gone", "mail-vanish/after"},
			intervals: map[string]int{"zimbra1_redo-redo": 1, "mpatha": 1, "zimbra1_sqldb-data": 2},
			want: []want{
				{lun: "zimbra1_redo-redo", field: "read_ios", value: 812, quality: "reset"},
				{lun: "mpatha", field: "read_ios", value: 648, quality: "reset"},
				{lun: "zimbra1_sqldb-data", field: "read_ios", value: 360 - 57},
				{lun: "zimbra1_sqldb-data", nth: 1, field: "read_ios", value: 960 - 360},
			},
		},
		{
			name: "not seen while it was gone", readings: []string{"mail-vanish/before", "mail-vanish/after"},
			want: []want{{lun: "zimbra1_redo-redo", field: "read_ios", value: 812, quality: "reset"}},
		},
		{
			name: "HSM", readings: []string{"mail-hsm/before", "mail-hsm/after"},
			want: []want{
				{lun: "zimbra1_primary-store", field: "read_bytes", value: 205.3e6, within: 0.001},
				{lun: "zimbra1_secondary-first", field: "write_bytes", value: 207.3e6, within: 0.001},
			},
		},
		{
			// A boot that gave the minors to other volumes: sqldb has 253:4 now.
			name: "rebooted", readings: []string{"mail-hsm/after", "mail-rebooted/idle"},
			intervals: map[string]int{"zimbra1_sqldb-data": 1, "sysvg-usr": 1},
			want: []want{
				{lun: "zimbra1_sqldb-data", field: "read_ios", quality: "reset", value: -1},
				{lun: "sysvg-usr", field: "read_ios", quality: "reset", value: -1},
			},
		},
		{
			// fast was made again under its name and minor with another uuid; dm-59
			// went to another map. Neither has an interval. The renamed ones have.
			name: "odd stack", readings: []string{"odd-stack/before", "odd-stack/after"},
			intervals: map[string]int{"vgnvme-fast": 0, "new_in_its_place": 0, "vgraid-stripe_renamed": 1, `with\x20other\x20space`: 1, "backup_vg-daily_set": 1},
			want: []want{
				{lun: "backup_vg-daily_set", field: "read_ios", value: 435 - 238},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newCaptured(t)
			boot, host := -1, ""
			for _, r := range tt.readings {
				if h, _, _ := strings.Cut(r, "/"); h != host {
					boot, host = boot+1, h
				}
				p := hosttest.Shared(t, "hosts/"+r)
				c.on(p)
				c.run("collect", "--reading-time", readingTime(t, p.Proc, boot))
			}
			got := map[string][]exported{}
			for _, x := range c.export() {
				name := x["lun"].(string)
				got[name] = append(got[name], x)
			}
			for lun, n := range tt.intervals {
				if len(got[lun]) != n {
					t.Errorf("%s has %d intervals, want %d", lun, len(got[lun]), n)
				}
			}
			for _, w := range tt.want {
				if len(got[w.lun]) <= w.nth {
					t.Errorf("%s has %d intervals", w.lun, len(got[w.lun]))
					continue
				}
				x := got[w.lun][w.nth]
				if v, _ := x.number(w.field); w.value >= 0 && (v < w.value*(1-w.within) || v > w.value*(1+w.within)) {
					t.Errorf("%s %s = %.0f, want %.0f", w.lun, w.field, v, w.value)
				}
				if !hasMark(x, w.quality) {
					t.Errorf("%s: quality %v, want %q", w.lun, x["quality"], w.quality)
				}
			}
		})
	}
}

// hasMark reports whether the mark is there, or, for "", that there is none.
func hasMark(x exported, mark string) bool {
	marks := x["quality"].([]any)
	if mark == "" {
		return len(marks) == 0
	}
	for _, m := range marks {
		if m == mark {
			return true
		}
	}
	return false
}

// TestStallOfARealMap replays what a real kernel counted, second by second, while a
// map held a write back: from 110.49 s on nothing completes, until 129.04 s.
func TestStallOfARealMap(t *testing.T) {
	f, err := os.Open(filepath.Join(hosttest.SharedDir(t, "hosts/odd-stack"), "diskstats.log.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	c := newCaptured(t)
	p := hosttest.PathsAt(t.TempDir())
	c.on(p)
	if err := os.MkdirAll(p.Proc, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, reading := range regexp.MustCompile(`(?m)^\d{10}\.\d+\n`).Split(string(text), -1)[1:] {
		uptime, diskstats, _ := strings.Cut(reading, "\n")
		if first, _, _ := strings.Cut(uptime, " "); first > "131" {
			break
		}
		for name, text := range map[string]string{"uptime": uptime + "\n", "diskstats": diskstats} {
			if err := os.WriteFile(filepath.Join(p.Proc, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		c.run("collect", "--reading-time", readingTime(t, p.Proc, 0))
	}
	var marks []string
	for _, x := range c.export() {
		if x["kernel"] == "dm-66" {
			mark := "-"
			if hasMark(x, "stalled") {
				mark = "S"
			}
			marks = append(marks, mark)
		}
	}
	// The first interval is too short to tell, the last two have reads completed.
	if got := strings.Join(marks, ""); !regexp.MustCompile(`^-S{14,}--$`).MatchString(got) {
		t.Errorf("intervals %s (S: stalled)", got)
	}
}
