package render

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/render/draw"
	"lunstat/render/facts"
)

// troubled is a week in which every third LUN is slow from eight o'clock on, the first one
// stalls, one goes and one comes, and the collector does not run on Saturday.
func troubled(n int, from time.Time) *memory {
	every := 15 * time.Minute
	m := made{luns: madeLUNs(n), start: from, every: every, n: 7 * 96, ios: wave(every)}
	m.space = func(l, i int) int { return min(1000, 300+l*660/n+i/500*45) }
	m.skip = func(i int) bool { return i >= 500 && i < 590 }
	src := m.source()
	key := func(l int) series.Key { return series.Key{ID: m.luns[l].ID, Host: "box", Source: series.SourceHost} }
	for l := 0; l < n; l += 3 {
		list := src.intervals[key(l)]
		for i := range list {
			iv := &list[i]
			if at := iv.End.Sub(from) % (24 * time.Hour); at > 8*time.Hour && at <= time.Duration(12+l%5)*time.Hour {
				iv.Set(series.SlowMS, iv.ElapsedMS)
				iv.Set(series.ReadMS, iv.Value(series.ReadMS)*uint64(4+l%50))
			}
			if l == 0 && i > 300 && i < 306 {
				iv.Quality |= series.Stalled
			}
		}
	}
	if n > 2 {
		src.intervals[key(1)] = src.intervals[key(1)][:300]
		src.intervals[key(2)] = src.intervals[key(2)][200:]
	}
	return src
}

func roleLimits() map[string]time.Duration {
	ms := time.Millisecond
	return map[string]time.Duration{"mysql": 20 * ms, "redo": 10 * ms, "primary": 30 * ms, "index": 30 * ms, "backup": 100 * ms, "default": 50 * ms}
}

// TestWeekGolden compares the strip with one that a person found good.
func TestWeekGolden(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	from := time.Date(2026, 10, 19, 0, 0, 0, 0, z) // the clocks change within
	f, err := draw.LoadFonts("")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []hard{manyEvery(500, time.Hour), allSlowEvery(200, time.Hour)} {
		var b strings.Builder
		if _, err := drawWeek(h.gathered(t), medium{fonts: f}).WriteTo(&b); err != nil || b.Len() > 60_000 {
			t.Errorf("%d LUNs: %d bytes, %v", len(h.entries), b.Len(), err)
		}
	}
	for _, n := range []int{14, 60} {
		o := Options{From: from, To: from.AddDate(0, 0, 7), Zone: z, Limits: roleLimits()}
		d, err := gather(context.Background(), troubled(n, from), o.withDefaults())
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if _, err := drawWeek(d, medium{fonts: f}).WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		if b.Len() > 60_000 {
			t.Errorf("%d LUNs: %d bytes", n, b.Len())
		}
		compare(t, filepath.Join("testdata", map[int]string{14: "week.png", 60: "week-60.png"}[n]), []byte(b.String()))
	}
}

// TestHourColumns: hours of a week, 169 where the clocks are set back and 167 where they
// are set forward; finer below two days, days and weeks of what is longer.
func TestHourColumns(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	day := func(month time.Month, d int) time.Time { return time.Date(2026, month, d, 0, 0, 0, 0, z) }
	quarter := 15 * time.Minute
	for _, c := range []struct {
		from, to time.Time
		width    time.Duration
		n        int
		each     string
	}{
		{day(11, 2), day(11, 9), quarter, 168, "hour"},
		{day(10, 19), day(10, 26), quarter, 169, "hour"},
		{day(3, 23), day(3, 30), quarter, 167, "hour"},
		{day(11, 2), day(11, 3), quarter, 96, "15 minutes"},
		{day(11, 2), day(11, 2).Add(6 * time.Hour), 0, 180, "2 minutes"},
		{day(11, 2), day(11, 2).Add(20 * time.Minute), 0, 20, "minute"},
		{day(11, 2), day(12, 7), quarter, 140, "6 hours"},
		{day(11, 2).Add(-4 * time.Minute), day(11, 9).Add(-4 * time.Minute), quarter, 168, "hour"}, // no bin has its middle in four minutes
		{day(11, 2).Add(4 * time.Minute), day(11, 9).Add(4 * time.Minute), quarter, 168, "hour"},
		{day(11, 2).Add(-15 * time.Minute), day(11, 9).Add(-15 * time.Minute), quarter, 169, "hour"},
		{day(1, 1), day(12, 31).AddDate(0, 0, 1), quarter, 53, "week"},
		{day(1, 1), time.Date(2036, 1, 1, 0, 0, 0, 0, z), time.Hour, 120, "month"},
	} {
		got := newHourColumns(c.from, c.to, c.width)
		if got.n() != c.n || got.each() != c.each {
			t.Errorf("%v to %v: %d columns of a %s, want %d of a %s", c.from, c.to, got.n(), got.each(), c.n, c.each)
		}
		if !slices.IsSortedFunc(got.edges, time.Time.Compare) {
			t.Errorf("%v to %v: edges out of order", c.from, c.to)
		}
	}
}

