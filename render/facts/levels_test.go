package facts

import (
	"math"
	"testing"
	"time"

	"lunstat/collector/series"
)

const gib = 1 << 30

// levelsOf are hourly levels of a filesystem of 1,000 GiB over some days before Monday.
func levelsOf(days int, usedGiB func(hour int) float64) Levels {
	var l Levels
	for h := range days*24 + 1 {
		used := uint64(usedGiB(h) * gib)
		l.Add(&series.Space{At: monday.Add(time.Duration(h-days*24) * time.Hour), UsedBytes: used, AvailBytes: 1000*gib - used})
	}
	return l
}

// Each filesystem grows by 2 GiB a day below its saw-tooth, and is full when the teeth
// reach its end.
func TestFills(t *testing.T) {
	grows := func(hour int) float64 { return float64(hour) / 12 }
	for _, c := range []struct {
		name string
		l    Levels
		days float64 // 0: silent
	}{
		// 35 days by 2 are 70 GiB, so 430 are left.
		{"plain", levelsOf(35, func(h int) float64 { return 500 + grows(h) }), 430 / 2.0},
		// Each night 24 GiB are cleared away: the last tooth had 23 on top, an hour before.
		{"cleared each night", levelsOf(35, func(h int) float64 { return 500 + grows(h) + float64(h%24) }), (430 - 23 + 1/12.0) / 2},
		// HSM takes away 42 of 56 GiB each week.
		{"HSM each week", levelsOf(35, func(h int) float64 { return 500 + float64(h)/3 - float64(h/168)*42 }), (430 - 42 + 1/3.0) / 2},
		{"two weeks", levelsOf(13, func(h int) float64 { return 500 + grows(h) }), 0},
		{"shrinks", levelsOf(35, func(h int) float64 { return 500 - grows(h) }), 0},
		{"still", levelsOf(35, func(int) float64 { return 500 }), 0},
		{"up and down", levelsOf(35, func(h int) float64 { return 500 + 100*math.Sin(float64(h)/100) }), 0},
		{"none", Levels{}, 0},
	} {
		soonest, latest, _, ok := c.l.Fills()
		if ok != (c.days > 0) || ok && (math.Abs(soonest-c.days) > 0.5 || math.Abs(latest-c.days) > 0.5) {
			t.Errorf("%s: full in %v to %v days (%v), want %v", c.name, soonest, latest, ok, c.days)
		}
	}
	grown := levelsOf(35, func(h int) float64 { return 500 + grows(h) })
	last := grown.list[len(grown.list)-1]
	grown.Add(&series.Space{At: last.At.Add(time.Hour), UsedBytes: last.Used, AvailBytes: 2 * last.Avail})
	if _, _, _, ok := grown.Fills(); ok {
		t.Error("what was before it grew counts")
	}
}

func TestFillWords(t *testing.T) {
	for _, c := range []struct {
		from, to float64
		want     string
	}{
		{57, 84, "full in 8 to 12 weeks, growing by 1.5 GiB a day"}, {3.2, 5, "full in 3 to 5 days, growing by 1.5 GiB a day"},
		{1, 1.2, "full in 1 day, growing by 1.5 GiB a day"}, {0.2, 0.9, "full in less than a day, growing by 1.5 GiB a day"},
		{0.4, 3, "full in less than 3 days, growing by 1.5 GiB a day"}, {28, 28, "full in 4 weeks, growing by 1.5 GiB a day"},
	} {
		if got := FillWords(c.from, c.to, Rate{Median: 1.5 * gib}); got != c.want {
			t.Errorf("%v to %v: %q", c.from, c.to, got)
		}
	}
}

// A filesystem is 93 % full from Thursday 12:00 on; another one was full on Friday from
// 3:00 to 5:00; one has room for five days.
func TestFullOverTime(t *testing.T) {
	space := func(days int, used func(hour int) float64) LUN {
		l := mysql()
		l.Levels = levelsOf(days, used)
		for i := range l.Levels.list {
			l.Levels.list[i].At = l.Levels.list[i].At.AddDate(0, 0, 7)
		}
		last := l.Levels.list[len(l.Levels.list)-1]
		l.Space, l.SpaceOK = &series.Space{At: last.At, UsedBytes: last.Used, AvailBytes: last.Avail}, true
		return l
	}
	nearly := space(7, func(h int) float64 {
		if h >= 3*24+12 {
			return 930
		}
		return 500
	})
	f := Find(week(nearly))[0]
	if !f.Since.Equal(at(3, 12, 0)) || !f.Lasts() || f.Duration != 84*time.Hour || f.Text != "MySQL data: 93 % full, 70 GiB free" || math.Abs(f.Weight-84*0.02) > 1e-9 {
		t.Errorf("%+v", f)
	}
	was := space(7, func(h int) float64 {
		if h >= 4*24+3 && h < 4*24+5 {
			return 1000
		}
		return 500
	})
	f = Find(week(was))[0]
	if !f.Since.Equal(at(4, 3, 0)) || !f.Until.Equal(at(4, 5, 0)) || f.Text != "MySQL data: was full for 2 h, from Fri 03:00 to Fri 05:00" || f.Weight != 2*stallSeverity {
		t.Errorf("%+v", f)
	}
	soon := space(35, func(h int) float64 { return 800 + float64(h)/24*2.5 })
	f = Find(week(soon))[0]
	if f.Kind != KindFull || f.Unit != "days" || math.Abs(f.Worst-45) > 0.1 || f.Troubling() || f.Text != "MySQL data: 89 % full; full in 6 weeks, growing by 2.5 GiB a day" {
		t.Errorf("%+v", f)
	}
}

// A filesystem that was full before and after a gap is full since before it.
func TestFullSince(t *testing.T) {
	l := mysql()
	l.LastEnd, l.SpaceOK = at(7, 0, 0), true
	l.Space = &series.Space{At: at(6, 23, 0), UsedBytes: 95 << 30}
	for h := range 7 * 24 {
		used, free := uint64(80<<30), uint64(15<<30)
		if h >= 4*24+4 {
			used, free = 95<<30, 0
		}
		if h < 4*24+18 || h >= 6*24+12 {
			l.Levels.list = append(l.Levels.list, Level{at(h/24, h%24, 0), used, free})
		}
	}
	if f := Find(week(l))[0]; f.Text != "MySQL data: full since Fri 04:00: nothing is free" {
		t.Errorf("%q", f.Text)
	}
}
