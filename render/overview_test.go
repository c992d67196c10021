package render

import (
	"slices"
	"testing"
	"time"

	"lunstat/render/facts"
)

// The sum of the lesser LUNs is drawn where it leaves the largest legible, not on
// a host with so many that it dwarfs each of them.
func TestOthersDontFlatten(t *testing.T) {
	lun := func(v float64) ranked {
		var s summary
		s.lines[iops] = line{mean: []float64{v / 2, v}, max: []float64{v, v}}
		l := &lun{summary: s}
		return ranked{lun: l, view: view{summary: &l.summary, metric: iops}}
	}
	six := []ranked{lun(100), lun(90)}
	for _, tt := range []struct {
		sums  bool
		rest  []ranked
		drawn bool
	}{
		{true, []ranked{lun(50), lun(40)}, true},
		{true, []ranked{lun(80), lun(80), lun(80)}, false},
		{true, nil, false},
		{false, []ranked{lun(50)}, false},
	} {
		d := data{grid: grid{n: 2}}
		o := overview{metric: iops, sums: tt.sums, rest: d.sumOf(tt.rest, (*ranked).meanInFrame)}
		if got := o.drawsOthers(six, tt.rest); got != tt.drawn {
			t.Errorf("sums %v, %d others: drawn %v", tt.sums, len(tt.rest), got)
		}
	}
}

// A figure that is kept with 24 bits reads like the same figure computed exactly.
func TestNumberOfAMaximum(t *testing.T) {
	for _, v := range []float64{152.35, 90.45, 0.45, 1234.25} {
		if a, b := number(v, 1), number(float64(float32(v)), 1); a != b {
			t.Errorf("%v is %s as a mean and %s as a maximum", v, a, b)
		}
	}
}

// A picture of more LUNs than it has rows for says which are left out.
func TestLeftOut(t *testing.T) {
	for _, tt := range []struct {
		troubled int
		want     string
	}{
		{0, "5 LUNs with less are not drawn; the page has all."},
		{3, "5 quiet LUNs are not drawn; the page has all."},
		{mostRows + 2, "5 LUNs are not drawn, and 2 of them are in trouble; the page has all."},
	} {
		m := made{luns: madeLUNs(mostRows + 5), start: monday, every: 15 * time.Minute, n: 4}
		d := gathered(t, m.source(), Options{From: monday, To: monday.Add(time.Hour)})
		for i := range tt.troubled {
			d.findings = append(d.findings, facts.Finding{Kind: facts.KindSlow, Of: i, Weight: 1})
		}
		all := d.ranking(iops, byMean)
		if got := d.leftOut(all[mostRows:]); !slices.Equal(got, []string{tt.want}) {
			t.Errorf("%d in trouble: %q, want %q", tt.troubled, got, tt.want)
		}
		if got := d.leftOut(all[len(all):]); got != nil {
			t.Errorf("none left out: %q", got)
		}
	}
}
