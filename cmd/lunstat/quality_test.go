package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/mapper/hosttest"
)

// TestQualityThroughEveryDoor walks each row of the quality table from a host's
// files through collect, the journal and export; each answer was worked out by
// hand.
func TestQualityThroughEveryDoor(t *testing.T) {
	t.Parallel()
	const lun = "zimbra1_sqldb-data"
	base := hosttest.IO{Reads: 100_000, ReadSectors: 800_000, ReadMS: 700_000, Writes: 50_000, WriteSectors: 400_000, WriteMS: 90_000, BusyMS: 300_000, QueueMS: 790_000}
	more := hosttest.IO{Reads: 600, ReadSectors: 4800, ReadMS: 3000, Writes: 60, WriteSectors: 480, WriteMS: 120, BusyMS: 1500, QueueMS: 3120}
	tests := []struct {
		name    string
		before  func(*hosttest.Host) // the first reading
		between func(*hosttest.Host) // what happens until the second, a minute later unless it says otherwise
		wall    time.Duration        // by how much the wall clock steps, too
		quality []string
		want    map[string]float64
		absent  []string
	}{
		{name: "plain", between: func(h *hosttest.Host) { h.Do(lun, more) },
			want: map[string]float64{"read_ios": 600, "read_bytes": 4800 * 512, "read_ms": 3000, "busy_ms": 1500, "queue_ms": 3120, "elapsed_ms": 60_000, "iops": 11, "read_await_ms": 5, "write_await_ms": 2, "util_percent": 2.5, "queue_size": 0.052}},
		{name: "nothing done", between: func(*hosttest.Host) {},
			want: map[string]float64{"read_ios": 0, "iops": 0, "util_percent": 0}, absent: []string{"read_await_ms", "write_await_ms"}},
		{name: "read ms wraps", quality: []string{"wrapped"},
			before:  func(h *hosttest.Host) { io := base; io.ReadMS = 1<<32 - 1000; h.Set(lun, io) },
			between: func(h *hosttest.Host) { h.Do(lun, more) },
			want:    map[string]float64{"read_ms": 3000, "write_ms": 120, "read_await_ms": 5}},
		{name: "two ms fields wrap at once", quality: []string{"wrapped"},
			before:  func(h *hosttest.Host) { io := base; io.BusyMS, io.QueueMS = 1<<32-1, 1<<32-3000; h.Set(lun, io) },
			between: func(h *hosttest.Host) { h.Do(lun, more) },
			want:    map[string]float64{"busy_ms": 1500, "queue_ms": 3120}},
		{name: "a wrap that can't be told", quality: []string{"wrapped", "long"},
			before: func(h *hosttest.Host) { io := base; io.Inflight = 3000; h.Set(lun, io) },
			between: func(h *hosttest.Host) {
				h.Pass(59 * time.Minute)
				h.Do(lun, hosttest.IO{Reads: 3_600_000, ReadSectors: 8, ReadMS: 50_000, QueueMS: 50_000, BusyMS: 900, Inflight: 3000})
			},
			want: map[string]float64{"read_ios": 3_600_000, "busy_ms": 900, "elapsed_ms": 3_600_000, "iops": 1000}, absent: []string{"read_ms", "queue_ms", "read_await_ms", "queue_size"}},
		{name: "reboot, lower", quality: []string{"reset"},
			between: func(h *hosttest.Host) { h.Reboot(0); h.Do(lun, more) },
			want:    map[string]float64{"read_ios": 600, "read_ms": 3000, "elapsed_ms": 60_000}},
		{name: "reboot, equal", quality: []string{"reset"},
			between: func(h *hosttest.Host) { h.Reboot(0); h.Set(lun, base) },
			want:    map[string]float64{"read_ios": 100_000, "write_ms": 90_000, "elapsed_ms": 60_000}},
		{name: "reboot, higher, other minors", quality: []string{"reset"},
			between: func(h *hosttest.Host) {
				h.Renumber()
				h.Reboot(0)
				h.Set(lun, hosttest.IO{Reads: 200_000, ReadSectors: 1_600_000})
			},
			want: map[string]float64{"read_ios": 200_000, "elapsed_ms": 60_000}},
		{name: "made again, higher", quality: []string{"reset"},
			between: func(h *hosttest.Host) {
				h.Recreate(lun)
				h.Set(lun, hosttest.IO{Reads: 100_812, ReadSectors: 900_000, ReadMS: 800_000, Writes: 60_000, WriteSectors: 500_000, WriteMS: 100_000, BusyMS: 400_000, QueueMS: 900_000})
			},
			want: map[string]float64{"read_ios": 100_812, "elapsed_ms": 60_000}},
		{name: "a read is taken back", quality: []string{"stepped"},
			between: func(h *hosttest.Host) {
				io := base
				io.Reads, io.ReadSectors = io.Reads-1, io.ReadSectors-8
				io.Writes += 60
				h.Set(lun, io)
			},
			want: map[string]float64{"read_ios": 0, "read_bytes": 0, "write_ios": 60}},
		{name: "long", quality: []string{"long"},
			between: func(h *hosttest.Host) { h.Pass(5 * time.Minute); h.Do(lun, more) },
			want:    map[string]float64{"read_ios": 600, "elapsed_ms": 360_000}, absent: []string{"slow_ms"}},
		{name: "the wall clock is set back", quality: []string{"clock"}, wall: -time.Hour,
			between: func(h *hosttest.Host) { h.Do(lun, more) },
			want:    map[string]float64{"read_ios": 600, "elapsed_ms": 60_000}},
		{name: "the wall clock is set forward", quality: []string{"clock"}, wall: time.Hour,
			between: func(h *hosttest.Host) { h.Do(lun, more) },
			want:    map[string]float64{"read_ios": 600, "elapsed_ms": 60_000}},
		{name: "slow", between: func(h *hosttest.Host) {
			h.Do(lun, hosttest.IO{Reads: 100, ReadMS: 2100})
		}, want: map[string]float64{"read_await_ms": 21, "slow_ms": 60_000}},
		{name: "stalled", quality: []string{"stalled"},
			before:  func(h *hosttest.Host) { io := base; io.Inflight = 2; h.Set(lun, io) },
			between: func(h *hosttest.Host) { h.Do(lun, hosttest.IO{Inflight: 2, BusyMS: 60_000}) },
			want:    map[string]float64{"read_ios": 0, "util_percent": 100, "inflight": 2}},
		{name: "14 fields", before: func(h *hosttest.Host) { h.Fields(14) }, between: func(h *hosttest.Host) { h.Do(lun, more) },
			want: map[string]float64{"read_ios": 600, "iops": 11}, absent: []string{"discard_ios", "discard_ms", "flush_ios", "flush_ms"}},
		{name: "14 fields become 20", before: func(h *hosttest.Host) { h.Fields(14) }, between: func(h *hosttest.Host) { h.Fields(20); h.Do(lun, more) },
			want: map[string]float64{"read_ios": 600}, absent: []string{"discard_ios", "flush_ios"}},
		{name: "18 fields", before: func(h *hosttest.Host) { h.Fields(18) }, between: func(h *hosttest.Host) { h.Do(lun, more) },
			want: map[string]float64{"read_ios": 600, "discard_ios": 0}, absent: []string{"flush_ios"}},
		{name: "more fields than are known", before: func(h *hosttest.Host) { h.Fields(23) }, between: func(h *hosttest.Host) { h.Do(lun, more) },
			want: map[string]float64{"read_ios": 600, "flush_ios": 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := hosttest.New(t, hosttest.Mail()...)
			c := newCaptured(t)
			c.vars["LUNSTAT_LAYERS"] = "luns"
			c.on(h.Paths)
			start := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
			h.Set(lun, base)
			if tt.before != nil {
				tt.before(h)
			}
			c.run("collect", "--reading-time", start.Format(time.RFC3339))
			up := h.Up()
			tt.between(h)
			h.Pass(time.Minute)
			passed := h.Up() - up
			if passed < 0 {
				passed = h.Up() // rebooted at once
			}
			c.run("collect", "--reading-time", start.Add(passed+tt.wall).Format(time.RFC3339))

			var got exported
			for _, x := range c.export() {
				if x["lun"] == lun {
					if got != nil {
						t.Fatal("two intervals")
					}
					got = x
				}
			}
			if got == nil {
				t.Fatal("no interval")
			}
			if q := fmt.Sprint(got["quality"]); q != fmt.Sprint(anyList(tt.quality)) {
				t.Errorf("quality %v, want %v", q, tt.quality)
			}
			for name, want := range tt.want {
				if v, ok := got.number(name); !ok || v != want {
					t.Errorf("%s = %v (there: %v), want %v", name, v, ok, want)
				}
			}
			for _, name := range tt.absent {
				if v, ok := got[name]; ok {
					t.Errorf("%s = %v, want it absent", name, v)
				}
			}
		})
	}
}

