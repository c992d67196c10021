package facts

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Ground is something below a LUN that other LUNs may be on too.
type Ground struct {
	Kind GroundKind
	Name string
}

// GroundKind is the kind of such a thing.
type GroundKind int

// The kinds, the nearest to a LUN first.
const (
	GroundMap   GroundKind = iota // a multipath map or SAN LUN, by its WWID
	GroundDisk                    // a disk of the host
	GroundArray                   // an array, by what the WWIDs of its LUNs begin with
	GroundHost
)

func (g Ground) String() string {
	return [...]string{"SAN LUN ", "disk ", "array ", "host "}[g.Kind] + g.Name
}

// naaArray is how many characters of a SAN LUN's WWID in multipath's spelling tell the
// array: a 3, then NAA's 6, the vendor's 24 bits and 36 bits that vendors give an array.
const naaArray = 17

// ArrayOf is what the WWID of a SAN LUN says about its array. ok is false if it says
// nothing.
func ArrayOf(wwid string) (array string, ok bool) {
	if len(wwid) != 33 || !strings.HasPrefix(wwid, "36") {
		return "", false
	}
	return wwid[1:naaArray], true
}

// sameHours is which part of the lesser LUN's slow time two have to have in common to be
// slow in the same hours.
const sameHours = 0.5

// together is how much slow time of o is in slow hours of s, in hours.
func (s *Slowness) together(o *Slowness) float64 {
	sum, i := 0.0, 0
	for _, h := range o.hours {
		for i < len(s.hours) && s.hours[i].at < h.at {
			i++
		}
		if i < len(s.hours) && s.hours[i].at == h.at {
			sum += min(h.slow, s.hours[i].slow).Hours()
		}
	}
	return sum
}

// share fills in which slow LUNs were slow in the same hours, and what they share.
func (f *finder) share() {
	var slow []int // places in found
	for i := range f.found {
		if f.found[i].Kind == KindSlow {
			slow = append(slow, i)
		}
	}
	slices.SortStableFunc(slow, func(a, b int) int { return cmp.Compare(f.found[b].Weight, f.found[a].Weight) })
	said := map[string]string{} // which LUNs: the title of the one whose sentence names what they share
	for _, i := range slow {
		n := &f.found[i]
		of := []int{n.Of}
		for _, j := range slow {
			o := &f.found[j]
			if slices.Contains(of, o.Of) {
				continue // one LUN, on whichever of its hosts
			}
			a, b := f.slowOf(n), f.slowOf(o)
			if a.together(b) >= sameHours*min(a.Slow, b.Slow).Hours() {
				of = append(of, o.Of)
			}
		}
		if len(of) == 1 {
			continue
		}
		f.with(n, of[1:])
		all := fmt.Sprint(slices.Sorted(slices.Values(of)))
		words := f.sharedWords(of)
		if first := said[all]; first == "" {
			said[all] = n.Title
		} else {
			words = f.asFirst(first, of)
		}
		n.Text += "; " + words
		if n.PartOf != "" {
			f.leadOf(n).Text += "; " + words
		}
	}
}

// mostWith is how many others a finding names: of a thousand LUNs that are slow together
// a million names would be written.
const mostWith = 100

// with names the others.
func (f *finder) with(n *Finding, others []int) {
	n.WithMore = max(len(others)-mostWith, 0)
	for _, i := range others[:len(others)-n.WithMore] {
		n.With = append(n.With, f.LUNs[i].Title)
	}
}

// leadOf is the finding whose sentence tells a part.
func (f *finder) leadOf(part *Finding) *Finding {
	return &f.found[slices.IndexFunc(f.found, func(n Finding) bool { return n.Of == part.Of && n.Kind == part.PartOf && n.PartOf == "" })]
}

// asFirst is for another LUN with the same cause: it says whose sentence has more.
func (f *finder) asFirst(first string, of []int) string {
	words := "in the same hours as " + first
	if g, ok := f.sharedGround(of); ok {
		words += fmt.Sprintf(", with which it shares %s", g)
	}
	return words
}

func (f *finder) slowOf(n *Finding) *Slowness {
	all := f.LUNs[n.Of].Slow
	for _, s := range all {
		if s.Host == n.Host {
			return s
		}
	}
	return all[0]
}

// sharedWords say how many were slow in the same hours, and what all of them rest on.
func (f *finder) sharedWords(of []int) string {
	g, ok := f.sharedGround(of)
	if !ok {
		return fmt.Sprintf("%d LUNs were slow in the same hours: look at what they share", len(of))
	}
	return fmt.Sprintf("%d LUNs were slow in the same hours and share %s", len(of), g)
}

// sharedGround is what all of some LUNs rest on and not all of the others: what everybody
// shares explains nothing. The nearest to them comes first.
func (f *finder) sharedGround(of []int) (Ground, bool) {
	if f.on == nil {
		f.on = map[Ground]int{}
		for i := range f.LUNs {
			for _, g := range f.LUNs[i].Grounds {
				f.on[g]++
			}
		}
	}
	others := len(f.LUNs) - len(of)
	for _, g := range f.LUNs[of[0]].Grounds {
		inside := 0
		for _, i := range of {
			if slices.Contains(f.LUNs[i].Grounds, g) {
				inside++
			}
		}
		if inside == len(of) && f.on[g]-inside < others {
			return g, true
		}
	}
	return Ground{}, false
}
