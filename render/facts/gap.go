package facts

import (
	"fmt"
	"slices"
	"time"
)

// gapSeverity is that of not knowing.
const gapSeverity = 0.5

// gaps are one finding for all that a host has no data of.
func (f *finder) gaps() {
	var hosts []string
	by := map[string][]Gap{}
	inRange := map[string]time.Duration{} // what of them is in it
	for _, g := range f.Gaps {
		if by[g.Host] == nil {
			hosts = append(hosts, g.Host)
		}
		inRange[g.Host] += g.Long()
		if !g.Began.IsZero() {
			g.From = g.Began
		}
		by[g.Host] = append(by[g.Host], g)
	}
	for _, h := range hosts {
		all := by[h]
		n := Finding{Kind: KindGap, Title: h, Host: h, Since: all[0].From, Unit: "s", Of: -1}
		longest := all[0]
		for _, g := range all {
			n.Duration += g.Long()
			if g.Long() > longest.Long() {
				longest = g
			}
		}
		if last := all[len(all)-1]; last.Flat || last.To.Before(f.Now.Add(-touch)) { // a long interval ends with a reading
			n.Until = last.To
		}
		n.Worst, n.WorstAt = longest.Long().Seconds(), longest.To
		n.Weight = inRange[h].Hours() * gapSeverity
		n.Text = n.Title + ": " + f.gapWords(&n, all, longest)
		n.Next = []string{"lunstat status"}
		f.found = append(f.found, n)
	}
}

func (f *finder) gapWords(n *Finding, all []Gap, longest Gap) string {
	what := "no data"
	if !slices.ContainsFunc(all, func(g Gap) bool { return !g.Flat }) {
		what = "only totals"
	}
	if len(all) == 1 {
		return fmt.Sprintf("%s for %s since %s: %s", what, Long(n.Duration), f.at(n.Since), longest.Cause)
	}
	return fmt.Sprintf("%s %s, for %s in all; the longest %s from %s on: %s",
		what, times(len(all)), Long(n.Duration), Long(longest.Long()), f.at(longest.From), longest.Cause)
}
