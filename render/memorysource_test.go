package render

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"lunstat/collector/mailstore"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// memory is a Source that holds everything.
type memory struct {
	entries   []mapper.Entry
	intervals map[series.Key][]series.Interval
	rolled    map[series.Key][]series.Interval // 15 minutes
	spaces    map[series.Key][]series.Space
	runs      []series.Run
	pressures []series.HostPressure
	notes     []series.Note
}

func newMemory() *memory {
	return &memory{
		intervals: map[series.Key][]series.Interval{},
		rolled:    map[series.Key][]series.Interval{},
		spaces:    map[series.Key][]series.Space{},
	}
}

// with is what two hosts saw.
func (m *memory) with(o *memory) *memory {
	both := newMemory()
	for _, from := range []*memory{m, o} {
		both.entries = append(both.entries, from.entries...)
		both.runs = append(both.runs, from.runs...)
		maps.Copy(both.intervals, from.intervals)
		maps.Copy(both.spaces, from.spaces)
	}
	return both
}

// keysOf are the series of some identities.
func (m *memory) keysOf(ids ...mapper.ID) []series.Key {
	var out []series.Key
	for k := range m.intervals {
		if slices.Contains(ids, k.ID) {
			out = append(out, k)
		}
	}
	return out
}

func compareKeys(a, b series.Key) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Source, b.Source))
}

func (m *memory) LUNs(_ context.Context, from, to time.Time) ([]mapper.Entry, error) {
	var out []mapper.Entry
	for _, e := range m.entries {
		if e.From.Before(to) && (e.To.IsZero() || e.To.After(from)) {
			out = append(out, e)
		}
	}
	return out, nil
}

func (m *memory) Intervals(_ context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error {
	for _, k := range slices.SortedFunc(maps.Keys(m.intervals), compareKeys) {
		if q.Keys != nil && !slices.Contains(q.Keys, k) {
			continue
		}
		list := m.intervals[k]
		if q.Width > 0 {
			if q.Width == 15*time.Minute && m.rolled[k] == nil {
				m.rolled[k] = series.Roll(list, q.Width)
			}
			if list = m.rolled[k]; q.Width != 15*time.Minute {
				list = series.Roll(m.intervals[k], q.Width)
			}
		}
		for _, i := range list {
			if !i.End.After(q.From) || i.End.After(q.To) {
				continue
			}
			if err := fn(k, &i); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *memory) Spaces(_ context.Context, q series.Query, fn func(series.Key, *series.Space) error) error {
	for _, k := range slices.SortedFunc(maps.Keys(m.spaces), compareKeys) {
		if q.Keys != nil && !slices.Contains(q.Keys, k) {
			continue
		}
		for _, s := range m.spaces[k] {
			if !s.At.After(q.From) || s.At.After(q.To) {
				continue
			}
			if err := fn(k, &s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *memory) Runs(_ context.Context, q series.Query) ([]series.Run, error) {
	var out []series.Run
	boot := ""
	for _, r := range m.runs {
		if r.At.Wall.After(q.From) && !r.At.Wall.After(q.To) && (q.Width == 0 || r.At.BootID != boot) {
			out = append(out, r)
			boot = r.At.BootID
		}
	}
	return out, nil
}

func (m *memory) Pressures(_ context.Context, q series.Query) ([]series.HostPressure, error) {
	var out []series.HostPressure
	for _, p := range m.pressures {
		if p.End.After(q.From) && !p.End.After(q.To) {
			out = append(out, p)
		}
	}
	return out, nil
}

func (m *memory) Notes(_ context.Context, from, to time.Time) ([]series.Note, error) {
	var out []series.Note
	for _, n := range m.notes {
		if n.At.After(from) && !n.At.After(to) {
			out = append(out, n)
		}
	}
	return out, nil
}

func (m *memory) Extent(context.Context) (first, last time.Time, ok bool, err error) {
	for _, list := range m.intervals {
		for _, i := range list {
			if first.IsZero() || i.End.Before(first) {
				first = i.End
			}
			if i.End.After(last) {
				last = i.End
			}
		}
	}
	return first, last, !first.IsZero(), nil
}

// record lets a simulated mailstore's counters through Close, as the collector
// does with a real host's.
func record(o mailstore.Options) *memory {
	m := newMemory()
	model := mailstore.New(o)
	limits := map[string]time.Duration{"mysql": 20 * time.Millisecond, "redo": 10 * time.Millisecond}
	last := map[series.Key]series.Last{}
	seen := map[string]int{}
	var mapping []mapper.LUN
	entry := map[series.Key]int{}
	for {
		s, ok := model.Next()
		if !ok {
			break
		}
		fresh := len(mapping) == 0 || &mapping[0] != &s.LUNs[0]
		mapping = s.LUNs
		m.runs = append(m.runs, series.Run{Host: s.Host, At: s.At, Kernel: s.Kernel, LUNs: uint32(len(s.Readings))})
		for n, r := range s.Readings {
			l := s.LUNs[n]
			k := series.Key{ID: l.ID, Host: s.Host, Source: s.Source}
			if fresh {
				colour := 0
				if at, ok := entry[k]; ok {
					m.entries[at].To = s.At.Wall
					colour = m.entries[at].Colour
				} else {
					colour = seen[l.Role]
					seen[l.Role]++
				}
				entry[k] = len(m.entries)
				m.entries = append(m.entries, mapper.Entry{Host: s.Host, BootID: s.At.BootID, Source: s.Source, From: s.At.Wall, Colour: colour, LUN: l})
			}
			now := series.Last{Key: k, At: s.At, Counters: r.Counters}
			i, base, ok := series.Close(last[k], now, series.Limits{Slow: limits[l.Role]})
			last[k] = base
			if ok {
				m.intervals[k] = append(m.intervals[k], i)
			}
		}
		for _, sp := range s.Spaces {
			k := series.Key{ID: sp.Key.ID, Host: s.Host, Source: s.Source}
			sp.At = s.At.Wall
			m.spaces[k] = append(m.spaces[k], sp.Space)
		}
	}
	m.notes = model.Notes()
	return m
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Skipf("no time zone %s here: %v", name, err)
	}
	return z
}
