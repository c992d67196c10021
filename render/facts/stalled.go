package facts

import (
	"fmt"
	"slices"

	"github.com/dustin/go-humanize/english"
)

// stallSeverity is that of no answer at all, as if it were 1,000 × the limit.
const stallSeverity = 10

// stalled is one finding for all stalls of a LUN.
func (f *finder) stalled() {
	stalls := f.lun.Stalls
	if len(stalls) == 0 {
		return
	}
	n := Finding{Kind: KindStalled, Since: stalls[0].From, Unit: "s", Duration: sum(stalls)}
	longest := slices.MaxFunc(stalls, byLength)
	last := stalls[len(stalls)-1]
	n.Until = last.To
	when := ""
	if !last.To.Before(f.lun.LastEnd.Add(-touch)) {
		when = f.goOn(&n, last.To)
	}
	n.Worst, n.WorstAt = longest.Long().Seconds(), longest.To
	// However short, it is more than a slow hour: programs hang meanwhile.
	n.Weight = max(n.Duration.Hours(), 1) * stallSeverity
	f.add(n, f.stallWords(&n, stalls, longest, when))
}

func (f *finder) stallWords(n *Finding, stalls []Span, longest Span, when string) string {
	switch {
	case len(stalls) > 1:
		text := fmt.Sprintf("stalled %s: no I/O completed for %s in all, %s of it from %s on",
			times(len(stalls)), Long(n.Duration), Long(longest.Long()), f.at(longest.From))
		switch {
		case n.Lasts():
			text += "; the last one lasts"
		case when != "":
			text += "; the last one was not over " + when
		}
		return text
	case n.Lasts():
		return fmt.Sprintf("stalled since %s: no I/O completed for %s", f.at(n.Since), Long(n.Duration))
	case when != "":
		return fmt.Sprintf("stalled since %s, and was %s: no I/O completed for %s", f.at(n.Since), when, Long(n.Duration))
	}
	return fmt.Sprintf("stalled: no I/O completed for %s, from %s to %s", Long(n.Duration), f.at(n.Since), f.at(n.Until))
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return english.Plural(n, "time", "")
}
