package facts

import "time"

// fresh is how old the last data may be to say something about now. A collector that
// runs each minute is that late only if something is wrong.
const fresh = 5 * time.Minute

// Over reports that the range ended before the report was made: what happened since is
// not known.
func (s *Seen) Over() bool { return !s.Made.IsZero() && s.Made.Sub(s.To) > time.Minute }

// ended reports that data ended too early to say something about the range's end, or
// about now if that comes first.
func (s *Seen) ended(end time.Time) bool {
	late := fresh
	if s.Over() {
		late += s.Bin
	}
	return end.Before(s.Now.Add(-late))
}

// today is the latest moment about which something can be known.
func (s *Seen) today() time.Time {
	if s.Made.After(s.Now) {
		return s.Made
	}
	return s.Now
}

// goOn fills in the end of something that was going on in the last data, which ended
// at a moment. when is "", if it lasts; else it says up to when that is known: unknown is
// not "still".
func (f *finder) goOn(n *Finding, end time.Time) (when string) {
	switch {
	case f.ended(end), end.After(f.Now) && end.Before(f.today().Add(-fresh)):
		n.Until, n.Unended = end, true
		return "when the data ended at " + f.at(end)
	case f.Over() && !end.After(f.Now.Add(fresh)):
		n.Until, n.Unended = end, true
		return "at the end of the range"
	}
	n.Until = time.Time{}
	return ""
}

// leaveOpen settles the end of each finding that seemed to last: where the data of its
// LUN or host ended before now, or the range did, nobody knows whether it does.
func (f *finder) leaveOpen() {
	for i := range f.found {
		n := &f.found[i]
		if !n.Lasts() || n.Kind == KindSlow || n.Kind == KindStalled || n.Kind == KindTail {
			continue // those are settled
		}
		end := f.lastOf(n)
		switch {
		case n.Kind != KindGap && !end.IsZero() && f.ended(end):
			n.Text += "; the data ended at " + f.at(end)
		case f.Over():
			end = f.Now
		default:
			continue
		}
		if end.Before(n.Since) {
			end = n.Since
		}
		n.Until, n.Unended = end, true
	}
}

// lastOf is when the last data ended that a finding may rest on. A LUN that is gone has
// none: its host's counts.
func (f *finder) lastOf(n *Finding) time.Time {
	if n.Of >= 0 && n.Kind != KindGone {
		return f.LUNs[n.Of].LastEnd
	}
	var last time.Time
	for i := range f.LUNs {
		if l := &f.LUNs[i]; l.Entry.Host == n.Host && l.LastEnd.After(last) {
			last = l.LastEnd
		}
	}
	return last
}
