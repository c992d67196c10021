package facts

import (
	"testing"
	"time"
)

// What to look at lies in the past, also of a change whose last day isn't over.
func TestAround(t *testing.T) {
	noon := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	day := func(n int, d time.Duration) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC).Add(d) }
	for _, tt := range []struct {
		name     string
		finding  Finding
		from, to time.Time
	}{
		{"short", Finding{Kind: KindSlow, Since: day(27, 0), Until: day(27, time.Hour), WorstAt: day(27, time.Minute)}, day(26, 23*time.Hour+30*time.Minute), day(27, 90*time.Minute)},
		{"it lasts", Finding{Kind: KindSlow, Since: day(28, 0)}, day(27, 23*time.Hour+30*time.Minute), day(28, 12*time.Hour+30*time.Minute)},
		{"long: its worst hour", Finding{Kind: KindSlow, Since: day(20, 0), WorstAt: day(22, 3*time.Hour)}, day(22, 150*time.Minute), day(22, 210*time.Minute)},
		{"nearly full for two days", Finding{Kind: KindFull, Since: day(26, 6*time.Hour), WorstAt: day(28, 0), Unit: "%"}, day(26, 330*time.Minute), day(28, 12*time.Hour+30*time.Minute)},
		{"nearly full for weeks", Finding{Kind: KindFull, Since: day(2, 0), WorstAt: day(28, 0), Unit: "%"}, day(21, 11*time.Hour+30*time.Minute), day(28, 12*time.Hour+30*time.Minute)},
		{"full in some weeks", Finding{Kind: KindFull, Since: day(28, 12*time.Hour), Unit: "days"}, day(21, 11*time.Hour+30*time.Minute), day(28, 12*time.Hour+30*time.Minute)},
		{"gone for weeks: when it went", Finding{Kind: KindGone, Since: day(2, 0)}, day(1, 23*time.Hour+30*time.Minute), day(9, 30*time.Minute)},
		{"a change that lasts", Finding{Kind: KindChanged, Since: day(25, 8*time.Hour), WorstAt: day(29, 0)}, day(24, 20*time.Hour), day(28, 12*time.Hour)},
		{"a change of two days", Finding{Kind: KindChanged, Since: day(20, 0), Until: day(22, 0), WorstAt: day(22, 0)}, day(19, 12*time.Hour), day(22, 0)},
		{"a change of weeks: its beginning", Finding{Kind: KindChanged, Since: day(2, 0), WorstAt: day(28, 0)}, day(1, 12*time.Hour), day(8, 12*time.Hour)},
		{"ends in the future by a clock that is ahead", Finding{Kind: KindSlow, Since: day(28, 11*time.Hour), Until: day(28, 14*time.Hour)}, day(28, 10*time.Hour+30*time.Minute), day(28, 12*time.Hour+30*time.Minute)},
	} {
		if from, to := around(&tt.finding, noon); !from.Equal(tt.from) || !to.Equal(tt.to) {
			t.Errorf("%s: %v to %v, want %v to %v", tt.name, from, to, tt.from, tt.to)
		}
	}
}
