package render

import (
	"strings"
	"testing"
	"time"

	"lunstat/render/facts"
)

// A gap that the range begins with began when the data before it ended. Its weight is of
// the range.
func TestGapBeforeTheRange(t *testing.T) {
	at := func(minute int) time.Time { return monday.Add(time.Duration(minute) * time.Minute) }
	for _, tt := range []struct {
		name     string
		from, to int // of the gap
		since    int
		text     string
		weight   float64
	}{
		{"in the range", 1500, 1620, 1500, "no data for 2 h since Tue 01:00", 1},
		{"from 20 minutes before", 1420, 1560, 1420, "no data for 2 h 20 min since Mon 16 Nov 23:40", 1},
		{"from the evening before", 1140, 1560, 1140, "no data for 7 h since Mon 16 Nov 19:00", 1},
		{"from days before", 10, 1560, 10, "no data for 25 h 50 min since Mon 16 Nov 00:10", 1},
	} {
		m := made{luns: madeLUNs(2), start: monday, every: time.Minute, n: 2880, skip: func(i int) bool { return i >= tt.from && i < tt.to }}
		src := m.source()
		var kept = src.runs[:0]
		for _, r := range src.runs {
			if minute := int(r.At.Wall.Sub(monday) / time.Minute); minute <= tt.from || minute > tt.to {
				kept = append(kept, r)
			}
		}
		src.runs = kept
		var gaps []facts.Finding
		for _, f := range gathered(t, src, Options{From: at(1440), To: at(2880)}).findings {
			if f.Kind == facts.KindGap {
				gaps = append(gaps, f)
			}
		}
		if len(gaps) != 1 || !gaps[0].Since.Equal(at(tt.since)) || !strings.Contains(gaps[0].Text, tt.text) || gaps[0].Weight != tt.weight {
			t.Errorf("%s: %+v, want %q", tt.name, gaps, tt.text)
		}
	}
}
