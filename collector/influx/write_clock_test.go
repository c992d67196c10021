package influx

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
)

// TestNoTimeStamp: what a wrong clock dated beyond all time stamps is refused, with
// the time; its number would be one of another year.
func TestNoTimeStamp(t *testing.T) {
	for when, stored := range map[string]bool{
		"0001-01-01T00:00:00Z": false, "1677-12-31T23:59:59Z": false, "1678-01-01T00:00:00Z": true, "1901-12-13T20:45:52Z": true, "1969-12-31T23:59:00Z": true,
		"2038-01-19T03:14:08Z": true, "2261-12-31T23:59:59Z": true, "2262-01-01T00:00:00Z": false, "9999-12-31T23:59:59Z": false,
	} {
		at, err := time.Parse(time.RFC3339, when)
		if err != nil {
			t.Fatal(err)
		}
		run := goldenRun()
		run.Run.At.Wall = at
		for i := range run.Intervals {
			run.Intervals[i].End = at
		}
		for i := range run.Bins {
			run.Bins[i].End = at
		}
		for i := range run.Spaces {
			run.Spaces[i].At = at
		}
		raw, rollup := &batch{}, &batch{}
		refused := addRun(raw, rollup, &run)
		points := len(raw.points) + len(rollup.points)
		if stored && (len(refused) > 0 || points == 0) || !stored && (points > 0 || len(refused) == 0) {
			t.Errorf("%s: %d points, %d refused", when, points, len(refused))
		}
		for _, p := range append(raw.points, rollup.points...) {
			if second := stampSecond(t, p.text); second.Unix() != at.Unix() {
				t.Errorf("%s: a point of %s", when, second)
			}
		}
		for _, r := range refused {
			if r.Seq != 42 || r.Point == "" || !strings.Contains(r.Reason, when) {
				t.Errorf("%s: refused %+v", when, r)
			}
		}
		var out bytes.Buffer
		w := NewLineWriter(&out, 0)
		if err := w.Write(&series.Record{Key: run.Intervals[0].Key, Interval: &run.Intervals[0].Interval}); err != nil {
			t.Fatal(err)
		}
		if comment := strings.HasPrefix(out.String(), "# left out: "); comment == stored || !strings.HasSuffix(out.String(), "\n") {
			t.Errorf("%s: exported as %q", when, out.String())
		}
	}
}

func stampSecond(t *testing.T, line []byte) time.Time {
	t.Helper()
	p, err := parseLine(string(line))
	if err != nil {
		t.Fatal(err)
	}
	return secondOf(p.stamp)
}
