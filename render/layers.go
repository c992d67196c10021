package render

import (
	"cmp"
	"slices"

	"lunstat/mapper"
	"lunstat/render/facts"
)

// layers knows the ledger's layers by what the kernel called them.
type layers struct {
	at map[place][]*mapper.Entry
}

func newLayers(entries []mapper.Entry) *layers {
	s := &layers{at: map[place][]*mapper.Entry{}}
	for i := range entries {
		e := &entries[i]
		at := place{e.Host, e.LUN.Kernel}
		s.at[at] = append(s.at[at], e)
	}
	return s
}

// deepest is more than any stack of devices has layers: what goes on is a ring.
const deepest = 12

// below are the layers below an entry while it held, the nearest first.
func (s *layers) below(e *mapper.Entry) []*mapper.Entry {
	var out []*mapper.Entry
	next := []*mapper.Entry{e}
	for range deepest {
		var under []*mapper.Entry
		for _, n := range next {
			for _, kernel := range n.LUN.Slaves {
				if b := s.latest(n, kernel); b != nil && !slices.Contains(out, b) {
					out, under = append(out, b), append(under, b)
				}
			}
		}
		if len(under) == 0 {
			break
		}
		next = under
	}
	return out
}

// latest is the last that a kernel name was while an entry held.
func (s *layers) latest(e *mapper.Entry, kernel string) *mapper.Entry {
	var last *mapper.Entry
	for _, b := range s.at[place{e.Host, kernel}] {
		together := overlap(e, b).Long() > 0 || b.From.Equal(e.From)
		if together && (last == nil || b.From.After(last.From)) {
			last = b
		}
	}
	return last
}

// grounds are what a LUN rests on that others may rest on too, the nearest first.
func (d *data) grounds(l *lun) []facts.Ground {
	var out []facts.Ground
	add := func(kind facts.GroundKind, name string) {
		if g := (facts.Ground{Kind: kind, Name: visible(name)}); name != "" && !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	for _, wwid := range l.entry.LUN.SAN {
		add(facts.GroundMap, wwid)
		if array, ok := facts.ArrayOf(wwid); ok {
			add(facts.GroundArray, array)
		}
	}
	for _, b := range d.layers.below(&l.entry) {
		if b.LUN.Layer == mapper.LayerDisk && len(l.entry.LUN.SAN) == 0 {
			add(facts.GroundDisk, b.LUN.Kernel+" of "+b.Host)
		}
	}
	for _, k := range l.keys {
		if d.opt.of(k.Host) {
			add(facts.GroundHost, k.Host)
		}
	}
	slices.SortStableFunc(out, func(a, b facts.Ground) int { return cmp.Compare(a.Kind, b.Kind) })
	return out
}

// maps are the multipath maps below the LUNs, or those that LUNs are themselves.
func (d *data) maps() []facts.Map {
	at := map[mapper.ID]int{}
	var out []facts.Map
	for i, l := range d.luns {
		for _, e := range append(d.layers.below(&l.entry), &l.entry) {
			if len(e.LUN.Paths) == 0 {
				continue
			}
			id := mapper.ID(e.Host + "\x00" + string(e.LUN.ID))
			n, seen := at[id]
			if !seen {
				n = len(out)
				at[id] = n
				out = append(out, facts.Map{Name: visible(e.LUN.Name()), History: d.layers.history(e)})
			}
			if !slices.Contains(out[n].LUNs, i) {
				out[n].LUNs = append(out[n].LUNs, i)
			}
		}
	}
	return out
}

// history is everything that a host's ledger says about the LUN of an entry, in order of
// time.
func (s *layers) history(of *mapper.Entry) []mapper.Entry {
	var out []mapper.Entry
	for at, list := range s.at {
		if at.host != of.Host {
			continue
		}
		for _, e := range list {
			if e.LUN.ID == of.LUN.ID && e.Source == of.Source {
				out = append(out, *e)
			}
		}
	}
	slices.SortFunc(out, func(a, b mapper.Entry) int { return a.From.Compare(b.From) })
	return out
}