// A column has its worst minute; slow time makes it 1 at least, and without any it stays
// below. Where something was done and no await is known, neither is the colour.
func TestStripCells(t *testing.T) {
	columns := newHourColumns(monday, monday.AddDate(0, 0, 7), 15*time.Minute)
	interval := func(at time.Duration, ios, ms, slow uint64) series.Interval {
		i := series.Interval{End: monday.Add(at), ElapsedMS: 60_000, SpanMS: 60_000}
		i.Set(series.ReadIOs, ios)
		i.Set(series.ReadMS, ms*ios)
		i.Set(series.SlowMS, slow)
		return i
	}
	unknown := interval(30*time.Minute, 50, 5, 0)
	unknown.Drop(series.ReadMS)
	long := interval(30*time.Minute, 50, 500, 0)
	long.Quality |= series.Long
	plain := interval(30*time.Minute, 50, 30, 0)
	plain.Drop(series.SlowMS)
	for _, c := range []struct {
		name string
		in   []series.Interval
		want float64
	}{
		{"worst of two", []series.Interval{interval(10*time.Minute, 50, 15, 0), interval(20*time.Minute, 50, 115, 60_000)}, 5.75},
		{"few I/Os, slow", []series.Interval{interval(time.Minute, 2, 25, 60_000), interval(2*time.Minute, 50, 2, 0)}, 1.25},
		{"limit was lower that day", []series.Interval{interval(time.Minute, 50, 15, 60_000)}, 1},
		{"limit was higher that day", []series.Interval{interval(time.Minute, 50, 45, 0)}, justBelow},
		{"no slow_ms", []series.Interval{plain}, 1.5},
		{"idle", []series.Interval{interval(time.Minute, 0, 0, 0)}, 0},
		{"await not known", []series.Interval{unknown}, math.NaN()},
		{"long", []series.Interval{long}, math.NaN()},
		{"none", nil, math.NaN()},
		{"the next hour's", []series.Interval{interval(61*time.Minute, 50, 500, 60_000)}, math.NaN()},
	} {
		cells := newStripCells(columns.n())
		for i := range c.in {
			cells.add(&columns, 20*time.Millisecond, &c.in[i])
		}
		if got := float64(cells[0]); math.Abs(got-c.want) > 1e-6 || math.IsNaN(got) != math.IsNaN(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// An old range of some hours is known by bins that are wider than its columns: each bin
// is in all of them.
func TestStripOfOldHours(t *testing.T) {
	columns := newHourColumns(monday, monday.Add(6*time.Hour), 0)
	cells := newStripCells(columns.n())
	for b := range 24 {
		i := series.Interval{End: monday.Add(time.Duration(b+1) * 15 * time.Minute), ElapsedMS: 900_000, SpanMS: 900_000}
		i.Set(series.ReadIOs, 50)
		i.Set(series.ReadMS, 50*20*uint64(b+1))
		cells.add(&columns, 20*time.Millisecond, &i)
	}
	for at, v := range cells {
		middle := columns.edges[at].Add(time.Minute).Sub(monday)
		if want := float32(middle/(15*time.Minute) + 1); v != want && middle%(15*time.Minute) > 0 {
			t.Errorf("column %d, %v: %v, want %v", at, middle, v, want)
		}
	}
}

func TestVerdict(t *testing.T) {
	from := monday
	week := Options{From: from, To: from.AddDate(0, 0, 7), Limits: roleLimits()}
	quiet := made{luns: madeLUNs(3), start: from, every: 15 * time.Minute, n: 7 * 96, space: func(l, _ int) int { return 500 + l }}
	holed := quiet
	holed.skip = func(i int) bool { return i >= 100 && i < 140 }
	silent := quiet.source()
	for k := range silent.intervals {
		for i := range silent.intervals[k] {
			silent.intervals[k][i].Drop(series.SlowMS)
		}
	}
	for _, c := range []struct {
		name  string
		src   *memory
		title string
		lines []string
	}{
		{"quiet", quiet.source(), "No LUN was slow, stalled or full", []string{
			"The busiest hour: Sunday 0:00 to 1:00, 0.6 IOPS in all.", "The fullest: secondary 2, 51 %.", "The data is complete."}},
		{"a hole", holed.source(), "No trouble in what is known", []string{
			"The busiest hour: Sunday 0:00 to 1:00, 0.6 IOPS in all.", "The fullest: secondary 2, 51 %.",
			"Data for 94.0 % of it: no data for 10 h since Tue 01:00: collector not run."}},
		{"no I/O", made{luns: madeLUNs(3), start: from, every: 15 * time.Minute, n: 7 * 96, ios: func(int, int) uint64 { return 0 }}.source(),
			"No LUN was slow, stalled or full", []string{"There was no I/O.", "The data is complete."}},
		{"slow time not known", silent, "No trouble in what is known", []string{
			"Not of all LUNs it is known how slow they were.", "The busiest hour: Sunday 0:00 to 1:00, 0.6 IOPS in all.",
			"The fullest: secondary 2, 51 %.", "The data is complete."}},
	} {
		d := gathered(t, c.src, week)
		v := d.verdict(d.weekRows())
		if v.title != c.title || !slices.Equal(v.lines, c.lines) || v.alarm {
			t.Errorf("%s: %q %q", c.name, v.title, v.lines)
		}
	}
}

// A range without data isn't called quiet.
func TestVerdictOfNothing(t *testing.T) {
	h := gapDay()
	d := gathered(t, h.memory, h.Options)
	if v := d.verdict(d.weekRows()); v.title != "Nothing is known of I/O" || !v.alarm {
		t.Errorf("%+v", v)
	}
}

// The headline says what is wrong clause by clause, and what to type.
func TestVerdictSays(t *testing.T) {
	d := gathered(t, slowSource("MySQL data", "box"), Options{From: monday, To: monday.Add(10 * time.Hour)})
	v := d.verdict(d.weekRows())
	if v.title != "MySQL data" || len(v.says) < 2 || !strings.HasPrefix(v.says[0], "slow for 10 h since ") || !strings.HasPrefix(v.says[1], "worst ") || !strings.HasPrefix(v.next, "lunstat lookup ") {
		t.Errorf("%+v", v)
	}
}

// What is a finding has a sign: a filesystem from the share on from which it is nearly full.
func TestFullBars(t *testing.T) {
	m := made{luns: madeLUNs(3), start: monday, every: 15 * time.Minute, n: 7 * 96, space: func(l, _ int) int { return []int{890, 891, 1000}[l] }}
	d := gathered(t, m.source(), Options{From: monday, To: monday.AddDate(0, 0, 7), Limits: roleLimits()})
	for i, want := range [][2]int{{0, 0}, {1, 0}, {0, 1}} {
		nearly, full := d.fullBars(d.luns[i])
		if len(nearly) != want[0] || len(full) != want[1] {
			t.Errorf("%s: %v %v", d.luns[i].title, nearly, full)
		}
	}
}

// A filesystem that was nearly full has a sign, and then the words don't only say that the
// other LUNs kept their limits.
func TestNearlyFullForAWhile(t *testing.T) {
	for _, c := range []struct {
		filled int // so many LUNs were, for half a day
		want   string
	}{
		{0, "The other 3 LUNs kept their limits."},
		{1, "The other 3 LUNs kept their limits. mysql 0 was nearly full for a while."},
		{2, "The other 3 LUNs kept their limits. 2 filesystems were nearly full for a while."},
	} {
		m := made{luns: madeLUNs(3), start: monday, every: 15 * time.Minute, n: 7 * 96, space: func(l, i int) int {
			if l < c.filled && i >= 96 && i < 144 {
				return 920
			}
			return 500
		}}
		d := gathered(t, m.source(), Options{From: monday, To: monday.AddDate(0, 0, 7), Limits: roleLimits()})
		if got := d.others(facts.Finding{}, d.weekRows()); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// A row without a limit isn't one whose await is not known.
func TestNoLimit(t *testing.T) {
	limits := map[string]time.Duration{"mysql": 20 * time.Millisecond}
	d := gathered(t, made{luns: madeLUNs(2), start: monday, every: 15 * time.Minute, n: 7 * 96}.source(), Options{From: monday, To: monday.AddDate(0, 0, 7), Limits: limits})
	s := &strip{chart: &chart{d: d}, rows: d.weekRows()}
	if got := s.whyHatched(); got != causeNoLimit {
		t.Errorf("%q", got)
	}
}

// What is not known is not all well, and the worst row gives the headline.
func TestWeekRows(t *testing.T) {
	week := Options{From: monday, To: monday.AddDate(0, 0, 7), Limits: roleLimits()}
	d := gathered(t, troubled(60, monday), week)
	rows := d.weekRows()
	shown, troubledRows, quiet := foldRows(rows)
	if len(shown) < 20 || len(troubledRows) != 0 || len(shown)+len(quiet) != 60 {
		t.Errorf("%d rows shown, %d in trouble and %d quiet folded", len(shown), len(troubledRows), len(quiet))
	}
	for i, r := range rows[1:] {
		if r.weight > rows[i].weight {
			t.Errorf("row %d is worse than the one before", i+1)
		}
	}
	v := d.verdict(rows)
	if v.title != rows[0].title || !v.alarm || !strings.Contains(v.lines[0], "Also: ") {
		t.Errorf("%q, first row %q: %q", v.title, rows[0].title, v.lines)
	}
	if words := foldedWords(nil, quiet); len(words) != 1 || !strings.HasSuffix(words[0], "kept their limits, as far as there is data") {
		t.Errorf("%q", words)
	}
}

// A LUN that went away is gone since then, whatever its host missed later; its row says
// so and not that the collector didn't run.
func TestGoneBeforeAnOutage(t *testing.T) {
	d := gathered(t, troubled(14, monday), Options{From: monday, To: monday.AddDate(0, 0, 7), Limits: roleLimits()})
	i := slices.IndexFunc(d.luns, func(l *lun) bool { return l.title == "primary 1" })
	if since := d.goneSince(d.luns[i]); !since.Equal(monday.Add(300 * 15 * time.Minute)) {
		t.Errorf("gone since %v", since)
	}
}

// No headline is cut, however long its words are.
func TestWrap(t *testing.T) {
	f, err := draw.LoadFonts("")
	if err != nil {
		t.Fatal(err)
	}
	ch := &chart{fonts: f, theme: paper()}
	st := ch.bold(weekTitle, ch.ink)
	for _, txt := range []string{
		"Redo log of zimbra1", strings.Repeat("a long name ", 20), strings.Repeat("unbroken", 40), "字" + strings.Repeat("字", 90), "",
	} {
		lines := ch.wrap(txt, 500, st)
		for _, l := range lines {
			if w := ch.wide(l, st); w > 500 {
				t.Errorf("%q is %v wide", l, w)
			}
		}
		if got := strings.ReplaceAll(strings.Join(lines, ""), " ", ""); got != strings.ReplaceAll(txt, " ", "") {
			t.Errorf("%q became %q", txt, lines)
		}
	}
}

// A figure stays with its unit.
func TestUnbroken(t *testing.T) {
	got := unbroken("worst 55 ms on Tue 17:00, 5.5 × its limit of 10 ms on 2 of 3 paths")
	if want := strings.Split("worst|55 ms|on|Tue|17:00,|5.5 ×|its|limit|of|10 ms|on|2 of|3 paths", "|"); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestWeekWhen(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	at := func(year, month, day, hour int) time.Time {
		return time.Date(year, time.Month(month), day, hour, 0, 0, 0, z)
	}
	for _, c := range []struct {
		from, to time.Time
		want     string
	}{
		{at(2026, 11, 23, 0), at(2026, 11, 30, 0), "Week 48 of 2026: Mon 23 Nov to Sun 29 Nov 2026, Europe/Berlin"},
		{at(2026, 10, 19, 0), at(2026, 10, 26, 0), "Week 43 of 2026: Mon 19 Oct to Sun 25 Oct 2026, Europe/Berlin"},
		{at(2026, 11, 22, 7), at(2026, 11, 29, 7), "Sun 22 Nov 07:00 to Sun 29 Nov 2026 07:00, Europe/Berlin"},
		{at(2026, 11, 23, 0), at(2026, 11, 24, 0), "Mon 23 Nov 2026, Europe/Berlin"},
		{at(2026, 11, 23, 7), at(2026, 11, 23, 13), "Mon 23 Nov 2026 07:00 to 13:00, Europe/Berlin"},
		{at(2026, 11, 23, 7), at(2026, 11, 23, 7).Add(9 * time.Second), "Mon 23 Nov 2026 07:00:00 to 07:00:09, Europe/Berlin"},
		{at(2025, 10, 19, 0), at(2026, 10, 19, 0), "Sun 19 Oct 2025 to Sun 18 Oct 2026, Europe/Berlin"},
	} {
		d := &data{opt: Options{Zone: z}, Span: facts.Span{From: c.from, To: c.to}, now: c.to}
		if got := d.weekWhen(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
