package facts

import (
	"fmt"
	"time"
)

// A LUN that was slow for less than both is not worth a reader's time: any LUN has
// a bad minute.
const (
	slowWhile = 15 * time.Minute
	slowShare = 0.01
)

// slow is one finding for all of a LUN's slow time in the range.
func (f *finder) slow() {
	for _, s := range f.lun.Slow {
		if s.Slow == 0 || s.Slow < slowWhile && float64(s.Slow) < slowShare*float64(s.Watched) {
			continue
		}
		first, last := s.ends()
		n := Finding{
			Kind: KindSlow, Host: s.Host, Since: first.From, Until: last.To,
			Worst: s.worst, Unit: "ms", Limit: float64(s.Limit) / float64(time.Millisecond), TimesLimit: s.times(s.worst),
			Duration: s.slowFor(), Weight: s.weight(),
		}
		if s.worst > 0 {
			n.WorstAt = s.worstIn.To
		}
		onwards := ""
		if s.slowAtEnd() {
			onwards = ", and still is"
			if when := f.goOn(&n, s.end); when != "" {
				onwards = ", and was " + when
			}
		}
		f.add(n, f.slowWords(s, &n, onwards))
	}
}

func (f *finder) slowWords(s *Slowness, n *Finding, onwards string) string {
	text := ""
	if s.Host != "" {
		text = "on " + s.Host + " "
	}
	text += fmt.Sprintf("slow for %s since %s", Long(n.Duration), f.at(n.Since))
	if s.orEarlier(n.Since, f.From) {
		text += " or earlier"
	}
	text += onwards
	if gap := s.unknownAmid(f.lun.Gaps); gap > 0 {
		text += ", not counting " + Long(gap) + " without data"
	}
	if n.Worst == 0 {
		return text
	}
	text += fmt.Sprintf("; worst %s on %s", milliseconds(n.Worst), f.at(n.WorstAt))
	if n.TimesLimit >= 1 {
		text += ", " + beyondLimit(n.TimesLimit, n.Limit)
	}
	return text
}
