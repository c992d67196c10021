package mailstore

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// monday is the start of most tests: a Monday, so that day d is weekday d+1.
var monday = time.Date(2009, 10, 5, 0, 0, 0, 0, time.UTC)

// all calls fn for each sample and returns how many there were.
func all(o Options, fn func(*series.Sample)) (n int) {
	m := New(o)
	for {
		s, ok := m.Next()
		if !ok {
			return n
		}
		fn(&s)
		n++
	}
}

// closed is one LUN with one of its intervals.
type closed struct {
	lun *mapper.LUN
	series.Interval
}

// intervals closes all samples, as the collector does.
func intervals(o Options, fn func(closed)) {
	last := map[mapper.ID]series.Last{}
	all(o, func(s *series.Sample) {
		for i, r := range s.Readings {
			l := &s.LUNs[i]
			now := series.Last{Key: series.Key{ID: l.ID, Host: s.Host, Source: s.Source}, At: s.At, Counters: r.Counters}
			iv, base, ok := series.Close(last[l.ID], now, series.Limits{Slow: 20 * time.Millisecond})
			last[l.ID] = base
			if ok {
				fn(closed{l, iv})
			}
		}
	})
}

func TestPostNames(t *testing.T) {
	file, err := os.Open(hosttest.SharedDir(t, "post-dmsetup-ls.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var want []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		f := strings.Fields(lines.Text())
		want = append(want, f[0]+" "+strings.Trim(f[1], "(,")+":"+strings.Trim(f[2], ")"))
	}
	s, _ := New(Options{Start: monday}).Next()
	var got []string
	for _, l := range s.LUNs {
		got = append(got, l.DMName+" "+l.Dev.String())
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("names and minors\n got %q\nwant %q", got, want)
	}
}

func TestOptions(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	tests := []struct {
		name    string
		o       Options
		samples int
		luns    int
		end     time.Time
	}{
		{"five weeks", Options{Start: monday}, FiveWeeks + 1 - 299 - 7, 14, monday.AddDate(0, 0, 35)},
		{"an hour", Options{Start: monday, Minutes: 60, Zone: berlin}, 61, 14, monday.Add(time.Hour)},
		{"by the second", Options{Start: monday, Minutes: 2, Step: time.Second}, 121, 14, monday.Add(2 * time.Minute)},
		{"many LUNs", Options{Start: monday, Minutes: 3, LUNs: 1000}, 4, 1000, monday.Add(3 * time.Minute)},
		{"few LUNs", Options{Start: monday, Minutes: 3, LUNs: 5}, 4, 5, monday.Add(3 * time.Minute)},
		{"a broken second", Options{Start: monday.Add(time.Millisecond), Minutes: 1}, 2, 14, monday.Add(time.Minute)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var last time.Time
			n := all(tt.o, func(s *series.Sample) {
				last = s.At.Wall
				if len(s.Readings) != tt.luns || len(s.LUNs) != tt.luns {
					t.Fatalf("%s: %d readings, %d LUNs, want %d", last, len(s.Readings), len(s.LUNs), tt.luns)
				}
			})
			if n != tt.samples || !last.Equal(tt.end) {
				t.Errorf("%d samples up to %s, want %d up to %s", n, last, tt.samples, tt.end)
			}
		})
	}
}

func TestEndsNow(t *testing.T) {
	var last time.Time
	all(Options{Minutes: 10}, func(s *series.Sample) { last = s.At.Wall })
	if age := time.Since(last); age < 0 || age > 2*time.Minute {
		t.Errorf("the last sample is %s old, want at most a minute", age)
	}
}

func TestSample(t *testing.T) {
	for _, n := range []int{14, 45} {
		all(Options{Start: monday, LUNs: n, Step: time.Hour}, func(s *series.Sample) {
			if s.Source != series.SourceSimulated || s.Host != Host || s.Kernel == "" {
				t.Fatalf("host %q, source %q, kernel %q", s.Host, s.Source, s.Kernel)
			}
			ids, mounts := map[mapper.ID]bool{}, map[string]bool{}
			for i, l := range s.LUNs {
				r := s.Readings[i]
				if r.Kernel != l.Kernel || r.Dev != l.Dev || r.Dev.Minor != uint32(i) {
					t.Fatalf("reading %d is %s (%s), its LUN %s (%s)", i, r.Kernel, r.Dev, l.Kernel, l.Dev)
				}
				if ids[l.ID] || mounts[l.Mounted()] || len(l.UUID) != len("LVM-")+64 || l.Role == "" || l.Label == "" || l.Group == "" || l.Layer != mapper.LayerLUN {
					t.Fatalf("not a LUN of its own: %+v", l)
				}
				ids[l.ID], mounts[l.Mounted()] = true, true
			}
		})
	}
}

