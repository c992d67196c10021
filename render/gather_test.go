package render

import (
	"strings"
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
		{"six months", 181, 0, 14, 15 * time.Minute},
		{"a quarter of 300 LUNs", 91, 0, 300, time.Hour},
		{"a year", 365, 0, 14, time.Hour},
		{"14 months", 425, 0, 1, time.Hour},
	} {
		if got := binWidth(monday, monday.AddDate(0, 0, tt.days).Add(tt.long), tt.series); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// If there is much to read, progress is reported while reading, and otherwise only while
// drawing.
func TestProgress(t *testing.T) {
	m := made{luns: madeLUNs(14), start: monday, every: 15 * time.Minute, n: 1500}
	for _, tt := range []struct {
		days int
		want string
	}{{160, "reading drawing"}, {16, "drawing"}} {
		var parts []string
		last := 0
		files(t, m.source(), Options{From: monday, To: monday.AddDate(0, 0, tt.days), Width: LeastWidth, Progress: func(part string, done, total int) {
			if len(parts) == 0 || parts[len(parts)-1] != part {
				parts, last = append(parts, part), 0
			}
			if done < last || done > total {
				t.Errorf("%s: %d of %d after %d", part, done, total, last)
			}
			last = done
		}})
		if got := strings.Join(parts, " "); got != tt.want {
			t.Errorf("%d days: told of %q, want %q", tt.days, got, tt.want)
		}
	}
}
