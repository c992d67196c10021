package render

import (
	"slices"
	"testing"
	"time"

	"lunstat/render/facts"
)

// A trouble counts once, as the most serious kind that it shows; two troubles of a LUN
// count twice, and the one in the headline doesn't count.
func TestTroublesCountOnce(t *testing.T) {
	of := func(lun int, kind, part facts.Kind) facts.Finding {
		return facts.Finding{Kind: kind, PartOf: part, Of: lun, Weight: 1, Since: monday, Until: monday.Add(time.Hour)}
	}
	main := of(0, facts.KindSlow, "")
	d := &data{findings: []facts.Finding{
		main, of(0, facts.KindChanged, facts.KindSlow), of(0, facts.KindStalled, facts.KindSlow), // one trouble, in the headline
		of(1, facts.KindSlow, ""), of(1, facts.KindStalled, facts.KindSlow), of(1, facts.KindChanged, facts.KindSlow),
		of(2, facts.KindSlow, ""), of(2, facts.KindChanged, facts.KindSlow),
		of(3, facts.KindHSM, ""), of(3, facts.KindFull, facts.KindHSM), of(3, facts.KindSlow, ""),
		of(4, facts.KindChanged, ""),
		{Kind: facts.KindGap, Of: -1, Weight: 9},
	}}
	if got, want := d.besides(main), []string{"1 stalled", "1 nearly full", "2 slow"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := len(facts.LeadingOf(d.findings, facts.KindFull)); got != 1 {
		t.Errorf("the picture of space has %d of the full filesystems", got)
	}
}
