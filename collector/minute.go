package collector

import (
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// forgetAfter is how long the counters of a LUN that is gone stay a base.
const forgetAfter = 35 * 24 * time.Hour

// Rules are what the config says about closing intervals.
type Rules struct {
	Gap    time.Duration                   // above it an interval is long
	Slow   func(role string) time.Duration // the await limit of a role; nil: none
	Layers string                          // which layers are stored: "luns", "maps", "all"
}

// Close makes a minute out of what the last run left and one look at the host.
// It is pure: simulated samples go through it as real ones do.
func Close(state series.State, s series.Sample, rules Rules) series.Minute {
	luns := mapper.Stored(s.LUNs, rules.Layers)
	keys, warnings := keysOf(luns, state, s)
	last := make(map[series.Key]*series.Last, len(state.Last))
	for i := range state.Last {
		last[state.Last[i].Key] = &state.Last[i]
	}
	readings := make(map[string]*series.Reading, len(s.Readings))
	for i := range s.Readings {
		readings[s.Readings[i].Kernel] = &s.Readings[i]
	}

	m := series.Minute{Run: series.Run{
		Host: s.Host, At: s.At, Kernel: s.Kernel,
		Warnings: append(slices.Clone(s.Warnings), warnings...),
	}}
	m.State = series.State{Mapping: s.LUNs, BootID: s.At.BootID, UeventSeq: state.UeventSeq, SpaceAt: state.SpaceAt}
	m.State.Last = make([]series.Last, 0, len(luns))
	m.Intervals = make([]series.KeyInterval, 0, len(luns))
	if rules.Layers == "all" {
		luns = slices.Clone(luns) // what is kept for the next run says what was read
	}
	for i := range luns {
		luns[i].ID = keys[i].ID // the ledger keeps twins apart, too
		r := readings[luns[i].Kernel]
		if r == nil {
			continue // a map without a table, a path that just left
		}
		now := series.Last{Key: keys[i], At: s.At, DiskSeq: luns[i].DiskSeq, Counters: r.Counters}
		was := series.Last{Key: keys[i]}
		if l := take(last, keys[i], luns[i].Was); l != nil {
			was = *l
			was.Key = keys[i]
		}
		interval, base, ok := series.Close(was, now, series.Limits{Gap: rules.Gap, Slow: rules.slow(luns[i].Role)})
		if ok {
			m.Intervals = append(m.Intervals, series.KeyInterval{Key: keys[i], Interval: interval})
		}
		m.State.Last = append(m.State.Last, base)
	}
	m.State.Last = append(m.State.Last, absent(state.Last, last, s)...)
	m.Run.LUNs = uint32(len(m.Intervals))
	m.Spaces = ownSpaces(s)
	if changed(state, s) {
		m.Mapped = luns
	}
	return m
}

// take takes a LUN's last reading out, of the identity that it has or had.
func take(last map[series.Key]*series.Last, k series.Key, was mapper.ID) *series.Last {
	l := last[k]
	if l == nil && was != "" {
		k.ID = was
		l = last[k]
	}
	delete(last, k)
	return l
}

func (r *Rules) slow(role string) time.Duration {
	if r.Slow == nil {
		return 0
	}
	return r.Slow(role)
}

// absent keeps the bases of LUNs that were not there this time, in their order,
// so that one that comes back goes on where it left. Where no diskseq will tell, a
// LUN that the host has no more is marked: what comes back is another device.
func absent(all []series.Last, left map[series.Key]*series.Last, s series.Sample) []series.Last {
	here := make(map[mapper.ID]bool, len(s.LUNs))
	for i := range s.LUNs {
		here[s.LUNs[i].ID] = true
	}
	var keep []series.Last
	for _, l := range all {
		if left[l.Key] == nil || s.At.Wall.Sub(l.At.Wall) >= forgetAfter {
			continue
		}
		if l.DiskSeq == 0 && !s.Partial && !here[l.Key.ID] && !here[untwinned(l.Key.ID)] {
			l.DiskSeq = series.Gone
		}
		keep = append(keep, l)
	}
	return keep
}

func ownSpaces(s series.Sample) []series.KeySpace {
	spaces := slices.Clone(s.Spaces)
	for i := range spaces {
		spaces[i].Key.Host, spaces[i].Key.Source = s.Host, s.Source
	}
	return spaces
}

// changed reports whether the ledger has something to learn.
func changed(state series.State, s series.Sample) bool {
	if state.BootID != s.At.BootID || len(state.Mapping) != len(s.LUNs) {
		return true
	}
	for i := range s.LUNs {
		if mapper.Changed(state.Mapping[i], s.LUNs[i]) {
			return true
		}
	}
	return false
}
