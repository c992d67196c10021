package facts

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
)

// counted is an interval with so many I/Os. All took less than a bound, except the last
// ones, which took as long as slow.
func counted(end time.Time, long time.Duration, ios, slowIOs uint64, slow time.Duration) series.Interval {
	h := &series.Histogram{Version: series.BoundsVersion}
	h.Counts[series.BucketOf(time.Millisecond)] = ios - slowIOs
	h.Counts[series.BucketOf(slow)] += slowIOs
	ms := uint64(long.Milliseconds())
	return series.Interval{End: end, ElapsedMS: ms, SpanMS: ms, Latency: h}
}

// tailsOf are the hours of a stretch in which of 2,000 I/Os as many were slow as share says.
func tailsOf(zone *time.Location, from, to time.Time, share func(local time.Time) (slowIOs uint64, slow time.Duration)) *Tails {
	t := &Tails{Zone: zone}
	for end := from.Add(time.Hour); !end.After(to); end = end.Add(time.Hour) {
		n, slow := share(end.Add(-time.Hour).In(zone))
		i := counted(end, time.Hour, 2000, n, slow)
		t.Add(&i)
	}
	return t
}

func withTails(t *Tails) LUN {
	l := mysql()
	l.Limit, l.Tails = 20*time.Millisecond, t
	return l
}

const ms = time.Millisecond

// at is night from 2 to 5: 1 in 50 of its I/Os takes 300 ms, which is in the bucket from
// 200 to 500 ms.
func night(local time.Time) (uint64, time.Duration) {
	if h := local.Hour(); h >= 2 && h < 5 {
		return 40, 300 * ms
	}
	return 0, ms
}

// Each night from 2 to 5 one I/O in 50 took 300 ms: the bucket says more than 200 ms, ten
// times the limit of 20. 21 hours × log₂ 10 × ¼ is the weight.
func TestTail(t *testing.T) {
	all := Find(week(withTails(tailsOf(time.UTC, monday, at(7, 0, 0), night))))
	if len(all) != 1 {
		t.Fatalf("%d findings", len(all))
	}
	f := all[0]
	const text = "MySQL data: 1 in 50 I/Os took more than 200 ms, 02:00 to 05:00 every night; that is 10 × its limit of 20 ms"
	if f.Kind != KindTail || f.Text != text || !f.Troubling() {
		t.Errorf("%s: %s", f.Kind, f.Text)
	}
	if f.Worst != 200 || f.Limit != 20 || f.TimesLimit != 10 || f.OneIn != 50 || f.Duration != 21*time.Hour || len(f.Hours) != 21 || f.Hours[20] != (Span{at(6, 4, 0), at(6, 5, 0)}) || !slices.Equal(f.Daily, []string{"02:00 to 05:00"}) {
		t.Errorf("%+v", f)
	}
	if !f.Since.Equal(at(0, 2, 0)) || !f.Until.Equal(at(6, 5, 0)) || f.Weight < 17.43 || f.Weight > 17.45 {
		t.Errorf("from %v to %v, weight %v", f.Since, f.Until, f.Weight)
	}
	b, err := json.Marshal(f)
	if err != nil || !strings.Contains(string(b), `"one_in":50,"daily":["02:00 to 05:00"]`) {
		t.Errorf("%s %v", b, err)
	}
}

// TestTailWords: at which hours, and how often.
func TestTailWords(t *testing.T) {
	of := func(slow func(local time.Time) bool) func(time.Time) (uint64, time.Duration) {
		return func(local time.Time) (uint64, time.Duration) {
			if slow(local) {
				return 100, 100 * ms
			}
			return 0, ms
		}
	}
	for want, slow := range map[string]func(local time.Time) bool{
		"22:00 to 02:00 every night":                  func(l time.Time) bool { return l.Hour() >= 22 || l.Hour() < 2 },
		"12:00 to 13:00 and 18:00 to 19:00 every day": func(l time.Time) bool { return l.Hour() == 12 || l.Hour() == 18 },
		"at all hours every day":                      func(time.Time) bool { return true },
		"00:00 to 03:00 on 5 of 7 nights":             func(l time.Time) bool { return l.Hour() < 3 && l.Day()-monday.Day() < 5 },
		"for 3 h from Tue 09:00 to Tue 12:00":         func(l time.Time) bool { return l.Day() == 24 && l.Hour() >= 9 && l.Hour() < 12 },
		"for 5 h from Tue 08:00 to Thu 21:00": func(l time.Time) bool {
			return l.Day() >= 24 && l.Day() < 27 && l.Hour()%12 == 8 && !(l.Day() == 25 && l.Hour() == 20)
		},
		"for 2 days 8 h from Mon 00:00 to Sun 22:00":               func(l time.Time) bool { return l.Hour()%3 == 0 }, // too many stretches of a day to name
		"for 2 h since Sun 22:00, and did at the end of the range": nil,
	} {
		in := week()
		if slow == nil {
			slow = func(l time.Time) bool { return l.Day() == 29 && l.Hour() >= 22 }
			in.Made = at(9, 0, 0)
		}
		l := withTails(tailsOf(time.UTC, monday, at(7, 0, 0), of(slow)))
		l.LastEnd = at(7, 0, 0).Add(-time.Second)
		in.LUNs = []LUN{l}
		all := Find(in)
		if want := "MySQL data: 1 in 20 I/Os took more than 100 ms, " + want + "; that is 5 × its limit of 20 ms"; len(all) != 1 || all[0].Text != want {
			t.Errorf("want %s\n got %+v", want, all)
		}
	}
}

