package facts

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// monday begins the week of the examples.
var monday = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// at is a moment of that week.
func at(day, hour, minute int) time.Time {
	return monday.AddDate(0, 0, day).Add(clockTime(hour, minute))
}

func clockTime(hour, minute int) time.Duration {
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
}

// minute is an interval with 20 reads of so many ms each, and as slow as limit says.
func minute(end time.Time, readMS, limit uint64) series.Interval {
	i := series.Interval{End: end, ElapsedMS: 60_000, SpanMS: 60_000}
	i.Set(series.ReadIOs, 20)
	i.Set(series.ReadMS, 20*readMS)
	i.Set(series.WriteIOs, 0)
	i.Set(series.WriteMS, 0)
	i.Set(series.SlowMS, 0)
	if readMS > limit {
		i.Set(series.SlowMS, 60_000)
	}
	return i
}

// minutesOf are the minutes of a stretch in which a read takes what ms says.
func minutesOf(from, to time.Time, ms func(end time.Time) uint64) []series.Interval {
	var out []series.Interval
	for end := from.Add(time.Minute); !end.After(to); end = end.Add(time.Minute) {
		out = append(out, minute(end, ms(end), 20))
	}
	return out
}

func watched(list []series.Interval) *Slowness {
	s := &Slowness{Limit: 20 * time.Millisecond}
	for i := range list {
		s.Add(&list[i])
	}
	return s
}

func mysql() LUN {
	return LUN{
		Title: "MySQL data", LastEnd: at(7, 0, 0),
		Entry: mapper.Entry{Host: "mail1", Source: series.SourceHost, LUN: mapper.LUN{
			Kernel: "dm-13", Dev: mapper.DevNo{Major: 253, Minor: 13}, DMName: "zimbra1_sqldb-data",
		}},
	}
}

func week(luns ...LUN) Seen {
	return Seen{Span: Span{monday, at(7, 0, 0)}, Now: at(7, 0, 0), LUNs: luns}
}

// A LUN of 5 ms has a bad minute on Monday at 12:00, which counts, but doesn't begin the
// slow time: that is on Tuesday from 08:59 to 09:59 with 25 ms and on Thursday from 15:40
// to 16:00 with 40 ms, at 15:56 115 ms: 81 minutes. Its weight is the hours' slow time ×
// log₂ of their worst: (1/60 + 59/60) h × log₂(25/20) + 20/60 h × log₂(115/20). The
// minute to 16:00 is the next hour's in bins: a bin is floor(end / width).
func TestSlow(t *testing.T) {
	ms := func(end time.Time) uint64 {
		switch {
		case end.After(at(1, 8, 59)) && !end.After(at(1, 9, 59)):
			return 25
		case end.Equal(at(0, 12, 0)):
			return 21
		case end.Equal(at(3, 15, 56)):
			return 115
		case end.After(at(3, 15, 40)) && !end.After(at(3, 16, 0)):
			return 40
		}
		return 5
	}
	raw := minutesOf(monday, at(7, 0, 0), ms)
	for name, s := range map[string]*Slowness{"minutes": watched(raw), "bins, sharpened": sharpened(raw, 15*time.Minute), "hours, sharpened": sharpened(raw, time.Hour)} {
		l := mysql()
		l.Slow = []*Slowness{s}
		all := Find(week(l))
		if len(all) != 1 {
			t.Fatalf("%s: %d findings", name, len(all))
		}
		f := all[0]
		if f.Kind != KindSlow || !f.Since.Equal(at(1, 8, 59)) || !f.Until.Equal(at(3, 16, 0)) || f.Duration != 81*time.Minute {
			t.Errorf("%s: %s from %v to %v for %v", name, f.Kind, f.Since, f.Until, f.Duration)
		}
		if f.Worst != 115 || !f.WorstAt.Equal(at(3, 15, 56)) || f.Limit != 20 || f.TimesLimit != 5.75 {
			t.Errorf("%s: worst %v at %v, %v × %v", name, f.Worst, f.WorstAt, f.TimesLimit, f.Limit)
		}
		if f.Weight < 1.139 || f.Weight > 1.166 {
			t.Errorf("%s: weight %v", name, f.Weight)
		}
		const text = "MySQL data: slow for 81 min since Tue 08:59; worst 115 ms on Thu 15:56, 5.8 × its limit of 20 ms"
		if f.Text != text {
			t.Errorf("%s: %s", name, f.Text)
		}
		next := []string{
			"lunstat lookup zimbra1_sqldb-data",
			`lunstat report --lun zimbra1_sqldb-data --from "2026-11-26 15:26" --to "2026-11-26 16:26"`,
			"sar -d -f /var/log/sa/sa26 -s 15:46:00 -e 16:06:00 | grep -E 'await|dm-13 |dev253-13 '",
		}
		if !slices.Equal(f.Next, next) {
			t.Errorf("%s: next %q", name, f.Next)
		}
	}
}

