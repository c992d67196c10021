package render

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/render/draw"
)

func at(t testing.TB, z *time.Location, s string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04:05", s, z)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Each row is a range, and what the axis of 700 pixels says about it.
func TestTimeAxis(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	for _, c := range []struct {
		name, from, to string
		ticks          string // as "2 15:04:05", the first and last three
		n              int
		label, above   string // the first label in its longest form
	}{
		{"a minute", "2026-11-23 10:00:00", "2026-11-23 10:01:00", "23 10:00:10 23 10:00:20 23 10:00:30", 5, "10:00:10", "Monday 23 November 2026"},
		{"an hour", "2026-11-23 10:00:00", "2026-11-23 11:00:00", "23 10:05:00 23 10:10:00 23 10:15:00", 11, "10:05", "Monday 23 November 2026"},
		{"a day", "2026-11-23 00:00:00", "2026-11-24 00:00:00", "23 02:00:00 23 04:00:00 23 06:00:00", 11, "02:00", "Monday 23 November 2026"},
		{"a week", "2026-11-16 00:00:00", "2026-11-23 00:00:00", "16 12:00:00 17 00:00:00 17 12:00:00", 13, "12:00", "Monday 16 November 2026"},
		{"two weeks", "2026-11-09 00:00:00", "2026-11-23 00:00:00", "10 00:00:00 11 00:00:00 12 00:00:00", 13, "Monday 9 Nov", "week 46 of 2026"},
		{"five weeks", "2026-10-19 00:00:00", "2026-11-23 00:00:00", "26 00:00:00 02 00:00:00 09 00:00:00", 4, "week 43, 19 Oct–25 Oct", "2026"},
		{"a year", "2025-12-10 00:00:00", "2026-12-10 00:00:00", "01 00:00:00 01 00:00:00 01 00:00:00", 12, "December", "2025"},
		{"two years", "2024-11-23 00:00:00", "2026-11-23 00:00:00", "01 00:00:00 01 00:00:00 01 00:00:00", 8, "Oct–Dec", "2024"},
		{"thirty years", "1996-11-23 00:00:00", "2026-11-23 00:00:00", "01 00:00:00 01 00:00:00 01 00:00:00", 15, "1996", ""},
		{"the turn of an ISO year", "2026-12-21 00:00:00", "2027-01-11 00:00:00", "22 00:00:00 23 00:00:00 24 00:00:00", 20, "Monday 21 Dec", "week 52 of 2026"},
	} {
		a := newTimeAxis(at(t, z, c.from), at(t, z, c.to), 700)
		if len(a.ticks) != c.n {
			t.Errorf("%s: %d ticks, want %d", c.name, len(a.ticks), c.n)
			continue
		}
		var first []string
		for _, k := range a.ticks[:3] {
			first = append(first, k.at.Format("02 15:04:05"))
		}
		if got := strings.Join(first, " "); got != c.ticks {
			t.Errorf("%s: ticks begin %s, want %s", c.name, got, c.ticks)
		}
		above := ""
		if len(a.above) > 0 {
			above = a.above[0].texts[0]
		}
		if a.labels[0].texts[0] != c.label || above != c.above {
			t.Errorf("%s: labels begin %q over %q, want %q over %q", c.name, a.labels[0].texts[0], above, c.label, c.above)
		}
	}
}

// A day with a change of clock has 23 or 25 hours, and every one of them a tick
// where a clock on the wall shows a full hour.
func TestTimeAxisChangeOfClock(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	for _, c := range []struct {
		name, day string
		shown     string
		long      time.Duration
	}{
		{"spring", "2026-03-29 00:00:00", "01 03 04 05", 23 * time.Hour},
		{"autumn", "2026-10-25 00:00:00", "01 02 02 03", 25 * time.Hour},
	} {
		from := at(t, z, c.day)
		to := from.AddDate(0, 0, 1)
		if to.Sub(from) != c.long {
			t.Fatalf("%s: the day has %v", c.name, to.Sub(from))
		}
		var shown []string
		bounds := step{unit: hours, n: 1}.bounds(from, to)
		for _, b := range bounds {
			shown = append(shown, b.Format("15"))
		}
		if got := strings.Join(shown[:4], " "); got != c.shown {
			t.Errorf("%s: hours %s, want %s", c.name, got, c.shown)
		}
		if want := int(c.long/time.Hour) - 1; len(bounds) != want {
			t.Errorf("%s: %d boundaries, want %d", c.name, len(bounds), want)
		}
		week := step{unit: days, n: 1}.bounds(from.AddDate(0, 0, -3), from.AddDate(0, 0, 4))
		if len(week) != 6 {
			t.Errorf("%s: %d midnights within a week, want 6", c.name, len(week))
		}
		for _, m := range week {
			if h, min, _ := m.Clock(); h != 0 || min != 0 {
				t.Errorf("%s: a midnight at %v", c.name, m)
			}
		}
		n := nights(from, to)
		if len(n) != 2 || n[0].To.Hour() != nightTo || n[1].From.Hour() != nightFrom {
			t.Errorf("%s: nights %v", c.name, n)
		}
	}
}

// Zones whose offsets are not whole hours have their full hours elsewhere.
func TestTimeAxisOddZones(t *testing.T) {
	for _, name := range []string{"Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "America/Sao_Paulo"} {
		z := zone(t, name)
		from := time.Date(2018, 11, 3, 0, 0, 0, 0, z)
		for _, s := range steps() {
			if s.unit > days {
				continue
			}
			for _, b := range s.bounds(from, from.Add(50*time.Duration(s.n)*time.Hour)) {
				if _, m, sec := b.Clock(); sec != 0 && s.unit > seconds || m != 0 && s.unit == hours {
					t.Errorf("%s: a boundary of %d %d at %v", name, s.n, s.unit, b)
				}
			}
			if s.unit < hours {
				break // the shorter ones are many and the same
			}
		}
	}
}

func TestWeekends(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	w := weekends(at(t, z, "2026-10-22 00:00:00"), at(t, z, "2026-11-01 12:00:00"))
	var got []string
	for _, s := range w {
		got = append(got, s.From.Format("Mon 2 15:04")+"–"+s.To.Format("Mon 2 15:04"))
	}
	if s := strings.Join(got, ", "); s != "Sat 24 00:00–Mon 26 00:00, Sat 31 00:00–Mon 2 00:00" {
		t.Errorf("weekends %s", s)
	}
}

func TestScales(t *testing.T) {
	for _, c := range []struct {
		top   float64
		n     int
		marks string
	}{
		{0, 5, "0.0 0.2 0.4 0.6 0.8 1.0"}, {1, 5, "0.0 0.2 0.4 0.6 0.8 1.0"}, {100, 5, "0 20 40 60 80 100"},
		{101, 5, "0 50 100 150"}, {234.6, 5, "0 50 100 150 200 250"}, {0.004, 2, "0.000 0.002 0.004"}, {12345, 3, "0 5\u2009000 10\u2009000 15\u2009000"},
		{13e6, 3, "0 5\u2009M 10\u2009M 15\u2009M"}, {130e3, 3, "0 50\u2009k 100\u2009k 150\u2009k"}, {2.4e9, 5, "0.0 0.5\u2009G 1.0\u2009G 1.5\u2009G 2.0\u2009G 2.5\u2009G"},
	} {
		s := newScale(c.top, c.n)
		if got := marks(s); got != c.marks {
			t.Errorf("scale to %v has %s, want %s", c.top, got, c.marks)
		}
	}
	for _, c := range []struct {
		top   float64
		marks string
	}{{0, "0 1"}, {1, "0 1"}, {45, "0 20 40"}, {50, "0 50"}, {97, "0 50"}, {99, "0 50 100"}, {0.3, "0.0 0.2"}} {
		s := tightScale(c.top)
		if got := marks(s); got != c.marks {
			t.Errorf("tight scale to %v has %s, want %s", c.top, got, c.marks)
		}
		if c.top > 0 && s.top != tightRoom*c.top {
			t.Errorf("tight scale to %v ends at %v", c.top, s.top)
		}
	}
	s := byteScale(3.5*1024*1024, 3, "/s")
	if got := marks(s); got != "0 2 4" || s.name != "MiB/s" {
		t.Errorf("bytes have %s %s", got, s.name)
	}
}

func marks(s scale) string {
	var out []string
	for _, v := range s.values() {
		out = append(out, s.label(v))
	}
	return strings.Join(out, " ")
}

// What is busy is of 100, and only what is above makes room for more.
func TestPercentScale(t *testing.T) {
	for _, c := range []struct {
		top   float64
		n     int
		marks string
	}{{0, 5, "0 20 40 60 80 100"}, {100, 5, "0 20 40 60 80 100"}, {100, 2, "0 50 100"}, {101.1, 5, "0 20 40 60 80 100"}, {116, 5, "0 50 100 150"}, {3, 3, "0 50 100"}} {
		if got := marks(percentScale(c.top, c.n)); got != c.marks {
			t.Errorf("to %v %% in %d steps: %s, want %s", c.top, c.n, got, c.marks)
		}
	}
}

// The figures of a row don't run into each other, however large.
func TestShortFits(t *testing.T) {
	f, err := draw.LoadFonts("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		v    float64
		n    int
		want string
	}{
		{13_081_681, 0, "13.1\u2009M"}, {960_000, 0, "960\u2009k"}, {999_700, 0, "1.00\u2009M"}, {99_999, 0, "99\u2009999"}, {3_795_926, 1, "3.80\u2009M"}, {1.5e13, 0, "15.0\u2009T"}, {nan, 0, "–"}, {0.25, 2, "0.25"},
	} {
		if got := short(c.v, c.n); got != c.want {
			t.Errorf("%v is %q, want %q", c.v, got, c.want)
		}
	}
	for v := 1.0; v < 1e18; v *= 1.3 {
		s := []stats{{v, v, v, v}, {1, 1, 1, 1}}
		for _, cell := range slices.Concat(figuresOf(s)...) {
			if w := f.Width(cell, draw.Regular(textSize)).Points(); w > cellStep-5 {
				t.Errorf("%q takes %.0f pixels of %d", cell, w, cellStep)
			}
		}
	}
}

func TestFigures(t *testing.T) {
	for _, c := range []struct {
		got, want string
	}{
		{number(1234567.891, 1), "1\u2009234\u2009567.9"}, {number(-1234, 0), "−1\u2009234"}, {number(nan, 2), "–"}, {number(999, 0), "999"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
