package facts

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// near is how far apart two kinds of trouble of a LUN may be and still have one cause.
const near = time.Hour

// carry makes one sentence of what one trouble of a LUN shows: the heaviest finding
// leads, and says in its own sentence what the others found. Those stay findings, as
// parts of it. What only changed never leads.
func (f *finder) carry() {
	order := make([]*Finding, len(f.found))
	for i := range f.found {
		order[i] = &f.found[i]
	}
	slices.SortStableFunc(order, func(a, b *Finding) int {
		if a.Troubling() != b.Troubling() {
			return cmp.Compare(btoi(b.Troubling()), btoi(a.Troubling()))
		}
		return cmp.Compare(b.Weight, a.Weight)
	})
	for i, lead := range order {
		if lead.PartOf != "" || lead.Of < 0 {
			continue
		}
		for _, part := range order[i+1:] {
			if part.PartOf == "" && part.Of == lead.Of && f.oneTrouble(lead, part) {
				part.PartOf = lead.Kind
				lead.Text += "; " + f.carried(lead, part)
			}
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// carried are a part's words in the sentence of its lead.
func (f *finder) carried(lead, part *Finding) string {
	words := strings.TrimPrefix(part.Text, part.Title+": ")
	if part.Since.Sub(lead.Since).Abs() <= near {
		words = strings.TrimSuffix(words, ", since "+f.at(part.Since))
	}
	return words
}

// oneTrouble reports whether two findings of a LUN have one cause, judging by their kinds
// and times.
func (f *finder) oneTrouble(lead, part *Finding) bool {
	if part.Kind == KindChanged {
		return lead.Troubling() && lead.Kind != KindHSM && f.spanOf(lead).Overlaps(f.spanOf(part))
	}
	if lead.Host != part.Host {
		return false
	}
	a, b := *lead, *part
	if rankOf(a.Kind) > rankOf(b.Kind) {
		a, b = b, a
	}
	switch [2]Kind{a.Kind, b.Kind} {
	case [2]Kind{KindSlow, KindStalled}:
		return f.slowOf(&a).nearAll(f.LUNs[a.Of].Stalls)
	case [2]Kind{KindSlow, KindGone}:
		return widened(Span{b.Since, b.Since}).Overlaps(Span{a.Until.Add(-touch), a.Until})
	case [2]Kind{KindSlow, KindPaths}:
		return f.slowOf(&a).within(widened(f.spanOf(&b)))
	case [2]Kind{KindStalled, KindPaths}, [2]Kind{KindStalled, KindGone}, [2]Kind{KindStalled, KindReadOnly},
		[2]Kind{KindPaths, KindGone}, [2]Kind{KindPaths, KindReadOnly}, [2]Kind{KindGone, KindReadOnly}:
		return widened(f.spanOf(&a)).Overlaps(f.spanOf(&b))
	case [2]Kind{KindFull, KindHSM}:
		return b.Weight >= hsmMissing && b.Lasts()
	}
	return false
}

// rankOf orders the kinds that may be the same trouble.
func rankOf(k Kind) int {
	return slices.Index([]Kind{KindSlow, KindStalled, KindPaths, KindGone, KindReadOnly, KindFull, KindHSM}, k)
}

// spanOf is from when to when a finding lasted, as far as is known.
func (f *finder) spanOf(n *Finding) Span {
	s := Span{n.Since, n.Until}
	if n.Lasts() {
		s.To = f.Now
	}
	if !s.To.After(s.From) {
		s.To = s.From.Add(touch)
	}
	return s
}

func widened(s Span) Span { return Span{s.From.Add(-near), s.To.Add(near)} }

// nearAll reports that each of some stretches lies near slow time.
func (s *Slowness) nearAll(all []Span) bool {
	for _, in := range all {
		if !slices.ContainsFunc(s.hours, func(h slowHour) bool {
			return widened(in).Overlaps(Span{h.first.From, h.last.To})
		}) {
			return false
		}
	}
	return true
}

// within reports that most of the slow time is in a stretch.
func (s *Slowness) within(in Span) bool {
	var inside time.Duration
	for _, h := range s.hours {
		if in.Overlaps(Span{h.first.From, h.last.To}) {
			inside += h.slow
		}
	}
	return 2*inside > s.Slow
}

// Leading are the findings that aren't told by another one's sentence.
func Leading(all []Finding) []Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f Finding) bool { return f.PartOf != "" })
}

// LeadingOf are those of some kinds that aren't told by the sentence of another one of
// these kinds; of no kind, of all.
func LeadingOf(all []Finding, kinds ...Kind) []Finding {
	if len(kinds) == 0 {
		return Leading(all)
	}
	return slices.DeleteFunc(slices.Clone(all), func(f Finding) bool {
		return !slices.Contains(kinds, f.Kind) || f.PartOf != "" && slices.Contains(kinds, f.PartOf)
	})
}
