package render

import (
	"testing"
	"time"
)

func TestBinWidth(t *testing.T) {
	for _, tt := range []struct {
		name   string
		days   int
		long   time.Duration
		series int
		want   time.Duration
	}{
		{"hours", 0, 23 * time.Hour, 14, 0},
		{"hours of 1,000 LUNs", 0, 23 * time.Hour, 1000, 0},
		{"hours of 10,000 LUNs", 0, 23 * time.Hour, 10_000, 15 * time.Minute},
		{"a day", 1, 0, 14, 15 * time.Minute},
		{"a week of 1,000 LUNs", 7, 0, 1000, 15 * time.Minute},
		{"a week of 3,000 LUNs", 7, 0, 3000, time.Hour},
		{"a year", 365, 0, 14, 15 * time.Minute},
		{"a year of 60 LUNs", 365, 0, 60, time.Hour},
		{"14 months", 425, 0, 1, time.Hour},
	} {
		if got := binWidth(monday, monday.AddDate(0, 0, tt.days).Add(tt.long), tt.series); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
