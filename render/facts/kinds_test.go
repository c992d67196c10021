package facts

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/mapper"
)

// only are the findings of a kind.
func only(kind Kind, all []Finding) []Finding {
	return slices.DeleteFunc(all, func(f Finding) bool { return f.Kind != kind })
}

// slowFrom is a LUN that was slow in some hours of Tuesday.
func slowFrom(title string, from, to int, grounds ...Ground) LUN {
	l := mysql()
	l.Title, l.Entry.LUN.DMName = title, title
	l.Grounds = grounds
	l.Slow = []*Slowness{watched(minutesOf(at(1, 0, 0), at(2, 0, 0), func(end time.Time) uint64 {
		if end.After(at(1, from, 0)) && !end.After(at(1, to, 0)) {
			return 40
		}
		return 5
	}))}
	return l
}

// Three LUNs are slow from 8 to 12, 9 to 12 and 10 to 11, one from 20 to 22. The three
// share an array, on which the others are not.
func TestSharedCause(t *testing.T) {
	array, other, host := Ground{GroundArray, "600601604d50"}, Ground{GroundArray, "60050768"}, Ground{GroundHost, "mail1"}
	in := week(
		slowFrom("a", 8, 12, array, host), slowFrom("b", 9, 12, array, host), slowFrom("c", 10, 11, array, host),
		slowFrom("d", 20, 22, other, host), slowFrom("quiet", 0, 0, other, host),
	)
	with := map[string][]string{}
	for _, f := range Find(in) {
		with[f.Title] = f.With
		if f.Title == "a" && !strings.HasSuffix(f.Text, "; 3 LUNs were slow in the same hours and share array 600601604d50") {
			t.Error(f.Text)
		}
		if f.Title == "b" && !strings.HasSuffix(f.Text, "; in the same hours as a, with which it shares array 600601604d50") {
			t.Error(f.Text)
		}
	}
	if !slices.Equal(with["a"], []string{"b", "c"}) || !slices.Equal(with["b"], []string{"a", "c"}) || with["d"] != nil {
		t.Errorf("%v", with)
	}
	in = week(slowFrom("a", 8, 12, host), slowFrom("b", 8, 12, host), slowFrom("quiet", 0, 0, host))
	if f := Find(in)[0]; !strings.HasSuffix(f.Text, "; 2 LUNs were slow in the same hours: look at what they share") {
		t.Errorf("what everybody shares is no cause: %s", f.Text)
	}
}

func TestArrayOf(t *testing.T) {
	for wwid, want := range map[string]string{
		"3600601604d50370026a3e6f5e0c2df11": "600601604d503700",
		"36005076802810c4e3000000000000012": "6005076802810c4e",
		"SATA_disk":                         "", "": "", "2001738000b": "",
	} {
		if got, ok := ArrayOf(wwid); got != want || ok != (want != "") {
			t.Errorf("%s: %q", wwid, got)
		}
	}
}

// entry is a entry of the ledger from a moment on.
func entry(from time.Time, change func(*mapper.LUN)) mapper.Entry {
	e := mysql().Entry
	e.From = from
	e.LUN.SizeBytes = 100 << 30
	e.LUN.Mounts = []mapper.Mount{{Point: "/opt/zimbra/db"}}
	change(&e.LUN)
	return e
}

