package render

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"lunstat/render/calendar"
	"lunstat/render/calendar/zonetest"
	"lunstat/render/facts"
)

// ordered fails where boundaries do not go forward within a range, or are more than
// the range can have.
func ordered(bounds []time.Time, from, to time.Time, most int) error {
	if len(bounds) > most {
		return fmt.Errorf("%d boundaries, want %d at most", len(bounds), most)
	}
	for i, b := range bounds {
		if !b.After(from) || !b.Before(to) || i > 0 && !b.After(bounds[i-1]) {
			return fmt.Errorf("boundary %d of %d is %s", i, len(bounds), b)
		}
	}
	return nil
}

// dayBegins are the instants at which the date changes for the first time.
func dayBegins(from, to time.Time) []time.Time {
	var out []time.Time
	y, m, d := from.Date()
	for n := -1; ; n++ {
		t := calendar.Midnight(y, m, d+n, from.Location())
		if !t.Before(to) {
			return out
		}
		if t.After(from) && !slices.ContainsFunc(out, t.Equal) {
			out = append(out, t)
		}
	}
}

// Every step goes forward over every change of clock that any zone has had or has
// coming, and misses no day.
func TestStepsInAllZones(t *testing.T) {
	long := map[unit]time.Duration{
		seconds: time.Minute, minutes: 2 * time.Hour, hours: 3 * 24 * time.Hour, days: 6 * 24 * time.Hour,
		weeks: 30 * 24 * time.Hour, months: 200 * 24 * time.Hour, years: 3 * 365 * 24 * time.Hour,
	}
	seen := zonetest.Seen{}
	for _, z := range zonetest.All(t) {
		for _, change := range zonetest.Changes(z, 1850, 2041) {
			again := map[unit]bool{}
			for u, around := range long {
				again[u] = seen.Again(change, around)
			}
			for _, s := range steps() {
				if again[s.unit] {
					continue
				}
				from, to := change.Add(-long[s.unit]), change.Add(long[s.unit])
				bounds := s.bounds(from, to)
				if err := ordered(bounds, from, to, int(2*long[s.unit]/s.long)+8); err != nil {
					t.Fatalf("%s %s, step of %d %d: %v", z, change, s.n, s.unit, err)
				}
				if s.unit == days || s.unit == hours {
					for _, b := range dayBegins(from, to) {
						if !slices.ContainsFunc(bounds, b.Equal) {
							t.Fatalf("%s %s, step of %d %d: no boundary at the day's beginning %s", z, change, s.n, s.unit, b)
						}
					}
				}
			}
		}
	}
}

// Every full hour that a clock shows has a boundary, both of two that look the same,
// and no boundary is anywhere else but where a day begins.
func TestHoursInAllZones(t *testing.T) {
	hour := step{hours, 1, time.Hour}
	seen := zonetest.Seen{}
	for _, z := range zonetest.All(t) {
		for _, change := range zonetest.Changes(z, 1850, 2041) {
			if seen.Again(change, 5*time.Hour) {
				continue
			}
			from, to := change.Add(-5*time.Hour), change.Add(5*time.Hour)
			var want []time.Time
			for wall := calendar.Wall(from).Truncate(time.Hour).Add(-24 * time.Hour); wall.Before(calendar.Wall(to).Add(24 * time.Hour)); wall = wall.Add(time.Hour) {
				for _, which := range []calendar.Which{calendar.First, calendar.Last} {
					at := calendar.At(wall, z, which)
					if at.After(from) && at.Before(to) && calendar.Wall(at).Equal(wall) {
						want = append(want, at)
					}
				}
			}
			want = merged(want, dayBegins(from, to))
			if got := hour.bounds(from, to); !slices.EqualFunc(got, want, time.Time.Equal) {
				t.Fatalf("%s %s: hours are %s, want %s", z, change, got, want)
			}
		}
	}
}

// Nights and weekends go forward, do not overlap, and are no longer than they may be.
func TestShadesInAllZones(t *testing.T) {
	seen := zonetest.Seen{}
	for _, z := range zonetest.All(t) {
		for _, change := range zonetest.Changes(z, 1850, 2041) {
			if seen.Again(change, 8*24*time.Hour) {
				continue
			}
			from, to := change.Add(-8*24*time.Hour), change.Add(8*24*time.Hour)
			for _, c := range []struct {
				shades []facts.Span
				least  int
				most   int
				long   time.Duration // with a day that comes twice
			}{{nights(from, to), 15, 18, 33 * time.Hour}, {weekends(from, to), 2, 4, 73 * time.Hour}} {
				if n := len(c.shades); n < c.least || n > c.most {
					t.Fatalf("%s %s: %d shades", z, change, n)
				}
				for i, s := range c.shades {
					if s.Long() <= 0 || s.Long() > c.long || i > 0 && s.From.Before(c.shades[i-1].To) {
						t.Fatalf("%s %s: shade %v", z, change, s)
					}
				}
			}
		}
	}
}

// Cells that are days, weeks, … enclose their range, go forward, and are never more
// than the picture can show: memory doesn't grow with the calendar.
func TestCellsInAllZones(t *testing.T) {
	for _, z := range zonetest.All(t) {
		for _, change := range zonetest.Changes(z, 1850, 2041) {
			for _, long := range []time.Duration{24 * time.Hour, 60 * 24 * time.Hour, 900 * 24 * time.Hour, 240 * 365 * 24 * time.Hour} {
				g := grid{change.Add(-long / 2), change.Add(long / 2), 120}
				c := newCells(g)
				if c.edges == nil {
					continue
				}
				if c.len() > g.n+2 || c.edges[0].After(g.from) || c.edges[c.len()].Before(g.to) || !slices.IsSortedFunc(c.edges, time.Time.Compare) {
					t.Fatalf("%s %s: %d cells from %s to %s", z, change, c.len(), c.edges[0], c.edges[c.len()])
				}
				if long > 365*24*time.Hour {
					break // the same around every change
				}
			}
		}
	}
}

// A range in whose days there is one without a midnight, or that is not at all, is
// drawn as any other, and counted in days.
func TestReportOverDaysWithoutMidnight(t *testing.T) {
	for _, c := range []struct{ zone, monday string }{
		{"Atlantic/Azores", "2026-03-23"}, {"America/Havana", "2026-03-02"}, {"America/Santiago", "2026-08-31"},
		{"America/Sao_Paulo", "2018-10-29"}, {"Pacific/Apia", "2011-12-26"}, {"Africa/Cairo", "2026-04-20"},
	} {
		z := zone(t, c.zone)
		begin, err := time.Parse(time.DateOnly, c.monday)
		if err != nil {
			t.Fatal(err)
		}
		from, to := calendar.At(begin, z, calendar.First), calendar.At(begin.AddDate(0, 0, 7), z, calendar.First)
		m := made{luns: madeLUNs(1), start: from, every: 15 * time.Minute, n: int(to.Sub(from) / (15 * time.Minute)), space: func(int, int) int { return 500 }}
		for _, r := range []facts.Span{{From: from, To: to}, {From: to.Add(-36 * time.Hour), To: to}, {From: from.AddDate(0, -8, 0), To: to}, {From: from.AddDate(-9, 0, 0), To: to}} {
			files(t, m.source(), Options{From: r.From, To: r.To, Zone: z, Width: LeastWidth})
		}
		d := &data{opt: Options{Zone: z}}
		want := "7 days less an hour"
		if c.zone == "Pacific/Apia" { // a whole day was left out
			want = "7 days"
		}
		if got := d.days(from, to); got != want {
			t.Errorf("%s: the week is %q", c.zone, got)
		}
	}
}
