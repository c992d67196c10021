package collector

import (
	"fmt"
	"testing"
	"time"

	"lunstat/collector/series"
)

// A warning is said when it begins, once a day, and when it ends; not each minute.
func TestFollow(t *testing.T) {
	var conditions []series.Condition
	var said []string
	start := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	for minute := range 3 * 24 * 60 {
		now := start.Add(time.Duration(minute) * time.Minute)
		var warnings []series.Warning
		if minute >= 10 && minute < 2*24*60 {
			warnings = []series.Warning{{What: "a"}, {What: "a"}} // the same twice is one
		}
		var news []News
		conditions, news = follow(conditions, warnings, now)
		for _, n := range news {
			said = append(said, fmt.Sprintf("%d %s since %d ended %v", minute, n.What, int(n.Since.Sub(start).Minutes()), n.Ended))
		}
	}
	want := []string{"10 a since 10 ended false", "1450 a since 10 ended false", "2880 a since 10 ended true"}
	if fmt.Sprint(said) != fmt.Sprint(want) {
		t.Errorf("said %q\nwant %q", said, want)
	}
	if len(conditions) != 0 {
		t.Errorf("left: %v", conditions)
	}
}
