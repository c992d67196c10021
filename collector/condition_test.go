package collector

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
	"lunstat/mapper/hosttest"
)

// What is said of a condition that is there (x) or not (.) minute by minute: b for its
// beginning, a for being said again, e for its end.
func TestFollowWhatComesAndGoes(t *testing.T) {
	long := func(s string, n int) string { return strings.Repeat(s, n) }
	for _, tt := range []struct {
		name, there, said string
		once              bool
		step              time.Duration // 0: a minute
	}{
		{"it lasts, and is over", "xxx...", "b..e..", false, 0},
		{"one run only: over when it stays away", "x" + long(".", 12), "b" + long(".", 10) + "e.", false, 0},
		{"what happened once", "x..", "be.", true, 0},
		{"each other minute: once a day", long("x.", 24*60), "b" + long(".", 24*60-1) + "a" + long(".", 24*60-1), false, 0},
		{"it comes back after its end was said", "xx.xx." + long("..x.", 30) + long(".", 62), "b.ea" + long(".", 181) + "e..", false, 0},
		{"it comes back much later", "xx" + long(".", 61) + "xx.", "b.e" + long(".", 60) + "b.e", false, 0},
		{"the clock is set back", "xx", "bb", false, -time.Hour},
		{"the clock is set back by a little", "xx", "bb", false, -time.Nanosecond},
	} {
		var conditions []series.Condition
		said := ""
		now := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
		for _, c := range tt.there {
			var warnings []series.Warning
			if c == 'x' {
				warnings = []series.Warning{{What: "w", Once: tt.once}}
			}
			var news []News
			conditions, news = follow(conditions, warnings, now)
			switch {
			case len(news) == 0:
				said += "."
			case news[0].Ended:
				said += "e"
			case news[0].Since.Equal(news[0].Said) || tt.step < 0:
				said += "b"
			default:
				said += "a"
			}
			now = now.Add(cmp.Or(tt.step, time.Minute))
		}
		if said != tt.said {
			t.Errorf("%s:\n%s\n%s, want\n%s", tt.name, tt.there, said, tt.said)
		}
	}
}

// A new number or time in a text doesn't make a new condition; a new one in a name does.
func TestFollowNumbers(t *testing.T) {
	start := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		was, is string
		same    bool
	}{
		{"diskstats:17: 12 fields, want 14 or more", "diskstats:18: 12 fields, want 14 or more", true},
		{"no answer since 2026-11-25T03:00:00Z", "no answer since 2026-11-25T03:01:00Z", true},
		{"it took 1.5s", "it took 12ms", true},
		{"space of /opt/store1 is unknown", "space of /opt/store2 is unknown", false},
		{"dm-5 and dm-6 have one identity", "dm-7 and dm-8 have one identity", false},
		{"a", "b", false},
	} {
		first, _ := follow(nil, []series.Warning{{What: tt.was}}, start)
		second, news := follow(first, []series.Warning{{What: tt.is}}, start.Add(time.Minute))
		if (len(news) == 0) != tt.same || second[0].What != tt.is || second[0].Since.Equal(start) != tt.same {
			t.Errorf("%q, then %q: news %+v, conditions %+v", tt.was, tt.is, news, second)
		}
	}
}

// 500,000 bad lines are twenty warnings and a number.
func TestWarningsAreBounded(t *testing.T) {
	_, warnings := parseDiskstats([]byte(strings.Repeat("x\n", 500_000)))
	if n := len(warnings); n != 21 || !strings.Contains(warnings[20].What, "499980 more") {
		t.Errorf("%d warnings, the last %+v", n, warnings[n-1])
	}
	c := newCrond(t, hosttest.Mail()...)
	c.host.Write("proc/self/mountinfo", strings.Repeat("x\n", 100_000))
	if r := c.run(c.host.Up()); len(r.Run.Warnings) != 21 || len(r.News) != 21 {
		t.Errorf("mountinfo: %d warnings, %d news", len(r.Run.Warnings), len(r.News))
	}
}

// Anything but a file, and a file larger than any kernel makes, is refused at once.
func TestCapturedFilesAreBounded(t *testing.T) {
	for _, name := range []string{"diskstats", "self/mountinfo", "swaps", "uptime", "sys/kernel/random/boot_id"} {
		c := newCrond(t, hosttest.Mail()...)
		path := filepath.Join(c.host.Paths.Proc, name)
		for _, spoil := range []func() error{
			func() error { return unix.Mkfifo(path, 0o644) },
			func() error { return os.Symlink("/dev/zero", path) },
			func() error { return errors.Join(os.WriteFile(path, []byte("x"), 0o644), os.Truncate(path, 1<<40)) },
		} {
			if err := errors.Join(os.RemoveAll(path), spoil()); err != nil {
				t.Fatal(err)
			}
			r, err := Run(t.Context(), Options{Paths: c.host.Paths, Host: "h", LockFile: c.lockFile, Rules: c.rules, ReadingTime: boot},
				func() (Journal, error) { return &c.memory, nil })
			if err == nil && len(r.Run.Warnings) == 0 {
				t.Errorf("%s: not a word", name)
			}
		}
	}
}

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

// What was there once and is away when the clock is set back is over after its ten
// minutes, not when the clock has come back to where it was.
func TestFollowAwayWhenTheClockIsSetBack(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	conditions, _ := follow(nil, []series.Warning{{What: "w"}}, now)
	conditions, _ = follow(conditions, nil, now.Add(time.Minute))
	now = now.Add(-time.Hour)
	for minute := range 12 {
		var news []News
		conditions, news = follow(conditions, nil, now.Add(time.Duration(minute)*time.Minute))
		if (len(news) == 1) != (minute == 10) {
			t.Errorf("minute %d after the step back: %+v", minute, news)
		}
	}
}

// A condition that is away is not gone on with by one that is like it but for a number.
func TestFollowOfOneThatIsAway(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	conditions, _ := follow(nil, []series.Warning{{What: "diskstats:17: bad"}}, now)
	conditions, _ = follow(conditions, nil, now.Add(time.Minute))
	_, news := follow(conditions, []series.Warning{{What: "diskstats:18: bad"}}, now.Add(2*time.Minute))
	if len(news) != 1 || news[0].Ended || !news[0].Since.Equal(now.Add(2*time.Minute)) {
		t.Errorf("news %+v", news)
	}
}

// Conditions beyond the limit are counted, and the caller's list stays as it is.
func TestBoundedLeavesTheList(t *testing.T) {
	all := []series.Warning{{What: "a"}, {What: "b"}, {What: "c"}, {What: "d"}}
	few := bounded(all, 2, "letters")
	if len(few) != 3 || few[2].What != "and 2 more letters" || all[2].What != "c" {
		t.Errorf("%+v of %+v", few, all)
	}
	if few := bounded(all, 4, "letters"); len(few) != 4 {
		t.Errorf("four of four: %+v", few)
	}
}
