package journal

import (
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
)

// TestAnyWallClock: whatever a clock shows for a while, the runs before and after
// are kept to the unit, and later runs work.
func TestAnyWallClock(t *testing.T) {
	for _, odd := range []string{
		"0001-01-01T00:00:00Z", "1601-01-01T00:00:00Z", "1677-09-21T00:00:00Z", "1901-12-13T20:45:00Z", "1969-12-31T23:30:00Z", "1970-01-01T00:00:00Z",
		"2000-01-01T00:00:00Z", "2038-01-19T03:10:00Z", "2106-02-07T06:20:00Z", "2262-04-11T23:40:00Z", "2400-01-01T00:00:00Z", "9999-12-31T23:30:00Z", "19999-01-01T00:00:00Z",
	} {
		t.Run(odd, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, odd)
			if err != nil {
				at = time.Date(19999, 1, 1, 0, 0, 0, 0, time.UTC)
			}
			now := storetest.Start
			j := open(t, Options{Sync: "normal", Now: func() time.Time { return now }})
			k := storetest.Key("mail1", 0)
			want := map[series.Key][]series.Interval{}
			runs := func(n int, right bool) {
				for range n {
					now = now.Add(time.Minute)
					i := storetest.Interval(k, now, now.Minute())
					if right {
						want[k] = append(want[k], i.Interval)
					}
					storetest.Commit(t, j, storetest.Minute("mail1", now, i))
					if _, err := j.State(t.Context(), "mail1"); err != nil {
						t.Fatal(err)
					}
				}
			}
			runs(90, true)
			back := now
			now = at
			runs(70, false)
			now = back.Add(70 * time.Minute)
			runs(90, true)
			q := storetest.All(0)
			storetest.Equal(t, storetest.Read(t, j, q), want)
			for _, w := range storetest.Widths()[1:] {
				q.Width = w
				storetest.Equal(t, storetest.Read(t, j, q), map[series.Key][]series.Interval{k: series.Roll(want[k], w)})
			}
			if out, err := j.Backlog(t.Context(), "influx", 1000); err != nil || len(out) == 0 {
				t.Errorf("forwarding: %d runs, %v", len(out), err)
			}
		})
	}
}