// TestRoles: what the mapper makes of the names and mounts.
func TestRoles(t *testing.T) {
	want := map[string]string{
		"sysvg-root": "system sysvg", "sysvg-tmp": "system sysvg", "sysvg-home": "system sysvg", "sysvg-var": "system sysvg",
		"sysvg-usr": "system sysvg", "sysvg-swap": "swap sysvg", "sysvg-opt": "system sysvg",
	}
	for _, group := range []string{"zimbra1", "zimbra2"} {
		for name, role := range map[string]string{
			"secondary-first": "secondary", "primary-store": "primary", "base-base": "base", "log-log": "log",
			"redo-redo": "redo", "index-index": "index", "sqldb-data": "mysql",
		} {
			want[group+"_"+name] = role + " " + group
		}
	}
	s, _ := New(Options{Start: monday, LUNs: len(want)}).Next()
	for _, l := range s.LUNs {
		if got := l.Role + " " + l.Group; got != want[l.DMName] {
			t.Errorf("%s: %q, want %q", l.DMName, got, want[l.DMName])
		}
	}
}

func TestReboot(t *testing.T) {
	// The minors of the captured host after its reboot.
	want := map[string]uint32{
		"sysvg-root": 0, "sysvg-tmp": 13, "sysvg-home": 11, "sysvg-var": 12, "sysvg-usr": 2, "sysvg-swap": 1, "sysvg-opt": 10,
		"zimbra1_secondary-first": 8, "zimbra1_primary-store": 6, "zimbra1_base-base": 7, "zimbra1_log-log": 9,
		"zimbra1_redo-redo": 3, "zimbra1_index-index": 5, "zimbra1_sqldb-data": 4,
	}
	var before, after series.Sample
	boots := 1
	all(Options{Start: monday}, func(s *series.Sample) {
		switch {
		case before.At.BootID == "" || s.At.BootID == before.At.BootID:
			before = *s
		case after.At.BootID == "":
			after, boots = *s, 2
			after.Readings = slices.Clone(s.Readings)
		case s.At.BootID != after.At.BootID:
			boots++
		}
	})
	if boots != 2 {
		t.Fatalf("%d boots, want 2", boots)
	}
	down := time.Date(2009, 10, 25, 4, 10, 0, 0, time.UTC)
	if !before.At.Wall.Equal(down) || !after.At.Wall.Equal(down.Add(8*time.Minute)) || after.At.Mono != time.Minute {
		t.Errorf("last sample %s, then %s, %s after the boot", before.At.Wall, after.At.Wall, after.At.Mono)
	}
	ids := map[string]mapper.ID{}
	for _, l := range before.LUNs {
		ids[l.DMName] = l.ID
	}
	for i, l := range after.LUNs {
		if l.ID != ids[l.DMName] {
			t.Errorf("%s: identity %s, before the reboot %s", l.DMName, l.ID, ids[l.DMName])
		}
		if minor := after.Readings[i].Dev.Minor; minor != want[l.DMName] {
			t.Errorf("%s: minor %d, want %d", l.DMName, minor, want[l.DMName])
		}
		if n := after.Readings[i].ReadIOs; n > 10_000 {
			t.Errorf("%s: %d reads a minute after the boot", l.DMName, n)
		}
	}
}

func TestQuality(t *testing.T) {
	marks := map[series.Quality]map[string]int{}
	intervals(Options{Start: monday}, func(c closed) {
		for _, q := range []series.Quality{series.Reset, series.Long, series.Wrapped, series.Stepped, series.Clock, series.Suspended, series.Stalled} {
			if !c.Quality.Has(q) || q == series.Wrapped && c.Quality.Has(series.Long) {
				continue
			}
			if marks[q] == nil {
				marks[q] = map[string]int{}
			}
			marks[q][c.End.Format("Mon 2 15:04")]++
		}
	})
	want := map[series.Quality]map[string]int{
		series.Reset: {"Sun 25 04:18": 14},
		series.Long:  {"Wed 14 18:00": 14},
	}
	for q, at := range marks {
		if q == series.Wrapped {
			continue
		}
		if len(at) != len(want[q]) {
			t.Errorf("%s: %v, want %v", q, at, want[q])
		}
	}
	for q, at := range want {
		for when, n := range at {
			if marks[q][when] != n {
				t.Errorf("%s at %s: %d LUNs, want %d", q, when, marks[q][when], n)
			}
		}
	}
	// MySQL data's weighted ms in the first week, its read ms in the second.
	if len(marks[series.Wrapped]) != 2 {
		t.Errorf("wrapped at %v, want two moments", marks[series.Wrapped])
	}
}
