package main

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"

	"lunstat/collector"
	"lunstat/mapper/hosttest"
)

// watched is the table after some minutes of a made host, on which each LUN did other
// things.
func watched(t *testing.T) *watchTable {
	t.Helper()
	h := hosttest.New(t, append(hosttest.Mail(), hosttest.LUN{Kernel: "sdm", Mount: "/srv/日本語の郵便"})...)
	w := &watcher{
		options: collector.Options{Paths: h.Paths, Host: "made"},
		rules:   collector.Rules{Gap: 5 * time.Minute, Layers: "all"},
		table:   watchTable{host: "made", sort: columnNamed("iops"), layers: "luns", zone: time.UTC},
	}
	for n := range 12 {
		w.options.ReadingTime = time.Date(2026, 11, 16, 12, 0, n, 0, time.UTC)
		if _, err := w.read(context.Background()); err != nil {
			t.Fatal(err)
		}
		h.Pass(time.Second)
		h.Do("zimbra1_sqldb-data", hosttest.IO{Reads: uint64(100 * n), ReadMS: uint64(900 * n), ReadSectors: uint64(1600 * n), BusyMS: 640})
		h.Do("zimbra1_redo-redo", hosttest.IO{Writes: 40, WriteMS: 20, WriteSectors: 320, BusyMS: 20})
		if n == 8 {
			h.Remove("sdm")
		}
	}
	return &w.table
}

// Before the first interval is over, nothing is known of time or LUNs.
func TestWatchBeforeTheFirstInterval(t *testing.T) {
	table := &watchTable{host: "made", layers: "luns", zone: time.UTC}
	if got := strings.TrimRight(table.frame(80, 24)[0], " "); got != "made  no interval yet" {
		t.Errorf("the headline: %q", got)
	}
}

// A frame fills the screen and never more, whatever its size; the busiest LUN is on top.
func TestWatchFrames(t *testing.T) {
	table := watched(t)
	for _, size := range [][2]int{{80, 24}, {200, 60}, {40, 10}, {20, 3}, {1, 1}, {500, 200}} {
		lines := table.frame(size[0], size[1])
		if len(lines) != size[1] {
			t.Errorf("%v: %d lines", size, len(lines))
		}
		for _, l := range lines {
			if n := runewidth.StringWidth(l); n > size[0] {
				t.Errorf("%v: a line of %d: %q", size, n, l)
			}
		}
	}
	lines := table.frame(80, 24)
	for i, want := range []string{
		`^made  12:00:11  interval 1.0 s  15 LUNs `,
		`^lun +name +\*iops  rMB/s  wMB/s r_await w_await  util`,
		`^dm-13 +MySQL data of zimbra1.* 1000 +8.2 +0 +9.0 +- +64% `,
		`^dm-11 +Redo log of zimbra1.* 40 +0 +0.2 +- +0.5 +2% `,
	} {
		if !regexp.MustCompile(want).MatchString(lines[i]) {
			t.Errorf("line %d: %q, want %s", i, lines[i], want)
		}
	}
	wide := strings.Join(table.frame(200, 60), "\n")
	for _, want := range []string{` peak `, ` 1000  .*▁▁▂▃▄▅▅▆▇██`, `sdm +/srv/日本語の郵便 +gone, or not read`} {
		if !regexp.MustCompile(want).MatchString(wide) {
			t.Errorf("%s is not in\n%s", want, wide)
		}
	}
}

func TestWatchKeys(t *testing.T) {
	table := watched(t)
	table.frame(80, 24)
	press := func(keys ...string) (ended bool) {
		for _, k := range keys {
			ended = table.key(k)
			table.frame(80, 24)
		}
		return ended
	}
	first := func() string { return strings.Fields(table.frame(80, 24)[2])[0] }
	press("left")
	if press("left"); table.sort != 0 || first() != "sdm" {
		t.Errorf("sorted by %d, %s on top", table.sort, first())
	}
	if press("r"); first() != "dm-13" {
		t.Errorf("turned round: %s", first())
	}
	press("r", "right", "right")
	if press("/", "m", "y", "s", "q", "l", "x", "\x7f", "\r"); table.filter != "mysql" || len(table.shown()) != 1 {
		t.Errorf("filter %q: %d rows", table.filter, len(table.shown()))
	}
	if press("\x1b"); table.filter != "" {
		t.Errorf("filter %q", table.filter)
	}
	n := len(table.shown())
	if press("l", "l"); len(table.shown()) <= n {
		t.Errorf("all layers: %d rows, LUNs %d", len(table.shown()), n)
	}
	press("page down", "page down", "page down", "page down")
	if !strings.Contains(table.frame(80, 24)[23], " of ") {
		t.Errorf("%q", table.frame(80, 24)[23])
	}
	if press(" "); !table.stopped {
		t.Error("the space bar does not stop it")
	}
	if !press("q") || !press("/", "\x03") {
		t.Error("q or Ctrl-C does not end it")
	}
}

func TestWatchKeySequences(t *testing.T) {
	for text, want := range map[string]string{"\x1b[Aq": "up", "\x1bOD": "left", "\x1b[6~": "page down", "ö!": "ö", "\xff": "\xff", "\x1b": "\x1b"} {
		if got, n := oneKey([]byte(text)); got != want || n == 0 {
			t.Errorf("%q: %q, %d", text, got, n)
		}
	}
}

func TestWatchUsage(t *testing.T) {
	c := newCaptured(t)
	h := hosttest.New(t, hosttest.Mail()...)
	c.on(h.Paths)
	for _, tt := range []struct{ args, want string }{
		{"--every 10ms", "must be 1s or more"},
		{"--sort nonsense", "must be one of lun, name, iops"},
		{"--layers x", "must be luns, maps or all"},
		{"--count -1", "must be 0 or more"},
	} {
		if status, _, stderr := c.try(append([]string{"watch"}, strings.Fields(tt.args)...)...); status != 2 || !strings.Contains(stderr, tt.want) {
			t.Errorf("watch %s: exit status %d\n%s", tt.args, status, stderr)
		}
	}
	h.Delete("proc/diskstats")
	if status, _, stderr := c.try("watch", "--count", "1"); status != 1 || !strings.Contains(stderr, "diskstats") {
		t.Errorf("exit status %d\n%s", status, stderr)
	}
}

// FuzzWatchKeys: whatever is typed, the table can be drawn.
func FuzzWatchKeys(f *testing.F) {
	f.Add("/ab\r\x1b[A", 80, 24)
	f.Fuzz(func(t *testing.T, text string, width, height int) {
		if width < 1 || width > 1000 || height < 1 || height > 1000 {
			return
		}
		table := watchTable{layers: "luns", zone: time.UTC}
		for rest := []byte(text); len(rest) > 0; {
			key, n := oneKey(rest)
			if table.key(key) {
				return
			}
			rest = rest[n:]
			if lines := table.frame(width, height); len(lines) != height {
				t.Fatalf("%d lines of %d", len(lines), height)
			}
		}
	})
}
