package influx_test

import (
	"fmt"
	"testing"
	"time"

	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/series"
	"lunstat/collector/storetest"
)

// TestMinutesComeMeanwhile: a question takes several requests, and a host continues to
// forward between them. Whenever a bin is closed, nothing is counted twice or missed.
func TestMinutesComeMeanwhile(t *testing.T) {
	const before, after = 44, 50 // minutes: the third quarter is closed meanwhile
	both(t, func(t *testing.T, s *influxtest.Server) {
		for nth := 1; ; nth++ {
			s.Empty()
			asked, meanwhile := 0, func() {}
			between := influxtest.Front(t, s, func() {
				if asked++; asked == nth {
					meanwhile()
				}
			})
			st := newStore(newSource(t, s, func(o *influx.Options) { o.URL = between }), newSink(t, s, nil))
			var raw []series.Interval
			commit := func() {
				at := storetest.Start.Add(time.Duration(len(raw)+1) * time.Minute)
				i := storetest.Interval(storetest.Key("mail1", 0), at, len(raw)+1)
				raw = append(raw, i.Interval)
				storetest.Commit(t, st, storetest.Minute("mail1", at, i))
			}
			for range before {
				commit()
			}
			meanwhile = func() {
				for len(raw) < after {
					commit()
				}
			}
			got := storetest.Read(t, st, storetest.All(15*time.Minute))[storetest.Key("mail1", 0)]
			if !rolledUpTo(got, raw, before) {
				t.Errorf("minutes before request %d: %s", nth, sums(got))
			}
			if asked < nth {
				return // there were no more requests
			}
		}
	})
}

// rolledUpTo: what was read is what so many minutes or more are, rolled up.
func rolledUpTo(got, raw []series.Interval, least int) bool {
	for n := least; n <= len(raw); n++ {
		want := series.Roll(raw[:n], 15*time.Minute)
		same := len(got) == len(want)
		for i := range want {
			same = same && storetest.Same(got[i], want[i])
		}
		if same {
			return true
		}
	}
	return false
}

func sums(in []series.Interval) (text string) {
	for _, i := range in {
		text += fmt.Sprintf("%s %d ms %d reads; ", i.End.UTC().Format("15:04"), i.ElapsedMS, i.Value(series.ReadIOs))
	}
	return text
}
