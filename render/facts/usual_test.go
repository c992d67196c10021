package facts

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"lunstat/collector/mailstore"
	"lunstat/collector/series"
)

// hoursOf are the hourly bins of some weeks before Monday and of the week that begins
// with it: I/Os per second and the await in ms by hours since Monday.
func hoursOf(weeks int, of func(hour int) (iops, await float64, ok bool)) *Hours {
	h := &Hours{}
	for hour := -weeks * weekHours; hour < weekHours; hour++ {
		iops, await, ok := of(hour)
		if !ok {
			continue
		}
		i := series.Interval{End: monday.Add(time.Duration(hour+1) * time.Hour), ElapsedMS: 3_600_000, SpanMS: 3_600_000}
		i.Set(series.ReadIOs, uint64(iops*3600))
		i.Set(series.ReadMS, uint64(iops*3600*await))
		i.Set(series.WriteMS, 0)
		h.Add(&i)
	}
	return h
}

func TestChanged(t *testing.T) {
	// Each Monday to Friday 100 I/Os a second, else 20; the weeks differ by 5 %.
	usual := func(hour int) float64 {
		v := 20.0
		if day := (hour + 10*weekHours) / 24 % 7; day < 5 {
			v = 100
		}
		switch {
		case hour >= -weekHours && hour < 0:
			return v * 1.05
		case hour >= -2*weekHours && hour < -weekHours:
			return v * 0.95
		}
		return v
	}
	for _, c := range []struct {
		name  string
		weeks int
		of    func(hour int) (iops, await float64, ok bool)
		text  string // "": none
		until time.Time
	}{
		{"as usual", 4, func(h int) (float64, float64, bool) { return usual(h), 5, true }, "", time.Time{}},
		{"more from Tuesday 8 o'clock on", 4, func(h int) (float64, float64, bool) {
			if h >= 24+8 {
				return usual(h) * 1.5, 15, true
			}
			return usual(h), 5, true
		}, "MySQL data: 50 % more IOPS and 3 × the await, compared with the four weeks before, since Tue 08:00", time.Time{}},
		{"less", 3, func(h int) (float64, float64, bool) {
			if h >= 0 {
				return usual(h) * 0.3, 5, true
			}
			return usual(h), 5, true
		}, "MySQL data: 70 % fewer IOPS, compared with the three weeks before, since Mon 00:00", time.Time{}},
		{"Tuesday and Wednesday only", 4, func(h int) (float64, float64, bool) {
			if h >= 24 && h < 72 {
				return usual(h) * 4, 5, true
			}
			return usual(h), 5, true
		}, "MySQL data: 4 × the IOPS, compared with the four weeks before, since Tue 00:00", at(3, 0, 0)},
		{"more from Friday before the range on", 4, func(h int) (float64, float64, bool) {
			if h >= -3*24+8 {
				return usual(h) * 1.5, 5, true
			}
			return usual(h), 5, true
		}, "MySQL data: 50 % more IOPS, compared with the four weeks before, since Fri 20 Nov 08:00", at(4, 0, 0)},
		{"one day is an exception", 4, func(h int) (float64, float64, bool) {
			if h >= 24 && h < 48 {
				return usual(h) * 4, 50, true
			}
			return usual(h), 5, true
		}, "", time.Time{}},
		{"one week before", 1, func(h int) (float64, float64, bool) {
			if h >= 0 {
				return usual(h) * 4, 50, true
			}
			return usual(h), 5, true
		}, "", time.Time{}},
		{"one of the weeks was so too", 4, func(h int) (float64, float64, bool) {
			if h >= 0 || h < -3*weekHours {
				return usual(h) * 4, 50, true
			}
			return usual(h), 5, true
		}, "", time.Time{}},
		{"the weeks before are mostly not known", 4, func(h int) (float64, float64, bool) {
			if h < 0 && (h+10*weekHours)%24 < 20 {
				return 0, 0, false
			}
			return usual(h) * 4, 5, true
		}, "", time.Time{}},
		{"next to nothing", 4, func(h int) (float64, float64, bool) {
			if h >= 0 {
				return 0.1, 5, true
			}
			return 0.01, 5, true
		}, "", time.Time{}},
		{"wakes on Wednesday", 4, func(h int) (float64, float64, bool) {
			if h >= 48 {
				return 30, 5, true
			}
			return 0, 0, true
		}, "MySQL data: more than 1,000 × the IOPS, compared with the four weeks before, since Wed 00:00", time.Time{}},
		{"does nothing from Wednesday on", 4, func(h int) (float64, float64, bool) {
			if h >= 48 {
				return 0, 0, true
			}
			return usual(h), 5, true
		}, "MySQL data: hardly any IOPS, compared with the four weeks before, since Wed 00:00", time.Time{}},
		{"fast is fast", 4, func(h int) (float64, float64, bool) {
			if h >= 0 {
				return usual(h), 0.9, true
			}
			return usual(h), 0.2, true
		}, "", time.Time{}},
	} {
		l := mysql()
		l.Hours = hoursOf(c.weeks, c.of)
		all, text, until := only(KindChanged, Find(week(l))), "", time.Time{}
		if len(all) > 0 {
			text, until = all[0].Text, all[0].Until
			if at := all[0].WorstAt; !at.After(all[0].Since) || at.After(all[0].Since.Add(all[0].Duration)) || at.After(week().Now) {
				t.Errorf("%s: worst at %v", c.name, at)
			}
		}
		if text != c.text || !until.Equal(c.until) {
			t.Errorf("%s: %q until %v, want %q until %v", c.name, text, until, c.text, c.until)
		}
	}
}

