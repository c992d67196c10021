package mailstore

import (
	"testing"
	"time"
)

// TestPlan: whatever the weekday of the start, each thing happens in its week.
func TestPlan(t *testing.T) {
	const week = 7 * 24 * time.Hour
	for hours := range 7 * 24 {
		start := monday.Add(time.Duration(hours) * time.Hour)
		p := newPlan(start)
		for _, tt := range []struct {
			what string
			at   time.Time
			week int
			want string
		}{
			{"gap", p.gap.from, 2, "Wed 13:00"},
			{"down", p.down.from, 3, "Sun 04:10"},
			{"up", p.down.to.Add(-7 * time.Minute), 3, "Sun 04:10"},
			{"arrival", p.arrival, 5, start.Format("Mon 15:04")},
		} {
			if in := int(tt.at.Sub(start)/week) + 1; in != tt.week || tt.at.Format("Mon 15:04") != tt.want {
				t.Errorf("start %s: %s at %s, in week %d, want %s in week %d", start.Format("Mon 15:04"), tt.what, tt.at, in, tt.want, tt.week)
			}
		}
	}
}

func TestNext(t *testing.T) {
	tests := []struct {
		from time.Time
		want time.Time
	}{
		{time.Date(2009, 10, 7, 13, 0, 0, 0, time.UTC), time.Date(2009, 10, 7, 13, 0, 0, 0, time.UTC)},
		{time.Date(2009, 10, 7, 13, 1, 0, 0, time.UTC), time.Date(2009, 10, 14, 13, 0, 0, 0, time.UTC)},
		{time.Date(2009, 10, 8, 0, 0, 0, 0, time.UTC), time.Date(2009, 10, 14, 13, 0, 0, 0, time.UTC)},
		{time.Date(2009, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(2010, 1, 6, 13, 0, 0, 0, time.UTC)},
	}
	for _, tt := range tests {
		if got := next(tt.from, time.Wednesday, 13, 0); !got.Equal(tt.want) {
			t.Errorf("next Wednesday 13:00 from %s: %s, want %s", tt.from, got, tt.want)
		}
	}
}
