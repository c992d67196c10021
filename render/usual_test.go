package render

import (
	"math"
	"slices"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/render/facts"
)

// A host makes 60 reads a minute for four weeks, a ninth less in the second of them, and 120 in the
// fifth: the band is from eight ninths to one a second, and the week is beyond it.
func TestUsualReads(t *testing.T) {
	from := monday.AddDate(0, 0, -28)
	m := made{luns: madeLUNs(1), start: from, every: 15 * time.Minute, n: 35 * 96}
	m.ios = func(_, i int) uint64 {
		switch week := i / (7 * 96); week {
		case 1:
			return 800
		case 4:
			return 1800
		}
		return 900
	}
	d := gathered(t, m.source(), Options{From: monday, To: monday.AddDate(0, 0, 7)})
	least, largest := bandOf(d.grid, &d.luns[0].usual, facts.Reads)
	for i := 8; i < len(least)-8; i++ { // the interval that ends with an hour is the next one's
		if math.Abs(least[i]-800.0/900) > 1e-6 || math.Abs(largest[i]-1) > 1e-6 {
			t.Fatalf("column %d: %v to %v", i, least[i], largest[i])
		}
	}
	var changed []string
	for _, f := range d.findings {
		if f.Kind == facts.KindChanged {
			changed = append(changed, f.Text)
		}
	}
	if len(changed) != 1 || changed[0] != "mysql 0: 100 % more IOPS, compared with the four weeks before, since Mon 00:00" {
		t.Errorf("%q", changed)
	}
	// A week without weeks before it has no usual.
	d = gathered(t, m.source(), Options{From: from, To: from.AddDate(0, 0, 7)})
	if least, _ := bandOf(d.grid, &d.luns[0].usual, facts.Reads); least != nil {
		t.Error("the first week has a band")
	}
}

// Every curve of a LUN's picture has its usual, and so has every overview's row.
func TestUsualBehindEachCurve(t *testing.T) {
	from := monday.AddDate(0, 0, -21)
	m := made{luns: madeLUNs(1), start: from, every: time.Hour, n: 4 * 7 * 24}
	m.ios = func(_, i int) uint64 { return 3600 * uint64(10+i/(7*24)) }
	d := gathered(t, m.source(), Options{From: monday, To: monday.AddDate(0, 0, 7)})
	want := map[metric][2]float64{ // of the weeks with 10, 11 and 12 reads a second
		iops: {15, 18}, readIOPS: {10, 12}, writeIOPS: {5, 6}, readBytes: {40960, 49152}, writeBytes: {40960, 49152},
		readAwait: {5, 5}, writeAwait: {2, 2}, util: {6, 7.2}, queue: {0.06, 0.072},
	}
	drawn := overviewed()
	for _, p := range d.luns[0].panels(d) {
		for _, dr := range p.lines {
			drawn = append(drawn, dr.metric)
		}
	}
	for _, m := range drawn {
		least, largest := d.luns[0].usualBand(d.grid, m)
		w, ok := want[m]
		if !ok || least == nil || math.Abs(least[200]/w[0]-1) > 1e-6 || math.Abs(largest[200]/w[1]-1) > 1e-6 {
			t.Errorf("%v: %v, want %v", m, append(slices.Clone(least[200:min(201, len(least))]), largest[200:min(201, len(largest))]...), w)
		}
	}
	m.luns[0].Reach = mapper.ReachGlobal
	one := m.source()
	m.host = "another"
	d = gathered(t, one.with(m.source()), Options{From: monday, To: monday.AddDate(0, 0, 7)})
	if least, largest := d.luns[0].usualBand(d.grid, iops); math.Abs(least[200]-30) > 1e-5 || math.Abs(largest[200]-36) > 1e-5 {
		t.Errorf("of two hosts at once %v to %v, want the sum, as the curve has it", least[200], largest[200])
	}
	if least, _ := d.luns[0].usualBand(d.grid, util); least != nil {
		t.Error("two busy times have one band")
	}
}

// Two hosts use a LUN at once, and one of them finds it slow: that host's time counts, not
// both hosts' together. A range that begins within the slow time says when that began.
func TestSlowOnOneOfTwoHosts(t *testing.T) {
	m := made{luns: madeLUNs(1), start: monday, every: time.Minute, n: 600, host: "mail1"}
	m.luns[0].Reach = mapper.ReachGlobal
	a := m.source()
	m.host = "mail2"
	b := m.source()
	k := series.Key{ID: m.luns[0].ID, Host: "mail2", Source: series.SourceHost}
	for i := range b.intervals[k] {
		if iv := &b.intervals[k][i]; i >= 100 && i < 220 {
			iv.Set(series.SlowMS, iv.ElapsedMS)
			iv.Set(series.ReadMS, iv.Value(series.ReadIOs)*30)
		}
	}
	at := func(minute int) time.Time { return monday.Add(time.Duration(minute) * time.Minute) }
	d := gathered(t, a.with(b), Options{From: at(150), To: at(600), Limits: roleLimits()})
	var slow []facts.Finding
	for _, f := range d.findings {
		if f.Kind == facts.KindSlow {
			slow = append(slow, f)
		}
	}
	if len(slow) != 1 || slow[0].Host != "mail2" || !slow[0].Since.Equal(at(100)) || !slow[0].Until.Equal(at(220)) || slow[0].Duration != 2*time.Hour ||
		slow[0].Text != "mysql 0: on mail2 slow for 2 h since Mon 16 Nov 01:40; worst 30 ms on Mon 02:31, 1.5 × its limit of 20 ms" {
		t.Errorf("%+v", slow)
	}
}