// The band is the least and the largest of the same hour in four weeks, from two on.
func TestUsual(t *testing.T) {
	for weeks, want := range map[int]Usual{1: {}, 2: {10, 20}, 4: {10, 40}, 6: {10, 40}} {
		h := hoursOf(weeks, func(hour int) (float64, float64, bool) {
			return float64((weekHours-1-hour)/weekHours) * 10, 4, true
		})
		u, ok := h.Usual(IOPS, at(2, 10, 30))
		if ok != (weeks > 1) || ok && u != want {
			t.Errorf("%d weeks: %v %v, want %v", weeks, u, ok, want)
		}
		if a, ok := h.Usual(Await, at(2, 10, 30)); ok != (weeks > 1) || ok && a != (Usual{4, 4}) {
			t.Errorf("%d weeks: await %v %v", weeks, a, ok)
		}
	}
}

// In a zone whose clocks were set back between the weeks, eight o'clock is compared with
// eight o'clock.
func TestUsualOfTheWall(t *testing.T) {
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	h := &Hours{Zone: z}
	for day := range 35 {
		for hour := range 24 {
			from := time.Date(2026, 10, 5+day, hour, 0, 0, 0, z)
			i := series.Interval{End: from.Add(time.Hour), ElapsedMS: 3_600_000, SpanMS: 3_600_000}
			i.Set(series.ReadIOs, uint64(3600*hour))
			h.Add(&i)
		}
	}
	if u, ok := h.Usual(IOPS, time.Date(2026, 11, 3, 8, 20, 0, 0, z)); !ok || u != (Usual{8, 8}) {
		t.Errorf("%v %v", u, ok)
	}
}

// TestCalibration counts on the simulated weeks of four hosts what docs/numbers.md states
// of more: no false alarm in the third and fourth week, in which nothing changes; in the fifth, in
// which users come, each LUN that is busy for them is found.
func TestCalibration(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates twenty weeks")
	}
	start := time.Date(2026, 10, 19, 0, 0, 0, 0, time.UTC)
	false3, found := 0, map[string]int{}
	const hosts = 4
	for seed := range uint64(hosts) {
		hours, names := simulated(mailstore.Options{Start: start, Seed: seed, Step: 5 * time.Minute})
		for w := 2; w < 5; w++ {
			var luns []LUN
			for i, h := range hours {
				l := mysql()
				l.Title, l.Hours = names[i], h
				luns = append(luns, l)
			}
			in := Seen{Span: Span{start.AddDate(0, 0, 7*w), start.AddDate(0, 0, 7*w+7)}, LUNs: luns}
			in.Now = in.To
			for _, f := range only(KindChanged, Find(in)) {
				if w < 4 {
					false3++
					t.Logf("host %d, week %d: %s", seed, w+1, f.Text)
					continue
				}
				found[f.Title]++
				if seed == 0 {
					t.Log(f.Text)
				}
			}
		}
	}
	if false3 > 0 {
		t.Errorf("%d false alarms", false3)
	}
	for _, name := range []string{"zimbra1_sqldb-data", "zimbra1_primary-store", "zimbra1_redo-redo", "zimbra1_log-log", "zimbra1_index-index"} {
		if found[name] != hosts {
			t.Errorf("%s is found on %d hosts of %d", name, found[name], hosts)
		}
	}
	for name := range found {
		if strings.HasPrefix(name, "sysvg") && name != "sysvg-var" {
			t.Errorf("%s is found, which users don't touch", name)
		}
	}
}