func anyList(words []string) []any {
	l := []any{}
	for _, w := range words {
		l = append(l, w)
	}
	return l
}

// One unbroken curve for a LUN that is renamed and renumbered; each line has the
// names of its time.
func TestNamesOfTheirTime(t *testing.T) {
	t.Parallel()
	h := hosttest.New(t, hosttest.Mail()...)
	c := newCaptured(t)
	c.vars["LUNSTAT_LAYERS"] = "luns"
	c.on(h.Paths)
	at := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	next := func() {
		at = at.Add(time.Minute)
		h.Pass(time.Minute)
		c.run("collect", "--reading-time", at.Format(time.RFC3339))
	}
	next()
	next()
	h.Rename("zimbra1_redo-redo", "zimbra1_redo-fast")
	next()
	h.Reboot(0)
	h.Renumber()
	at = at.Add(10 * time.Minute)
	next()
	uuids, names := map[string]bool{}, []string{}
	for _, x := range c.export() {
		if x["role"] == "redo" {
			uuids[x["uuid"].(string)] = true
			names = append(names, fmt.Sprint(x["lun"], " ", x["kernel"]))
		}
	}
	if len(uuids) != 1 {
		t.Errorf("%d curves, want one: %v", len(uuids), uuids)
	}
	if got, want := strings.Join(names, ", "), "zimbra1_redo-redo dm-11, zimbra1_redo-fast dm-11, zimbra1_redo-fast dm-2"; got != want {
		t.Errorf("names %s\nwant  %s", got, want)
	}
}