// sharpened is what bins say, and then the minutes of those that are doubtful.
func sharpened(raw []series.Interval, width time.Duration) *Slowness {
	s := watched(series.Roll(raw, width))
	var minutes []series.Interval
	for _, in := range s.Doubtful() {
		for _, i := range raw {
			if i.End.After(in.From) && !i.End.After(in.To) {
				minutes = append(minutes, i)
			}
		}
	}
	s.Sharpen(minutes)
	return s
}

// Slow time is what slow_ms says and nothing else: not a long interval, whatever its
// await, nor one without slow_ms.
func TestSlowIsWhatSlowMSSays(t *testing.T) {
	above := func(time.Time) uint64 { return 90 }
	long := minutesOf(at(0, 1, 0), at(0, 3, 0), above)
	for i := range long {
		long[i].Quality |= series.Long
	}
	silent := minutesOf(at(0, 1, 0), at(0, 3, 0), above)
	for i := range silent {
		silent[i].Drop(series.SlowMS)
	}
	under := minutesOf(at(0, 1, 0), at(0, 3, 0), above) // the limit of its day was higher
	for i := range under {
		under[i].Set(series.SlowMS, 0)
	}
	short := minutesOf(at(0, 1, 0), at(0, 23, 0), func(end time.Time) uint64 {
		if end.After(at(0, 22, 50)) {
			return 90
		}
		return 5
	}) // 10 of 1320 minutes
	for name, list := range map[string][]series.Interval{"long": long, "no slow_ms": silent, "below its day's limit": under, "ten minutes of a day": short} {
		l := mysql()
		l.Slow = []*Slowness{watched(list)}
		if all := Find(week(l)); len(all) != 0 {
			t.Errorf("%s: %s", name, all[0].Text)
		}
	}
	l := mysql()
	l.Slow = []*Slowness{watched(silent)}
	if l.Slow[0].Watched != 0 {
		t.Errorf("watched for %v without slow_ms", l.Slow[0].Watched)
	}
}

