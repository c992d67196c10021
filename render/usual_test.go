package render

import (
	"math"
	"testing"
	"time"

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
	least, largest := bandOf(d.grid, d.luns[0].usual.Reads)
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
	if len(changed) != 1 || changed[0] != "mysql 0: +100 % IOPS of the four weeks before, since Mon 00:00" {
		t.Errorf("%q", changed)
	}
	// Of a week that has none before it nothing is usual.
	d = gathered(t, m.source(), Options{From: from, To: from.AddDate(0, 0, 7)})
	if least, _ := bandOf(d.grid, d.luns[0].usual.Reads); least != nil {
		t.Error("the first week has a band")
	}
}