func TestHistory(t *testing.T) {
	plain := func(*mapper.LUN) {}
	ro := func(l *mapper.LUN) { l.Mounts = []mapper.Mount{{Point: "/opt/zimbra/db", RO: true}} }
	for _, c := range []struct {
		name    string
		history []mapper.Entry
		text    string // of the finding; "": none
		until   time.Time
	}{
		{"renumbered", []mapper.Entry{entry(at(-9, 0, 0), plain), entry(at(1, 4, 0), func(l *mapper.LUN) { l.Kernel, l.Dev.Minor = "dm-7", 7 })}, "", time.Time{}},
		{"renamed", []mapper.Entry{entry(at(-9, 0, 0), plain), entry(at(1, 4, 0), func(l *mapper.LUN) { l.DMName = "zimbra1_db-data" })},
			"MySQL data: renamed on Tue 04:00: it was zimbra1_sqldb-data", at(1, 4, 0)},
		{"renamed before", []mapper.Entry{entry(at(-9, 0, 0), plain), entry(at(-1, 4, 0), func(l *mapper.LUN) { l.DMName = "new" })}, "", time.Time{}},
		{"grown", []mapper.Entry{entry(at(-9, 0, 0), plain), entry(at(2, 10, 30), func(l *mapper.LUN) { l.SizeBytes = 150 << 30 })},
			"MySQL data: grew on Wed 10:30 from 100 GiB to 150 GiB", at(2, 10, 30)},
		{"shrunk", []mapper.Entry{entry(at(-9, 0, 0), plain), entry(at(2, 10, 30), func(l *mapper.LUN) { l.SizeBytes = 50 << 30 })},
			"MySQL data: shrank on Wed 10:30 from 100 GiB to 50 GiB", at(2, 10, 30)},
		{"size not known", []mapper.Entry{entry(at(-9, 0, 0), plain), entry(at(2, 10, 30), func(l *mapper.LUN) { l.SizeBytes = 0 })}, "", time.Time{}},
		{"read-only", []mapper.Entry{entry(at(-9, 0, 0), plain), entry(at(5, 2, 0), ro)}, "MySQL data: read-only since Sat 02:00 (/opt/zimbra/db)", time.Time{}},
		{"read-only for a while", []mapper.Entry{entry(at(-9, 0, 0), plain), entry(at(5, 2, 0), ro), entry(at(5, 8, 0), plain)},
			"MySQL data: read-only from Sat 02:00 to Sat 08:00 (/opt/zimbra/db)", at(5, 8, 0)},
		{"read-only since before", []mapper.Entry{entry(at(-9, 0, 0), plain), entry(at(-2, 2, 0), ro)}, "MySQL data: read-only since Sat 21 Nov 02:00 (/opt/zimbra/db)", time.Time{}},
		{"always read-only", []mapper.Entry{entry(at(-9, 0, 0), ro)}, "", time.Time{}},
	} {
		l := mysql()
		l.History = c.history
		all, text, until := Find(week(l)), "", time.Time{}
		if len(all) > 0 {
			text, until = all[0].Text, all[0].Until
		}
		if text != c.text || !until.Equal(c.until) || len(all) > 1 {
			t.Errorf("%s: %q until %v, %d findings", c.name, text, until, len(all))
		}
	}
}

func TestGoneNewAbsent(t *testing.T) {
	mounted := mysql()
	mounted.Entry.LUN.Mounts = []mapper.Mount{{Point: "/opt/zimbra/db"}}
	mounted.Gone = at(5, 8, 0)
	f := Find(week(mounted))[0]
	if f.Kind != KindGone || !f.Troubling() || f.Duration != 40*time.Hour || f.Text != "MySQL data: gone since Sat 08:00; it was mounted on /opt/zimbra/db" {
		t.Errorf("%+v", f)
	}
	snapshot := mysql()
	snapshot.Gone, snapshot.New = at(5, 8, 0), at(5, 2, 0)
	all := Find(week(snapshot))
	if len(all) != 2 || all[0].Troubling() || all[1].Troubling() {
		t.Errorf("a snapshot that comes and goes is trouble: %+v", all)
	}
	away := mysql()
	away.Gaps = []Gap{{Span: Span{at(1, 0, 0), at(1, 9, 0)}, Cause: CauseAbsent}, {Span: Span{at(3, 0, 0), at(3, 1, 0)}, Cause: "host down"}}
	all = Find(week(away))
	if len(all) != 1 || all[0].Kind != KindGap || all[0].Duration != 9*time.Hour || all[0].Text != "MySQL data: not there for 9 h, from Tue 00:00 to Tue 09:00" {
		t.Errorf("%+v", all)
	}
}