// What is slow up to the last minute lasts; where there has been no data for a while
// nobody knows.
func TestSlowLasts(t *testing.T) {
	s := watched(minutesOf(at(6, 23, 0), at(7, 0, 0), func(time.Time) uint64 { return 30 }))
	l := mysql()
	l.Slow = []*Slowness{s}
	f := Find(week(l))[0]
	if !f.Lasts() || !strings.Contains(f.Text, "slow for 60 min since Sun 23:00, and still is; worst 30 ms") {
		t.Error(f.Text)
	}
	late := week(l)
	for _, now := range []time.Time{at(7, 0, 6), at(7, 0, 59), at(8, 0, 0)} {
		late.To, late.Now = now, now
		if f := Find(late)[0]; !f.Until.Equal(at(7, 0, 0)) || !f.Unended || !strings.Contains(f.Text, ", and was when the data ended at Mon") {
			t.Errorf("at %v: %s", now, f.Text)
		}
	}
	late.To, late.Now = at(7, 0, 4), at(7, 0, 4) // the collector runs each minute, or is a little late
	if f := Find(late)[0]; !f.Lasts() || f.Unended {
		t.Errorf("minutes later: %s", f.Text)
	}
	ended := week(l)
	ended.Made = at(7, 0, 2)
	if f := Find(ended)[0]; !f.Until.Equal(at(7, 0, 0)) || strings.Contains(f.Text, "still") || !strings.Contains(f.Text, ", and was at the end of the range; worst") {
		t.Errorf("of a range that ended before now: %s", f.Text)
	}
	ended.To, ended.Now, ended.Made, ended.Bin = at(7, 0, 14), at(7, 0, 14), at(7, 1, 0), 15*time.Minute // the next bin ends later
	if f := Find(ended)[0]; !strings.Contains(f.Text, ", and was at the end of the range; worst") {
		t.Errorf("of a range that ends within a bin: %s", f.Text)
	}
}

func TestStalled(t *testing.T) {
	one := Span{at(2, 3, 0), at(2, 6, 30)}
	for _, c := range []struct {
		name     string
		stalls   []Span
		lastEnd  time.Time
		until    time.Time
		duration time.Duration
		text     string
	}{
		{"over", []Span{one}, at(7, 0, 0), one.To, clockTime(3, 30),
			"MySQL data: stalled: no I/O completed for 3 h 30 min, from Wed 03:00 to Wed 06:30"},
		{"lasting", []Span{{at(6, 23, 50), at(7, 0, 0)}}, at(7, 0, 0), time.Time{}, 10 * time.Minute,
			"MySQL data: stalled since Sun 23:50: no I/O completed for 10 min"},
		{"begun before the range", []Span{{at(-2, 22, 0), at(0, 1, 0)}}, at(7, 0, 0), at(0, 1, 0), 27 * time.Hour,
			"MySQL data: stalled: no I/O completed for 27 h, from Sat 21 Nov 22:00 to Mon 01:00"},
		{"nothing known since", []Span{one}, one.To, one.To, clockTime(3, 30),
			"MySQL data: stalled since Wed 03:00, and was when the data ended at Wed 06:30: no I/O completed for 3 h 30 min"},
		{"nothing known since the last one", []Span{{at(1, 0, 0), at(1, 0, 2)}, one}, one.To, one.To, clockTime(3, 32),
			"MySQL data: stalled twice: no I/O completed for 3 h 32 min in all, 3 h 30 min of it from Wed 03:00 on; the last one was not over when the data ended at Wed 06:30"},
		{"three", []Span{one, {at(3, 0, 0), at(3, 0, 1)}, {at(4, 0, 0), at(4, 0, 1)}}, at(7, 0, 0), at(4, 0, 1), clockTime(3, 32),
			"MySQL data: stalled 3 times: no I/O completed for 3 h 32 min in all, 3 h 30 min of it from Wed 03:00 on"},
	} {
		l := mysql()
		l.Stalls, l.LastEnd = c.stalls, c.lastEnd
		f := Find(week(l))[0]
		if f.Kind != KindStalled || !f.Until.Equal(c.until) || f.Duration != c.duration || f.Text != c.text {
			t.Errorf("%s: until %v for %v: %s", c.name, f.Until, f.Duration, f.Text)
		}
	}
}

