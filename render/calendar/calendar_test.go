package calendar_test

import (
	"fmt"
	"testing"
	"time"

	"lunstat/render/calendar"
	"lunstat/render/calendar/zonetest"
)

// nearby is where around a change of clock a mistake would show.
func nearby() []time.Duration {
	return []time.Duration{
		-25 * time.Hour, -24 * time.Hour, -61 * time.Minute, -time.Hour, -29 * time.Minute, -time.Second,
		0, time.Second, 31 * time.Minute, time.Hour, 61 * time.Minute, 24 * time.Hour, 25 * time.Hour,
	}
}

// Whatever a clock shows at some instant leads back to an instant that shows the
// same: in all zones, around all of their changes.
func TestAtShowsWhatIsAsked(t *testing.T) {
	for _, z := range zonetest.All(t) {
		for _, change := range zonetest.Changes(z, 1830, 2044) {
			for _, off := range nearby() {
				i := change.Add(off)
				wall := calendar.Wall(i)
				a, b := calendar.At(wall, z, calendar.First), calendar.At(wall, z, calendar.Last)
				if !calendar.Wall(a).Equal(wall) || !calendar.Wall(b).Equal(wall) || a.After(i) || b.Before(i) {
					t.Fatalf("%s shows %s at %s; read back: %s and %s", z, wall.Format(time.DateTime), i.Format(time.RFC3339), a, b)
				}
			}
		}
	}
}

// A time that the clocks leap over is the instant of the leap, and what Midnight
// gives is the first instant that has the date, in all zones.
func TestMidnightIsTheFirstInstantOfItsDay(t *testing.T) {
	for _, z := range zonetest.All(t) {
		for _, change := range zonetest.Changes(z, 1830, 2044) {
			y, m, d := change.Add(-48 * time.Hour).Date()
			before := calendar.Midnight(y, m, d, z)
			for n := 1; n <= 4; n++ {
				at := calendar.Midnight(y, m, d+n, z)
				date := time.Date(y, m, d+n, 0, 0, 0, 0, time.UTC)
				if at.Before(before) {
					t.Fatalf("%s: %s begins before the day before it", z, date.Format(time.DateOnly))
				}
				if wall := calendar.Wall(at); wall.Before(date) || !calendar.Wall(at.Add(-time.Nanosecond)).Before(date) {
					t.Fatalf("%s: %s begins at %s, where the clock shows %s", z, date.Format(time.DateOnly), at, wall)
				}
				before = at
			}
		}
	}
}

func TestAt(t *testing.T) {
	for _, c := range []struct{ zone, wall, first, last string }{
		{"Atlantic/Azores", "2026-03-29 00:00:00", "2026-03-29T01:00:00Z", ""}, // leaps to 1:00
		{"Atlantic/Azores", "2026-03-29 00:40:00", "2026-03-29T01:00:00Z", ""},
		{"America/Havana", "2026-03-08 00:00:00", "2026-03-08T05:00:00Z", ""},
		{"America/Havana", "2026-11-01 00:00:00", "2026-11-01T04:00:00Z", "2026-11-01T05:00:00Z"}, // twice
		{"America/Sao_Paulo", "2018-02-18 00:00:00", "2018-02-18T03:00:00Z", ""},                  // 23:00 comes twice, midnight once
		{"Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30T10:00:00Z", ""},                       // a day that isn't
		{"Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		{"Africa/Monrovia", "1970-05-01 00:00:00", "1970-05-01T00:44:30Z", ""},
		{"Etc/GMT+12", "2026-05-01 00:00:00", "2026-05-01T12:00:00Z", ""},
	} {
		z, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		wall, err := time.Parse(time.DateTime, c.wall)
		if err != nil {
			t.Fatal(err)
		}
		if c.last == "" {
			c.last = c.first
		}
		got := fmt.Sprint(calendar.At(wall, z, calendar.First).UTC().Format(time.RFC3339), " ", calendar.At(wall, z, calendar.Last).UTC().Format(time.RFC3339))
		if got != c.first+" "+c.last {
			t.Errorf("%s %s is %s, want %s %s", c.zone, c.wall, got, c.first, c.last)
		}
	}
}

func TestBegins(t *testing.T) {
	z, err := time.LoadLocation("Atlantic/Azores")
	if err != nil {
		t.Fatal(err)
	}
	leap := time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC).In(z)
	if !calendar.Begins(leap) || calendar.Begins(leap.Add(time.Hour)) {
		t.Error("the day of the leap begins where the clock leaps over midnight, and there only")
	}
	twice := time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC).In(z)
	if !calendar.Begins(twice) || calendar.Begins(twice.Add(time.Hour)) {
		t.Error("a day whose midnight comes twice begins at the first")
	}
}

// Until goes forward from everywhere, the last day of a leap year included, and no
// offset changes before it.
func TestUntilGoesForward(t *testing.T) {
	for _, z := range zonetest.All(t) {
		for year := 2020; year < 2050; year++ {
			for _, at := range []time.Time{
				time.Date(year, 12, 30, 20, 0, 0, 0, time.UTC).In(z), time.Date(year, 12, 31, 0, 0, 0, 0, z),
				time.Date(year, 12, 31, 23, 59, 59, 0, z), time.Date(year, 12, 31, 12, 0, 0, 0, time.UTC).In(z),
			} {
				end := calendar.Until(at)
				if end.IsZero() {
					continue
				}
				_, a := at.Zone()
				if _, b := end.Add(-time.Second).Zone(); !end.After(at) || a != b {
					t.Fatalf("%s keeps its offset of %s until %s", z, at, end)
				}
			}
		}
	}
}