// Each awkward name goes through collect, export, lookup and the report; no file
// leaves its folder, and no text its line.
func TestHostileNames(t *testing.T) {
	hostile := []string{"a b", `q"u'o`, "<script>alert(1)</script>", "new\nline", "../../etc/passwd", strings.Repeat("x", 127), "Почта", "\x1b[31mred", "-rf", "'; DROP DATABASE x --", `") |> drop()`}
	luns := make([]hosttest.LUN, len(hostile))
	for i, name := range hostile {
		luns[i] = hosttest.LUN{Name: name, UUID: fmt.Sprintf("LVM-%032d%032d", 1, i), On: []string{"sd" + string(rune('a'+i))}}
	}
	h := hosttest.New(t, luns...)
	c := newCaptured(t)
	c.on(h.Paths)
	for n := range 3 {
		c.run("collect", "--reading-time", time.Date(2026, 11, 16, 9, n, 0, 0, time.UTC).Format(time.RFC3339))
		h.Pass(time.Minute)
		for _, name := range hostile {
			h.Do(name, hosttest.IO{Reads: 60})
		}
	}
	seen := map[string]bool{}
	for _, x := range c.export() {
		seen[x["lun"].(string)] = true
	}
	for _, name := range hostile {
		if !seen[name] {
			t.Errorf("%q is not in the export", name)
		}
		first, _, _ := strings.Cut(c.run("lookup", "--", name), "\n")
		if !strings.HasPrefix(first, "dm-") || strings.ContainsAny(first, "\x1b\r") {
			t.Errorf("lookup %q: %q", name, first)
		}
	}
	out := filepath.Join(t.TempDir(), "in", "report")
	c.run("report", "--from", "2026-11-16T08:59:00Z", "--to", "2026-11-16T09:10:00Z", "--out", out)
	files, err := filepath.Glob(filepath.Join(out, "*.png"))
	if err != nil || len(files) < len(hostile)+2 {
		t.Errorf("%d pictures for %d LUNs, and those of all (%v)", len(files), len(hostile), err)
	}
	if stray, _ := filepath.Glob(filepath.Join(filepath.Dir(out), "*")); len(stray) != 1 {
		t.Errorf("files outside the folder: %q", stray)
	}
}
