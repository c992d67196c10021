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
	Slow   func(role string) time.Duration // the await limit of a role, for LUNs without their own; nil: none
	Layers string                          // which layers are stored: "luns", "maps", "all"
}

// Close makes the minute from what the last run left and what this one read: everything
// that is stored, what the next run must know, and what there is to report. It is pure,
// and simulated samples go through it like real ones.
func Close(state series.State, s series.Sample, rules Rules) (series.Minute, []News) {
	luns := mapper.Stored(s.LUNs, rules.Layers)
	keys, twins := keysOf(luns, state, s)
	intervals, last := closeIntervals(luns, keys, state, s, rules)
	spaces := movedSpaces(ownSpaces(s), state.Spaces, s.SpacesDue)
	warnings := bounded(slices.Concat(s.Warnings, twins), mostWarnings, "warnings")
	pressure, pressed := series.ClosePressure(state.Pressure, s.Pressure)
	conditions, news := follow(state.Conditions, warnings, s.At.Wall)
	m := series.Minute{
		Run: series.Run{
			Host: s.Host, At: s.At, Kernel: s.Kernel, Version: s.Version,
			LUNs: uint32(len(intervals)), Pressure: pressure, Warnings: warnings,
		},
		Intervals: intervals,
		Spaces:    spaces,
		State: series.State{
			Last: last, Mapping: s.LUNs, UeventSeq: s.UeventSeq, BootID: s.At.BootID, Classified: s.Classified,
			SpaceAt: state.SpaceAt, Spaces: lastStored(state.Spaces, spaces), Hung: s.Hung,
			Conditions: conditions, Pressure: pressed,
		},
	}
	if s.SpacesDue {
		m.State.SpaceAt = s.At.Wall
	}
	if changed(state, s) {
		m.Mapped = named(luns, keys)
	}
	return m, news
}

// closeIntervals closes the interval of each LUN that was read, and gives the bases
// of the next ones.
func closeIntervals(luns []mapper.LUN, keys []series.Key, state series.State, s series.Sample, rules Rules) ([]series.KeyInterval, []series.Last) {
	left := newLeft(state.Last)
	readings := readingsOf(s.Readings)
	intervals := make([]series.KeyInterval, 0, len(luns))
	last := make([]series.Last, 0, len(luns))
	for i := range luns {
		l, key := &luns[i], keys[i]
		at, ok := readings.find(l.Kernel)
		if !ok {
			continue // a map without a table, a path that just left
		}
		now := series.Last{Key: key, At: s.At, DiskSeq: l.DiskSeq, Counters: s.Readings[at].Counters, Latency: s.Readings[at].Latency}
		was := series.Last{Key: key}
		if old := left.take(key, l.Was); old != nil {
			was = *old
			was.Key = key
		}
		interval, base, ok := series.Close(was, now, series.Limits{Gap: rules.Gap, Slow: l.AwaitLimit(rules.Slow)})
		if ok {
			addPeaks(&interval, &base, s.Peaks, l)
			intervals = append(intervals, series.KeyInterval{Key: key, Interval: interval})
		}
		last = append(last, base)
	}
	return intervals, append(last, left.absent(s)...)
}

// named gives the LUNs under the identities of their series: the ledger keeps twins
// apart, too.
func named(luns []mapper.LUN, keys []series.Key) []mapper.LUN {
	luns = slices.Clone(luns) // what is kept for the next run says what was read
	for i := range luns {
		luns[i].ID = keys[i].ID
	}
	return luns
}

// left is the last readings that the last run left, until a LUN takes its own.
type left struct {
	all   []series.Last
	byKey inOrder[series.Key]
	taken []bool
}

func newLeft(all []series.Last) left {
	key := func(i int) series.Key { return all[i].Key }
	return left{all, inOrder[series.Key]{n: len(all), key: key}, make([]bool, len(all))}
}

// take takes a LUN's last reading out, of the identity that it has or had.
func (f *left) take(k series.Key, was mapper.ID) *series.Last {
	i, ok := f.byKey.find(k)
	if (!ok || f.taken[i]) && was != "" {
		k.ID = was
		i, ok = f.byKey.find(k)
	}
	if !ok || f.taken[i] {
		return nil
	}
	f.taken[i] = true
	return &f.all[i]
}

// absent keeps the bases of LUNs that were not there this time, in their order, so that
// one that comes back continues where it left. If there is no diskseq to tell, a LUN that
// the host no longer has is marked: what comes back is another device.
func (f *left) absent(s series.Sample) []series.Last {
	var here map[mapper.ID]bool
	var keep []series.Last
	for i, l := range f.all {
		if f.taken[i] || s.At.Wall.Sub(l.At.Wall) >= forgetAfter {
			continue
		}
		if here == nil {
			here = make(map[mapper.ID]bool, len(s.LUNs))
			for i := range s.LUNs {
				here[s.LUNs[i].ID] = true
			}
		}
		if l.DiskSeq == 0 && !s.Partial && !here[l.Key.ID] && !here[series.Untwinned(l.Key.ID)] {
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
		if mapper.Noteworthy(&state.Mapping[i], &s.LUNs[i]) {
			return true
		}
	}
	return false
}