// A map of four paths has two from Tuesday 3:00 to Tuesday 9:00, and one from Saturday on.
func TestPaths(t *testing.T) {
	with := func(from time.Time, states ...string) mapper.Entry {
		e := mapper.Entry{Host: "mail1", From: from}
		for _, s := range states {
			e.LUN.Paths = append(e.LUN.Paths, mapper.Path{State: s})
		}
		return e
	}
	in := week(mysql(), slowFrom("Redo log", 0, 0))
	in.Maps = []Map{{Name: "mpatha", LUNs: []int{0, 1}, History: []mapper.Entry{
		with(at(-9, 0, 0), "running", "running", "", "live"),
		with(at(1, 3, 0), "running", "offline", "", "offline"),
		with(at(1, 9, 0), "running", "running", "", "running"),
		with(at(5, 0, 0), "running"),
	}}}
	all := only(KindPaths, Find(in))
	if len(all) != 2 {
		t.Fatalf("%+v", all)
	}
	now, was := all[0], all[1]
	if now.Text != "MySQL data: 1 of 4 paths since Sat 00:00, map mpatha; also of Redo log" || !now.Lasts() || now.Duration != 48*time.Hour || now.Next[0] != "multipath -ll mpatha" {
		t.Errorf("%+v", now)
	}
	if was.Text != "MySQL data: 2 of 4 paths from Tue 03:00 to Tue 09:00, map mpatha; also of Redo log" || was.Duration != 6*time.Hour || was.Weight != 6 {
		t.Errorf("%+v", was)
	}
}

// Two hosts that use one LUN at once are slow on their own.
func TestTwoHosts(t *testing.T) {
	l := mysql()
	a := slowFrom("", 8, 10).Slow[0]
	b := slowFrom("", 20, 21).Slow[0]
	a.Host, b.Host = "mail1", "mail2"
	l.Slow = []*Slowness{a, b}
	all := Find(week(l))
	if len(all) != 2 || all[0].Host != "mail1" || all[1].Host != "mail2" || all[0].Duration != 2*time.Hour || all[1].Duration != time.Hour ||
		!strings.HasPrefix(all[1].Text, "MySQL data: on mail2 slow for 60 min since Tue 20:00") || all[0].With != nil {
		t.Errorf("%+v", all)
	}
	other := slowFrom("other", 8, 10)
	both := mysql()
	both.Slow = []*Slowness{a, slowFrom("", 8, 10).Slow[0]}
	both.Slow[1].Host = "mail2"
	for _, f := range Find(week(other, both)) {
		if f.Title == "other" && (!slices.Equal(f.With, []string{"MySQL data"}) || !strings.Contains(f.Text, "2 LUNs were slow")) {
			t.Errorf("a LUN of two hosts counts twice: %s", f.Text)
		}
	}
	taken := &Slowness{Limit: a.Limit}
	taken.Merge(b) // of a LUN that moved, in whatever order
	taken.Merge(a)
	l.Slow = []*Slowness{taken}
	if f := Find(week(l)); len(f) != 1 || f[0].Duration != 3*time.Hour || !f[0].Since.Equal(at(1, 8, 0)) || !f[0].Until.Equal(at(1, 21, 0)) {
		t.Errorf("%+v", f)
	}
}

// In the week in which the clocks are set back, 2:30 comes twice; durations are of time
// that passed.
func TestChangeOfClock(t *testing.T) {
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	from := time.Date(2026, 10, 19, 0, 0, 0, 0, z)
	slow := time.Date(2026, 10, 24, 23, 0, 0, 0, z)
	s := watched(minutesOf(slow.Add(-time.Hour), slow.Add(7*time.Hour), func(end time.Time) uint64 {
		if end.After(slow) && !end.After(slow.Add(6*time.Hour)) {
			return 40
		}
		return 5
	}))
	l := mysql()
	l.Slow = []*Slowness{s}
	to := time.Date(2026, 10, 26, 0, 0, 0, 0, z)
	f := Find(Seen{Span: Span{from, to}, Now: to, Zone: z, LUNs: []LUN{l}})[0]
	if f.Duration != 6*time.Hour || f.Until.In(z).Format("Mon 15:04") != "Sun 04:00" ||
		!strings.HasPrefix(f.Text, "MySQL data: slow for 6 h since Sat 23:00; worst 40 ms on Sat 23:01") {
		t.Errorf("%v %s", f.Until.In(z), f.Text)
	}
}

// Two sizes that read alike differ by something.
func TestFromTo(t *testing.T) {
	for _, c := range []struct {
		a, b uint64
		want string
	}{
		{100 * gib, 150 * gib, "from 100 GiB to 150 GiB"}, {2048 * gib, 2088 * gib, "by 40 GiB to 2.0 TiB"}, {2088 * gib, 2048 * gib, "by 40 GiB to 2.0 TiB"},
	} {
		if got := fromTo(c.a, c.b); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
