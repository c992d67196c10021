package mailstore_test

import (
	"fmt"
	"time"

	"lunstat/collector/mailstore"
	"lunstat/collector/series"
)

// A day of the mailstore, closed into intervals as a real host's readings are.
func Example() {
	m := mailstore.New(mailstore.Options{
		Start:   time.Date(2009, 10, 5, 0, 0, 0, 0, time.UTC),
		Minutes: 24 * 60,
	})
	var last series.Last
	var day []series.Interval
	for s, ok := m.Next(); ok; s, ok = m.Next() {
		const sqldb = 13 // by its minor, which holds until the reboot
		now := series.Last{Key: series.Key{ID: s.LUNs[sqldb].ID}, At: s.At, Counters: s.Readings[sqldb].Counters}
		i, base, ok := series.Close(last, now, series.Limits{})
		if last = base; ok {
			day = append(day, i)
		}
		if s.At.Wall.Hour() == 9 && s.At.Wall.Minute() == 0 {
			iops, _ := i.IOPS()
			fmt.Printf("%s = %s: %.0f IOPS\n", s.LUNs[sqldb].Kernel, s.LUNs[sqldb].Title(), iops)
		}
	}
	fmt.Println(len(day), "intervals")
	// Output:
	// dm-13 = MySQL data of zimbra1: 159 IOPS
	// 1440 intervals
}
