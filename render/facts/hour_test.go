package facts

import (
	"testing"
	"time"

	"lunstat/render/calendar/zonetest"
)

// An hour begins at the first moment that has its number, in all zones and around all
// changes of their clocks.
func TestHoursBegin(t *testing.T) {
	for _, z := range zonetest.All(t) {
		for _, change := range zonetest.Changes(z, 1970, 2041) {
			if change.Year() < 2005 && change.Year()%7 != 0 {
				continue // the same rules mostly
			}
			from := change.Add(-30 * time.Hour).Truncate(time.Hour)
			last := hourOf(from, z)
			for at := from; at.Before(change.Add(30 * time.Hour)); at = at.Add(time.Hour) {
				hour := hourOf(at, z)
				if hour <= last {
					continue
				}
				for n := last + 1; n <= hour; n++ { // those that the zone leaps over too
					if got := hourBegins(n, z); !got.Equal(at) {
						t.Fatalf("%s: hour %d begins at %s, want %s", z, n, got, at.In(z))
					}
				}
				last = hour
			}
		}
	}
}

// The hours of a tail are those of the clock on the wall, also next to an hour that it
// shows twice, at midnight, and in zones that are off by half an hour.
func TestTailHours(t *testing.T) {
	for _, tt := range []struct{ zone, middle, from, to string }{
		{"Europe/Berlin", "2026-10-24T23:30:00Z", "2026-10-24T23:00:00Z", "2026-10-25T00:00:00Z"},
		{"Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z"}, // twice
		{"Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25T02:00:00Z", "2026-10-25T03:00:00Z"},
		{"America/Santiago", "2026-04-05T01:30:00Z", "2026-04-05T01:00:00Z", "2026-04-05T02:00:00Z"},
		{"America/Santiago", "2026-04-05T03:30:00Z", "2026-04-05T02:00:00Z", "2026-04-05T04:00:00Z"}, // 23 to 24 twice
		{"America/Santiago", "2026-04-05T04:30:00Z", "2026-04-05T04:00:00Z", "2026-04-05T05:00:00Z"},
		{"America/Santiago", "2026-09-06T03:30:00Z", "2026-09-06T03:00:00Z", "2026-09-06T04:00:00Z"},
		{"America/Santiago", "2026-09-06T04:30:00Z", "2026-09-06T04:00:00Z", "2026-09-06T05:00:00Z"}, // from 1:00 on
		{"Australia/Lord_Howe", "2026-04-04T14:20:00Z", "2026-04-04T14:00:00Z", "2026-04-04T15:30:00Z"},
		{"Australia/Lord_Howe", "2026-10-03T15:40:00Z", "2026-10-03T15:30:00Z", "2026-10-03T16:00:00Z"},
		{"Asia/Kolkata", "2026-10-25T00:50:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		middle, err := time.Parse(time.RFC3339, tt.middle)
		if err != nil {
			t.Fatal(err)
		}
		s := (&Tails{Zone: zone}).span(wallHour(middle, zone))
		if from, to := s.From.UTC().Format(time.RFC3339), s.To.UTC().Format(time.RFC3339); from != tt.from || to != tt.to {
			t.Errorf("%s %s: %s to %s, want %s to %s", tt.zone, tt.middle, from, to, tt.from, tt.to)
		}
	}
}