// TestTailIsQuiet: none of these is worth a word.
func TestTailIsQuiet(t *testing.T) {
	of := func(ios, slowIOs uint64, slow time.Duration) *Tails {
		tails := &Tails{}
		for h := range 7 * 24 {
			i := counted(at(0, h+1, 0), time.Hour, ios, slowIOs, slow)
			tails.Add(&i)
		}
		return tails
	}
	for name, l := range map[string]LUN{
		"no histogram":             mysql(),
		"no I/O":                   withTails(of(0, 0, ms)),
		"one I/O, and a slow one":  withTails(of(1, 1, 10*time.Second)),
		"999 I/Os an hour":         withTails(of(999, 99, time.Second)),
		"9 slow ones an hour":      withTails(of(1000, 9, time.Second)),
		"less than one in hundred": withTails(of(2000, 19, time.Second)),
		"below five times":         withTails(of(2000, 200, 99*ms)),
		"one hour": withTails(tailsOf(time.UTC, monday, at(7, 0, 0), func(l time.Time) (uint64, time.Duration) {
			return map[bool]uint64{true: 100}[l.Equal(at(2, 3, 0))], time.Second
		})),
	} {
		if all := Find(week(l)); len(all) != 0 {
			t.Errorf("%s: %s", name, all[0].Text)
		}
	}
	unlimited := withTails(of(2000, 200, time.Second))
	unlimited.Limit = 0
	if all := Find(week(unlimited)); len(all) != 0 {
		t.Errorf("without a limit: %s", all[0].Text)
	}
	if all := Find(week(withTails(of(1000, 10, 10*time.Second)))); len(all) != 1 || !strings.Contains(all[0].Text, "1 in 100 I/Os took more than 10 s, at all hours every day") {
		t.Errorf("exactly one in a hundred, above the last bound: %+v", all)
	}
}

// An hour that is slow on average is told as slow, and not as a tail too.
func TestTailBesideSlow(t *testing.T) {
	slow := minutesOf(monday, at(7, 0, 0), func(end time.Time) uint64 {
		if h := end.Add(-time.Minute).Hour(); h >= 2 && h < 4 {
			return 25
		}
		return 5
	})
	l := withTails(tailsOf(time.UTC, monday, at(7, 0, 0), night))
	l.Slow = []*Slowness{watched(slow)}
	all := Find(week(l))
	if len(all) != 2 || all[0].Kind != KindTail || !strings.Contains(all[0].Text, "04:00 to 05:00 every night") {
		t.Errorf("%+v", all)
	}
}

// On the day on which the clocks are set forward there is no hour from 2 to 3, and on the
// day on which they are set back it comes twice: the hours are those of the clock on the
// wall.
func TestTailAcrossClocks(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	for _, sunday := range []time.Time{time.Date(2026, 3, 29, 0, 0, 0, 0, berlin), time.Date(2026, 10, 25, 0, 0, 0, 0, berlin)} {
		from, to := sunday.AddDate(0, 0, -6), sunday.AddDate(0, 0, 1)
		in := Seen{Span: Span{from, to}, Now: to, Zone: berlin, LUNs: []LUN{withTails(tailsOf(berlin, from, to, night))}}
		all := Find(in)
		if len(all) != 1 || !strings.Contains(all[0].Text, "1 in 50 I/Os took more than 200 ms, 02:00 to 05:00 every night") {
			t.Errorf("%v: %+v", sunday, all)
			continue
		}
		want := 20 * time.Hour // in spring
		if sunday.Month() == time.October {
			want = 22 * time.Hour
		}
		if all[0].Duration != want {
			t.Errorf("%v: %v", sunday, all[0].Duration)
		}
	}
}

// Counts by other bounds are not added, long intervals have no hour, and the hours of two
// hosts that come one after the other are one.
func TestTailsAdd(t *testing.T) {
	var tails Tails
	for _, hour := range []int{1, 2, 3, 1, 2, 3} {
		i := counted(at(0, hour, 0), time.Hour, 100, 10, time.Second)
		tails.Add(&i)
	}
	other := counted(at(0, 2, 0), time.Hour, 5000, 0, ms)
	other.Latency.Version++
	tails.Add(&other)
	long := counted(at(0, 9, 0), time.Hour, 5000, 0, ms)
	long.Quality |= series.Long
	tails.Add(&long)
	if len(tails.list) != 3 {
		t.Fatalf("%d hours", len(tails.list))
	}
	for _, h := range tails.list {
		if h.Total() != 200 || h.Counts[series.BucketOf(time.Second)] != 20 {
			t.Errorf("%+v", h)
		}
	}
}
