package facts

import (
	"fmt"
	"slices"

	"github.com/dustin/go-humanize"
)

// goneSeverity is that of a LUN that is gone though it was in use.
const goneSeverity = 4

// gone is a LUN that went away while its host was there. One that was not mounted, like
// last night's snapshot, is no trouble.
func (f *finder) gone() {
	l := f.lun
	if l.Gone.IsZero() {
		return
	}
	n := Finding{Kind: KindGone, Since: l.Gone, Duration: f.Now.Sub(l.Gone)}
	text := "gone since " + f.at(l.Gone)
	if m := l.Entry.LUN.Mounted(); m != "" || l.Entry.LUN.Swap {
		n.Weight = max(n.Duration.Hours(), 1) * goneSeverity
		if m != "" {
			text += "; it was mounted on " + m
		}
	}
	f.add(n, text)
}

// appeared is a LUN that was first seen within the range.
func (f *finder) appeared() {
	l := f.lun
	if l.New.IsZero() {
		return
	}
	text := "new since " + f.at(l.New)
	if l.Entry.LUN.SizeBytes > 0 {
		text += ", " + humanize.IBytes(l.Entry.LUN.SizeBytes)
	}
	f.event(Finding{Kind: KindAppeared, Since: l.New, Until: l.New}, text)
}

// absent are stretches in which a LUN was not there though its host was, and after which
// it came back.
func (f *finder) absent() {
	var away []Span
	for _, g := range f.lun.Gaps {
		if g.Cause == CauseAbsent && g.To.Before(f.Now.Add(-touch)) {
			away = append(away, g.Span)
		}
	}
	count := len(away)
	if count == 0 {
		return
	}
	longest := slices.MaxFunc(away, byLength)
	n := Finding{
		Kind: KindGap, Since: away[0].From, Until: away[count-1].To, Duration: sum(away),
		Worst: longest.Long().Seconds(), WorstAt: longest.To, Unit: "s",
	}
	n.Weight = n.Duration.Hours() * gapSeverity
	text := fmt.Sprintf("not there for %s, from %s to %s", Long(n.Duration), f.at(n.Since), f.at(n.Until))
	if count > 1 {
		text = fmt.Sprintf("not there %s, for %s in all, first on %s", times(count), Long(n.Duration), f.at(n.Since))
	}
	f.add(n, text)
}

// CauseAbsent is the cause of a gap in which the host was there and the LUN was not.
const CauseAbsent = "LUN absent"
