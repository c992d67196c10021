package facts

import (
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// What to look at is in the past, even for a change whose last day isn't over.
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
		{"stalled for days: when it began", Finding{Kind: KindStalled, Since: day(20, 0), WorstAt: day(22, 3*time.Hour), Worst: 51 * 3600}, day(19, 23*time.Hour+30*time.Minute), day(20, 30*time.Minute)},
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

// The line for a sceptic finds the one hour that is meant, also where the clock on the wall
// shows it twice: at three in Berlin, at midnight in Santiago, for half an hour on Lord Howe.
func TestSarOfADoubledHour(t *testing.T) {
	for _, tt := range []struct{ zone, worst, want string }{
		{"Europe/Berlin", "2026-10-24T23:30:00Z", "sar -d -f /var/log/sa/sa25 -s 01:20:00 -e 01:40:00 | grep -E 'await|dm-13 |dev253-13 '"},
		{"Europe/Berlin", "2026-10-25T00:30:00Z", "sadf -d /var/log/sa/sa25 -- -d | grep -E '^#|(2026-10-25 00:2|2026-10-25 00:3|2026-10-25 00:4).*;(dm-13|dev253-13);'"},
		{"Europe/Berlin", "2026-10-25T01:55:00Z", "sadf -d /var/log/sa/sa25 -- -d | grep -E '^#|(2026-10-25 01:4|2026-10-25 01:5|2026-10-25 02:0).*;(dm-13|dev253-13);'"},
		{"Europe/Berlin", "2026-10-25T02:30:00Z", "sar -d -f /var/log/sa/sa25 -s 03:20:00 -e 03:40:00 | grep -E 'await|dm-13 |dev253-13 '"},
		{"America/Santiago", "2026-04-05T02:30:00Z", "sadf -d /var/log/sa/sa04 -- -d | grep -E '^#|(2026-04-05 02:2|2026-04-05 02:3|2026-04-05 02:4).*;(dm-13|dev253-13);'"},
		{"America/Santiago", "2026-04-05T03:30:00Z", "sadf -d /var/log/sa/sa04 -- -d | grep -E '^#|(2026-04-05 03:2|2026-04-05 03:3|2026-04-05 03:4).*;(dm-13|dev253-13);'"},
		{"America/Santiago", "2026-04-05T04:30:00Z", "sar -d -f /var/log/sa/sa05 -s 00:20:00 -e 00:40:00 | grep -E 'await|dm-13 |dev253-13 '"},
		{"America/Santiago", "2026-09-06T04:30:00Z", "sar -d -f /var/log/sa/sa06 -s 01:20:00 -e 01:40:00 | grep -E 'await|dm-13 |dev253-13 '"}, // it leaps over midnight
		{"Australia/Lord_Howe", "2026-04-04T15:10:00Z", "sadf -d /var/log/sa/sa05 -- -d | grep -E '^#|(2026-04-04 15:0|2026-04-04 15:1|2026-04-04 15:2).*;(dm-13|dev253-13);'"},
		{"Asia/Kolkata", "2026-10-25T00:30:00Z", "sar -d -f /var/log/sa/sa25 -s 05:50:00 -e 06:10:00 | grep -E 'await|dm-13 |dev253-13 '"},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		worst, err := time.Parse(time.RFC3339, tt.worst)
		if err != nil {
			t.Fatal(err)
		}
		l := LUN{Entry: mapper.Entry{Source: series.SourceHost, LUN: mapper.LUN{Kernel: "dm-13", Dev: mapper.DevNo{Major: 253, Minor: 13}}}}
		f := finder{clock: clock{zone: zone}, lun: &l}
		if got := f.sar(&Finding{WorstAt: worst}); got != tt.want {
			t.Errorf("%s %s:\n%s, want\n%s", tt.zone, tt.worst, got, tt.want)
		}
	}
}
