package when

import (
	"strings"
	"testing"
	"time"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// instant reads a time with its offset.
func instant(t testing.TB, s string) time.Time {
	t.Helper()
	i, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestRange(t *testing.T) {
	for _, tt := range []struct {
		zone, now            string
		last, week, from, to string
		begin, end           string
	}{
		// Plain days.
		{"Europe/Berlin", "2026-11-18T14:30:00+01:00", "7d", "", "", "", "2026-11-11T14:30:00+01:00", "2026-11-18T14:30:00+01:00"},
		{"Europe/Berlin", "2026-11-18T14:30:00+01:00", "5w", "", "", "", "2026-10-14T14:30:00+02:00", "2026-11-18T14:30:00+01:00"},
		{"Europe/Berlin", "2026-11-18T14:30:00+01:00", "90m", "", "", "", "2026-11-18T13:00:00+01:00", "2026-11-18T14:30:00+01:00"},
		{"Europe/Berlin", "2026-11-18T14:30:00+01:00", "30s", "", "", "", "2026-11-18T14:29:30+01:00", "2026-11-18T14:30:00+01:00"},
		{"Europe/Berlin", "2026-11-18T14:30:00+01:00", "", "", "yesterday", "", "2026-11-17T00:00:00+01:00", "2026-11-18T14:30:00+01:00"},
		{"Europe/Berlin", "2026-11-18T14:30:00+01:00", "", "", "yesterday", "yesterday", "2026-11-17T00:00:00+01:00", "2026-11-18T00:00:00+01:00"},
		{"Europe/Berlin", "2026-11-18T14:30:00+01:00", "", "", "today", "now", "2026-11-18T00:00:00+01:00", "2026-11-18T14:30:00+01:00"},
		{"Europe/Berlin", "2026-11-18T14:30:00+01:00", "", "", "-5w", "-1w", "2026-10-14T14:30:00+02:00", "2026-11-11T14:30:00+01:00"},
		{"Europe/Berlin", "2026-11-18T14:30:00+01:00", "", "", "08:15", "09:00:30", "2026-11-18T08:15:00+01:00", "2026-11-18T09:00:30+01:00"},
		{"Europe/Berlin", "2026-11-18T14:30:00+01:00", "", "", "2026-11-01", "2026-11-07", "2026-11-01T00:00:00+01:00", "2026-11-08T00:00:00+01:00"},
		{"Europe/Berlin", "2026-11-18T14:30:00+01:00", "", "", "2026-11-01 08:30", "2026-11-01T08:30:15", "2026-11-01T08:30:00+01:00", "2026-11-01T08:30:15+01:00"},
		{"Europe/Berlin", "2026-11-18T14:30:00+01:00", "", "", "2026-11-01T08:30:00Z", "2026-11-01T12:30:00+02:00", "2026-11-01T08:30:00Z", "2026-11-01T10:30:00Z"},
		{"UTC", "2024-03-01T00:10:00Z", "", "", "yesterday", "yesterday", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"},
		// "today" is the zone's, not UTC's.
		{"Asia/Tokyo", "2026-11-18T20:00:00Z", "", "", "today", "", "2026-11-18T15:00:00Z", "2026-11-18T20:00:00Z"},

		// Days of 25 and 23 hours.
		{"Europe/Berlin", "2026-10-25T12:00:00+01:00", "1d", "", "", "", "2026-10-24T12:00:00+02:00", "2026-10-25T12:00:00+01:00"},
		{"Europe/Berlin", "2026-10-25T12:00:00+01:00", "24h", "", "", "", "2026-10-24T13:00:00+02:00", "2026-10-25T12:00:00+01:00"},
		{"Europe/Berlin", "2026-10-25T12:00:00+01:00", "", "", "2026-10-25", "2026-10-25", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"Europe/Berlin", "2026-03-29T12:00:00+02:00", "", "", "2026-03-29", "2026-03-29", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		// An hour that comes twice: from its first beginning to its second.
		{"Europe/Berlin", "2026-10-25T12:00:00+01:00", "", "", "2026-10-25 02:30", "2026-10-25 02:30", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"},
		// An hour that is left out: the leap.
		{"Europe/Berlin", "2026-03-29T12:00:00+02:00", "", "", "2026-03-29 02:30", "2026-03-29 03:30", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"},
		{"Australia/Lord_Howe", "2026-10-05T12:00:00+11:00", "", "", "2026-10-04 02:10", "", "2026-10-04T02:30:00+11:00", "2026-10-05T12:00:00+11:00"},
		// Midnight left out (Beirut), and there twice (Havana).
		{"Asia/Beirut", "2026-04-01T12:00:00+03:00", "", "", "2026-03-29", "2026-03-29", "2026-03-29T01:00:00+03:00", "2026-03-30T00:00:00+03:00"},
		{"America/Havana", "2026-11-02T12:00:00-05:00", "", "", "2026-11-01", "2026-11-01", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"},
		{"America/Havana", "2026-11-02T12:00:00-05:00", "", "", "2026-10-31", "2026-10-31", "2026-10-31T00:00:00-04:00", "2026-11-01T00:00:00-04:00"},
		// A day left out (Samoa).
		{"Pacific/Apia", "2012-01-02T12:00:00+14:00", "", "", "2011-12-29", "2011-12-31", "2011-12-29T00:00:00-10:00", "2012-01-01T00:00:00+14:00"},
		{"Pacific/Apia", "2012-01-02T12:00:00+14:00", "", "", "2011-12-30", "2011-12-31", "2011-12-31T00:00:00+14:00", "2012-01-01T00:00:00+14:00"},

		// Weeks.
		{"Europe/Berlin", "2026-11-18T14:30:00+01:00", "", "2026-W47", "", "", "2026-11-16T00:00:00+01:00", "2026-11-23T00:00:00+01:00"},
		{"Europe/Berlin", "2026-11-18T14:30:00+01:00", "", "2026-w43", "", "", "2026-10-19T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"UTC", "2026-11-18T14:30:00Z", "", "2026-W01", "", "", "2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z"},
		{"UTC", "2026-11-18T14:30:00Z", "", "2026-W53", "", "", "2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z"},
		{"UTC", "2026-11-18T14:30:00Z", "", "2009-W53", "", "", "2009-12-28T00:00:00Z", "2010-01-04T00:00:00Z"},
		{"UTC", "2026-11-18T14:30:00Z", "", "2027-W01", "", "", "2027-01-04T00:00:00Z", "2027-01-11T00:00:00Z"},
	} {
		name := strings.Join([]string{tt.zone, tt.last, tt.week, tt.from, tt.to}, " ")
		begin, end, err := Range{tt.last, tt.week, tt.from, tt.to}.Ends(instant(t, tt.now), zone(t, tt.zone))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !begin.Equal(instant(t, tt.begin)) || !end.Equal(instant(t, tt.end)) {
			t.Errorf("%s: %s to %s, want %s to %s", name, begin.Format(time.RFC3339), end.Format(time.RFC3339), tt.begin, tt.end)
		}
	}
}

func TestRangeMistakes(t *testing.T) {
	now := instant(t, "2026-11-18T14:30:00Z")
	for _, tt := range []struct{ last, week, from, to, want string }{
		{"", "", "", "", "a range is one of --last 7d, --week 2026-W47, --from TIME [--to TIME]"},
		{"7d", "2026-W47", "", "", "a range is one of"},
		{"7d", "", "today", "", "a range is one of"},
		{"", "2026-W47", "", "today", "a range is one of"},
		{"", "", "", "today", "--to without --from"},
		{"7", "", "", "", "must be a number and a unit"},
		{"0d", "", "", "", "must be more than 0"},
		{"-7d", "", "", "", "must be a number and a unit"},
		{"0s", "", "", "", "must be more than 0"},
		{"99999w", "", "", "", "must be less than 100 years"},
		{"999999999w", "", "", "", "must be less than 100 years"},
		{"d", "", "", "", "must be a number and a unit"},
		{"", "2026-W54", "", "", `2026 has no week "54"`},
		{"", "2027-W53", "", "", `2027 has no week "53"`},
		{"", "2026-W00", "", "", `2026 has no week "00"`},
		{"", "2026-47", "", "", "write the year and the ISO week, like 2026-W47"},
		{"", "W47", "", "", "write the year and the ISO week"},
		{"", "2026-W4 ", "", "", "write the year and the ISO week"},
		{"", "", "2026-02-30", "", "is no time"},
		{"", "", "last tuesday", "", "is no time: write 2026-11-16"},
		{"", "", "25:00", "", "is no time"},
		{"", "", "9999-01-01", "", "more than 100 years off"},
		{"", "", "today", "yesterday", "ends (2026-11-18 00:00:00 UTC) before it begins (2026-11-18 00:00:00 UTC)"},
		{"", "", "2026-11-19", "", "before it begins"},
		{"", "", "now", "-1h", "before it begins"},
	} {
		_, _, err := Range{tt.last, tt.week, tt.from, tt.to}.Ends(now, time.UTC)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

func TestMoment(t *testing.T) {
	now := instant(t, "2026-11-18T14:30:00+01:00")
	berlin := zone(t, "Europe/Berlin")
	for s, want := range map[string]string{
		"2009-10-02 03:00": "2009-10-02T03:00:00+02:00",
		"2009-10-02":       "2009-10-02T00:00:00+02:00",
		"yesterday":        "2026-11-17T00:00:00+01:00",
		"now":              "2026-11-18T14:30:00+01:00",
		"-2d":              "2026-11-16T14:30:00+01:00",
	} {
		if got, err := Moment(now, berlin, s); err != nil || !got.Equal(instant(t, want)) {
			t.Errorf("%q is %v (%v), want %s", s, got, err, want)
		}
	}
}

func FuzzRange(f *testing.F) {
	f.Add("7d", "", "", "", int64(1795000000))
	f.Add("", "2026-W47", "", "", int64(1795000000))
	f.Add("", "", "2026-10-25 02:30", "2026-10-25", int64(1795000000))
	f.Add("", "", "-5w", "yesterday", int64(0))
	berlin := zone(f, "Europe/Berlin")
	f.Fuzz(func(t *testing.T, last, week, from, to string, sec int64) {
		now := time.Unix(sec%(200*366*86400), 0)
		begin, end, err := Range{last, week, from, to}.Ends(now, berlin)
		if err != nil {
			return
		}
		if !begin.Before(end) || end.Sub(begin) > 2*maxYears*367*Day {
			t.Errorf("%q %q %q %q: from %v to %v", last, week, from, to, begin, end)
		}
	})
}
