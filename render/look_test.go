package render

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/collector/mailstore"
	"lunstat/collector/series"
)

// TestLook draws what is hard to draw, for a person to look at: LOOK=folder.
func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip("LOOK names no folder")
	}
	z := zone(t, "Europe/Berlin")
	to := time.Date(2026, 11, 23, 0, 0, 0, 0, z)
	start := to.AddDate(0, 0, -35)
	five := record(mailstore.Options{Start: start, Zone: z, Minutes: int(to.Sub(start) / time.Minute)})
	limits := map[string]time.Duration{"mysql": 20 * time.Millisecond, "redo": 10 * time.Millisecond, "default": 50 * time.Millisecond}
	lookWidth := 0
	draw := func(name string, m *memory, from, to time.Time) {
		o := Options{Out: filepath.Join(dir, name), From: from, To: to, Zone: z, Simulated: true, Now: to, Version: "0.1", Limits: limits, Width: lookWidth}
		start := time.Now()
		if _, err := Report(context.Background(), m, o); err != nil {
			t.Error(err)
		}
		t.Log(name, time.Since(start))
	}
	for name, h := range map[string]func() hard{
		"00-gap-day": gapDay, "02-stalled": stalledWeek, "04-giant": giant, "05-spike": spikeWeek, "06-busy": busyWeek, "08-holed": holed,
		"07-fleet-60": func() hard { return manyLUNs(60) }, "one": func() hard { return manyLUNs(1) }, "two": func() hard { return manyLUNs(2) },
		"fleet-200": func() hard { h := manyLUNs(200); h.Width = 1600; return h },
		"11-narrow": func() hard { h := stalledWeek(); h.Width = LeastWidth; return h },
		"wide":      func() hard { h := stalledWeek(); h.Width = 4000; return h },
		"all-slow":  func() hard { return allSlow(24) }, "all-slow-200": func() hard { return allSlow(200) }, "extremes": extremes, "names": names,
		"fleet-500": func() hard { h := manyLUNs(500); h.Width = 1600; return h },
		"gap-start": func() hard { return outage(0) }, "gap-end": func() hard { return outage(7*24 - 42) }, "norole": noRole,
		"3h": func() hard {
			h := stalledWeek()
			h.From, h.To = monday.AddDate(0, 0, 2).Add(9*time.Hour), monday.AddDate(0, 0, 2).Add(12*time.Hour)
			return h
		},
		"30h": func() hard {
			h := stalledWeek()
			h.From, h.To = monday.AddDate(0, 0, 2), monday.AddDate(0, 0, 3).Add(6*time.Hour)
			return h
		},
		"formats": func() hard { h := stalledWeek(); h.Formats, h.Sharp = []string{"png", "svg", "pdf"}, true; return h },
	} {
		if only := os.Getenv("LOOK_ONLY"); only != "" && !strings.Contains(name, only) {
			continue
		}
		h := h()
		h.Out, h.Version = filepath.Join(dir, name), "0.1"
		start := time.Now()
		if _, err := Report(context.Background(), h, h.Options); err != nil {
			t.Error(err)
		}
		t.Log(name, time.Since(start))
	}
	if os.Getenv("LOOK_ONLY") == "week" {
		draw("week", five, to.AddDate(0, 0, -7), to)
	}
	if os.Getenv("LOOK_ONLY") != "" {
		return
	}
	lookWidth = 640
	draw("narrow", five, to.AddDate(0, 0, -7), to)
	lookWidth = 0
	draw("week", five, to.AddDate(0, 0, -7), to)
	draw("week2", five, to.AddDate(0, 0, -28), to.AddDate(0, 0, -21))
	draw("week3", five, to.AddDate(0, 0, -21), to.AddDate(0, 0, -14))
	draw("all", five, start, to)
	draw("hours", five, to.AddDate(0, 0, -4).Add(8*time.Hour), to.AddDate(0, 0, -4).Add(14*time.Hour))

	minute := made{luns: madeLUNs(1), start: to, every: 5 * time.Second, n: 12, ios: wave(5 * time.Second), space: func(int, int) int { return 700 }}
	draw("minute", minute.source(), to, to.Add(time.Minute))

	many := made{luns: madeLUNs(40), start: to.AddDate(0, 0, -7), every: 15 * time.Minute, n: 7 * 96, ios: wave(15 * time.Minute)}
	many.space = func(l, i int) int { return (l*331+i/20)%400 + 600 }
	many.luns[3].Label = strings.Repeat("a very long label of a LUN ", 5)
	many.luns[5].Label = "<script>alert(1)</script>\n\"quoted\" 'name' 日本語 ▲→"
	many.luns[7].DMName = strings.Repeat("x", 128)
	m := many.source()
	m.notes = []series.Note{{At: to.AddDate(0, 0, -3), Text: "a note"}, {At: to.AddDate(0, 0, -3).Add(time.Hour), Text: "another note that is rather longer than the first"}, {At: to.Add(-time.Hour), Text: "near the end of the picture"}}
	draw("many", m, to.AddDate(0, 0, -7), to)

	one := made{luns: madeLUNs(3), start: to.AddDate(0, 0, -3), every: 15 * time.Minute, n: 3 * 96, ios: wave(15 * time.Minute), host: "node1", space: func(int, int) int { return 700 }}
	two := one
	two.host, two.ios = "node2", func(l, i int) uint64 { return one.ios(l, i+40) * 2 }
	draw("shared", one.source().with(two.source()), to.AddDate(0, 0, -3), to)

	year := made{luns: madeLUNs(14), start: to.AddDate(-1, 0, 0), every: time.Hour, n: 365 * 24, ios: wave(time.Hour)}
	year.space = func(l, i int) int { return (l*70 + i/100) % 1000 }
	draw("year", year.source(), to.AddDate(-1, 0, 0), to)

	for name, from := range map[string]time.Time{"dst-169": time.Date(2026, 10, 19, 0, 0, 0, 0, z), "dst-167": time.Date(2026, 3, 23, 0, 0, 0, 0, z)} {
		m := made{luns: mailLUNs("zimbra1", "mysql", "redo", "primary"), start: from, every: 15 * time.Minute, n: 169 * 4, ios: wave(15 * time.Minute), host: "mailstore1"}
		draw(name, m.source(), from, from.AddDate(0, 0, 7))
	}

	zero := made{luns: madeLUNs(3), start: to.AddDate(0, 0, -1), every: time.Minute, n: 1440, ios: func(int, int) uint64 { return 0 }}
	draw("zero", zero.source(), to.AddDate(0, 0, -1), to)
}