func TestFull(t *testing.T) {
	space := func(used, avail uint64) *series.Space {
		return &series.Space{At: at(6, 23, 55), SizeBytes: 1 << 40, UsedBytes: used << 30, AvailBytes: avail << 30}
	}
	for _, c := range []struct {
		name  string
		space *series.Space
		ok    bool
		text  string
	}{
		{"89 %", space(89, 11), true, ""},
		{"90 %", space(90, 10), true, "MySQL data: 90 % full, 10 GiB free"},
		{"full", space(95, 0), true, "MySQL data: full: nothing is free"},
		{"full to root", space(949, 1), true, "MySQL data: full: 1.0 GiB free"},
		{"unmounted since", space(95, 0), false, ""},
		{"none", nil, true, ""},
		{"no size", &series.Space{}, true, ""},
	} {
		l := mysql()
		l.Space, l.SpaceOK = c.space, c.ok
		all, text := Find(week(l)), ""
		if len(all) > 0 {
			text = all[0].Text
		}
		if text != c.text {
			t.Errorf("%s: %q, want %q", c.name, text, c.text)
		}
	}
}

func TestGaps(t *testing.T) {
	in := week()
	in.Gaps = []Gap{{Span: Span{at(4, 18, 0), at(6, 12, 0)}, Cause: "host down", Host: "mail1"}}
	f := Find(in)[0]
	if f.Kind != KindGap || f.Of != -1 || f.Duration != 42*time.Hour || !f.Until.Equal(at(6, 12, 0)) ||
		f.Text != "mail1: no data for 42 h since Fri 18:00: host down" {
		t.Errorf("%+v", f)
	}
	in.Gaps = append(in.Gaps, Gap{Span: Span{at(6, 22, 0), at(7, 0, 0)}, Cause: "collector not run", Host: "mail1"})
	f = Find(in)[0]
	if !f.Lasts() || f.Text != "mail1: no data twice, for 44 h in all; the longest 42 h from Fri 18:00 on: host down" {
		t.Errorf("%+v", f)
	}
	in.Gaps = []Gap{{Span: Span{at(6, 22, 0), at(7, 0, 0)}, Cause: "collector not run", Host: "mail1", Flat: true}}
	if f = Find(in)[0]; !f.Until.Equal(at(7, 0, 0)) || f.Text != "mail1: only totals for 2 h since Sun 22:00: collector not run" {
		t.Errorf("a long interval is over with its end: %+v", f)
	}
}

func TestFindingJSON(t *testing.T) {
	f := Finding{Kind: KindSlow, LUN: "dm-1", Title: "x", Host: "h", Since: at(0, 1, 0).In(time.FixedZone("", 3600)), Worst: 1.0 / 3, Unit: "ms", Duration: 90 * time.Second, Text: "x: slow"}
	got, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"kind":"slow","lun":"dm-1","title":"x","host":"h","since":"2026-11-23T01:00:00Z","worst":0.333333,"unit":"ms","duration_s":90,"text":"x: slow"}`
	if string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// Names come from outside, and the commands go into a shell.
func TestNamesInCommands(t *testing.T) {
	for name, want := range map[string]string{
		"vg-lv_1.2":     "vg-lv_1.2",
		"a b'c; rm -rf": `'a b'\''c; rm -rf'`,
		"x\ny":          "253:13",
		"-rf":           "253:13",
	} {
		l := mysql()
		l.Entry.LUN.DMName = name
		f := finder{lun: &l}
		if got := f.called(); got != want {
			t.Errorf("%q is called %s, want %s", name, got, want)
		}
	}
}

func TestLong(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 89 * time.Second: "89 s", 60 * time.Second: "1 min", 90 * time.Second: "90 s", 2 * time.Minute: "2 min", 89 * time.Minute: "89 min",
		119*time.Minute + 45*time.Second: "2 h", 150 * time.Minute: "2 h 30 min", 35 * time.Hour: "35 h", 10*time.Hour + 10*time.Minute: "10 h 10 min",
		47*time.Hour + 59*time.Minute + 45*time.Second: "2 days", 71*time.Hour + 59*time.Minute: "3 days", 49 * time.Hour: "2 days 1 h", 9*24*time.Hour + 12*time.Hour: "9 days 12 h", 1500 * 24 * time.Hour: "1,500 days",
	} {
		if got := Long(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
