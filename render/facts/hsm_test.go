package facts

import (
	"slices"
	"testing"
	"time"

	"lunstat/collector/series"
)

// runsAt makes the levels of two stores between which HSM moves 40 GiB in 4 hours from
// some moments on, while 240 MiB of mail an hour come in.
func runsAt(from, to time.Time, starts ...time.Time) (primary, secondary Levels) {
	used, moved := 400.0, 200.0
	for t := from; !t.After(to); t = t.Add(15 * time.Minute) {
		for _, s := range starts {
			if t.After(s) && !t.After(s.Add(4*time.Hour)) {
				used, moved = used-2.5, moved+2.5
			}
		}
		used += 0.06
		primary.Add(&series.Space{At: t, UsedBytes: uint64(used * gib), AvailBytes: 1000*gib - uint64(used*gib)})
		secondary.Add(&series.Space{At: t, UsedBytes: uint64(moved * gib), AvailBytes: 1000*gib - uint64(moved*gib)})
	}
	return primary, secondary
}

func TestHSMRuns(t *testing.T) {
	friday := at(4, 23, 0)
	p, s := runsAt(monday, at(7, 0, 0), friday)
	runs := HSMRuns(&p, &s)
	if len(runs) != 1 || !runs[0].From.Equal(friday) || runs[0].Long() != 4*time.Hour || runs[0].Bytes>>20 != 40<<10 {
		t.Fatalf("%+v", runs)
	}
	if mb := runs[0].BytesPerS() / 1e6; mb < 2.98 || mb > 2.99 {
		t.Errorf("%v MB/s", mb)
	}
	grows, _ := runsAt(monday, at(7, 0, 0))
	if runs := HSMRuns(&grows, &s); len(runs) != 0 {
		t.Errorf("the primary store did not shrink: %+v", runs)
	}
	if runs := HSMRuns(&p, &p); len(runs) != 0 {
		t.Errorf("incoming mail is a run: %+v", runs)
	}
}

func TestHSM(t *testing.T) {
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	// The clocks are set back in the fourth of five weeks.
	from := time.Date(2026, 10, 5, 0, 0, 0, 0, z)
	friday := func(week, hour int) time.Time { return time.Date(2026, 10, 9+7*week, hour, 0, 0, 0, z) }
	week := func(n int) Span { return Span{from.AddDate(0, 0, 7*n), from.AddDate(0, 0, 7*n+7)} }
	usual := []time.Time{friday(0, 23), friday(1, 23), friday(2, 23), friday(3, 23)}
	var nightly, twice []time.Time
	for d := range 5*7 - 4 {
		nightly = append(nightly, time.Date(2026, 10, 5+d, 1, 0, 0, 0, z))
	}
	for w := range 5 {
		twice = append(twice, friday(w, -3*24+1))
		if w < 4 {
			twice = append(twice, friday(w, 23))
		}
	}
	for _, c := range []struct {
		name   string
		starts []time.Time
		in     Span
		now    time.Time
		text   string // of the finding; "": none
	}{
		{"as usual", append(usual, friday(4, 23)), week(4), week(4).To, ""},
		{"missing", usual, week(4), week(4).To, "Primary: HSM did not run on Fri 23:00, but it runs each week; the last run ended on Sat 31 Oct 03:00 and moved 40 GiB"},
		{"not yet due", usual, Span{week(4).From, friday(4, 22)}, friday(4, 22), ""},
		{"may come yet", usual, Span{week(4).From, friday(4, 28)}, friday(4, 28), ""},
		{"won't come", usual, Span{week(4).From, friday(4, 29)}, friday(4, 29), "Primary: HSM did not run on Fri 23:00, but it runs each week; the last run ended on Sat 31 Oct 03:00 and moved 40 GiB"},
		{"late", append(usual, friday(4, 28)), week(4), week(4).To, "Primary: HSM was late: it began on Sat 04:00, 5 h after its time"},
		{"a quarter late", append(usual, friday(4, 23).Add(15*time.Minute)), week(4), week(4).To, ""},
		{"in office hours", append(usual, friday(4, 14)), week(4), week(4).To, "Primary: HSM ran in office hours for 4 h, from Fri 14:00 to Fri 18:00, and moved 40 GiB"},
		{"four nights in a row", nightly, week(4), week(4).To,
			"Primary: HSM did not run on Thu 01:00 and 3 times since, but it runs each day; the last run ended on Wed 05:00 and moved 40 GiB"},
		{"twice a week", twice, week(4), week(4).To, "Primary: HSM did not run on Fri 23:00, but it runs each Friday; the last run ended on Tue 05:00 and moved 40 GiB"},
		{"the first run was cut off", append(usual, friday(4, 23)), Span{friday(4, 0), friday(4, 23).Add(30 * time.Minute)}, friday(4, 23).Add(30 * time.Minute), ""},
		{"no habit", []time.Time{friday(0, 23), friday(1, 3), friday(2, 14)}, week(4), week(4).To, ""},
		{"two runs", usual[:2], week(2), week(2).To, ""},
		{"missing in the week of the clocks", []time.Time{friday(0, 23), friday(1, 23), friday(3, 23), friday(4, 23)}, week(2), week(4).To,
			"Primary: HSM did not run on Fri 23:00, but it runs each week; the last run ended on Sat 17 Oct 03:00 and moved 40 GiB"},
	} {
		p, s := runsAt(from, c.now, c.starts...)
		primary, secondary := mysql(), mysql()
		primary.Title, primary.Levels, secondary.Levels = "Primary", p, s
		in := Seen{Span: c.in, Now: c.now, Zone: z, LUNs: []LUN{primary, secondary}, Stores: []Store{{0, 1}}}
		all, text := only(KindHSM, Find(in)), ""
		if len(all) > 0 {
			text = all[0].Text
		}
		if text != c.text || c.name != "in office hours" && len(all) > 1 {
			t.Errorf("%s: %q, %d findings; want %q", c.name, text, len(all), c.text)
		}
	}
	// One that stopped at once moved little.
	p, s := runsAt(from, week(4).To, append(usual, friday(4, 23))...)
	for _, l := range []*Levels{&p, &s} {
		l.list = slices.DeleteFunc(l.list, func(at Level) bool { return at.At.After(friday(4, 23)) })
	}
	last := s.list[len(s.list)-1]
	for h := range 48 {
		primary := p.list[len(p.list)-1]
		p.list = append(p.list, Level{friday(4, 24+h), primary.Used, primary.Avail})
		s.list = append(s.list, Level{friday(4, 24+h), last.Used + 500<<20, last.Avail})
	}
	little := Seen{Span: week(4), Now: week(4).To, Zone: z, LUNs: []LUN{mysql(), mysql()}, Stores: []Store{{0, 1}}}
	little.LUNs[0].Levels, little.LUNs[1].Levels = p, s
	if all := only(KindHSM, Find(little)); len(all) != 1 || all[0].Text != "MySQL data: HSM moved only 500 MiB on Fri 23:00; the last run ended on Sat 31 Oct 03:00 and moved 40 GiB" {
		t.Errorf("a run that stopped: %+v", all)
	}
	// Where nobody looked, nobody knows.
	p, s = runsAt(from, friday(4, 20), usual...)
	primary, secondary := mysql(), mysql()
	primary.Levels, secondary.Levels = p, s
	in := Seen{Span: week(4), Now: week(4).To, Zone: z, LUNs: []LUN{primary, secondary}, Stores: []Store{{0, 1}}}
	for _, f := range only(KindHSM, Find(in)) {
		t.Errorf("without levels: %s", f.Text)
	}
}
