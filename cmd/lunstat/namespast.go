package main

import (
	"slices"
	"sort"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// pastNames are the names that the ledger has of one host. They change only where an entry
// begins or ends, so that what was found for one time is kept for those up to the next
// change: a day of sar asks for thousands of times, and a host may have thousands of LUNs.
type pastNames struct {
	entries []mapper.Entry
	changes []time.Time // in order
	call    func([]mapper.LUN) *mapper.Names

	names  *mapper.Names
	asOf   int // which change the names came with
	widest int
	within [2]int // the changes between which it is the widest
}

func newPastNames(entries []mapper.Entry, host string, call func([]mapper.LUN) *mapper.Names) *pastNames {
	p := &pastNames{call: call, asOf: -1, within: [2]int{-1, -1}}
	for _, en := range entries {
		if en.Host != host || en.Source != series.SourceHost {
			continue
		}
		p.entries = append(p.entries, en)
		p.changes = append(p.changes, en.From)
		if !en.To.IsZero() {
			p.changes = append(p.changes, en.To)
		}
	}
	slices.SortFunc(p.changes, time.Time.Compare)
	p.changes = slices.CompactFunc(p.changes, time.Time.Equal)
	return p
}

// change is how many changes there were up to a time.
func (p *pastNames) change(at time.Time) int {
	return sort.Search(len(p.changes), func(i int) bool { return p.changes[i].After(at) })
}

// at gives the names as of a time. They are empty if the ledger has no LUN then.
func (p *pastNames) at(t time.Time) *mapper.Names {
	if n := p.change(t); n != p.asOf {
		p.asOf, p.names = n, p.call(p.held(t))
	}
	return p.names
}

func (p *pastNames) held(t time.Time) []mapper.LUN {
	if len(p.entries) == 0 {
		return nil
	}
	return mapper.HeldAt(p.entries, p.entries[0].Host, t)
}

// widestFrom is the longest name of the day from a time on: a table of sar's lasts that
// long, and the names may change in it, or begin.
func (p *pastNames) widestFrom(from time.Time) int {
	to := from.Add(24 * time.Hour)
	within := [2]int{p.change(from), p.change(to.Add(-1))}
	if within == p.within {
		return p.widest
	}
	var devices []mapper.LUN
	for i := range p.entries {
		if en := &p.entries[i]; en.From.Before(to) && (en.To.IsZero() || en.To.After(from)) {
			devices = append(devices, en.LUN)
		}
	}
	p.within, p.widest = within, p.call(devices).Widest()
	return p.widest
}