// simulated are the hours of a model's LUNs, by identity.
func simulated(o mailstore.Options) (hours []*Hours, names []string) {
	m := mailstore.New(o)
	at := map[string]int{}
	last := map[string]series.Last{}
	for s, ok := m.Next(); ok; s, ok = m.Next() {
		for i, r := range s.Readings {
			name := s.LUNs[i].DMName
			n, seen := at[name]
			if !seen {
				n = len(hours)
				at[name] = n
				hours, names = append(hours, &Hours{}), append(names, name)
			}
			iv, base, ok := series.Close(last[name], series.Last{At: s.At, Counters: r.Counters}, series.Limits{Gap: time.Hour})
			last[name] = base
			if ok {
				hours[n].Add(&iv)
			}
		}
	}
	return hours, names
}

// Noise alone is not a change: the weeks of a LUN whose days vary by a tenth and whose
// hours by a third more.
func TestNoiseIsNoChange(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	alarms := 0
	const weeks = 500
	for range weeks {
		days := map[int]float64{}
		h := hoursOf(4, func(hour int) (float64, float64, bool) {
			day := (hour + 4*weekHours) / 24
			if days[day] == 0 {
				days[day] = math.Exp(0.1 * r.NormFloat64())
			}
			return 50 * days[day] * math.Exp(0.33*r.NormFloat64()), 8 * days[day] * math.Exp(0.33*r.NormFloat64()), true
		})
		l := mysql()
		l.Hours = h
		alarms += len(only(KindChanged, Find(week(l))))
	}
	if alarms > weeks/100 {
		t.Errorf("%d false alarms in %d weeks", alarms, weeks)
	}
	t.Logf("%d false alarms in %d weeks", alarms, weeks)
}

// A counter that was not there is unknown, not zero, and so is a quotient of no I/Os.
func TestUsualOfAbsent(t *testing.T) {
	h := &Hours{}
	for week := -UsualWeeks; week < 0; week++ {
		for part := range 2 { // of the hour; in the second half of week -1 the bytes are missing
			i := series.Interval{End: monday.AddDate(0, 0, 7*week).Add(time.Duration(part+1) * 30 * time.Minute), ElapsedMS: 1_800_000, SpanMS: 1_800_000}
			i.Set(series.ReadIOs, 1800*uint64(-week))
			i.Set(series.WriteIOs, 0)
			i.Set(series.WriteMS, 0)
			i.Set(series.WriteBytes, 0)
			if week < -1 || part == 0 {
				i.Set(series.ReadBytes, 1800*4096*uint64(-week))
			}
			h.Add(&i)
		}
	}
	at := monday.Add(10 * time.Minute)
	for _, tt := range []struct {
		name string
		of   Figure
		want Usual
		ok   bool
	}{
		{"reads", Reads, Usual{1, 4}, true},
		{"bytes of the weeks that have them", ReadBytes, Usual{2 * 4096, 4 * 4096}, true},
		{"bytes written", WriteBytes, Usual{}, true},
		{"read await", ReadAwait, Usual{}, false},
		{"write await without writes", WriteAwait, Usual{}, false},
		{"busy", Busy, Usual{}, false},
		{"queue", Queue, Usual{}, false},
	} {
		if got, ok := h.Usual(tt.of, at); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%s: %v %v, want %v %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}
