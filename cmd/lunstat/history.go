package main

import (
	"cmp"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// history says what a series' LUN was at a time.
type history struct {
	entries map[series.Key][]mapper.Entry // oldest first
}

func newHistory(entries []mapper.Entry) *history {
	h := &history{make(map[series.Key][]mapper.Entry)}
	for _, en := range entries {
		h.entries[keyOf(en)] = append(h.entries[keyOf(en)], en)
	}
	for _, l := range h.entries {
		slices.SortStableFunc(l, func(a, b mapper.Entry) int { return a.From.Compare(b.From) })
	}
	return h
}

// keyOf is the series that a ledger's entry describes.
func keyOf(en mapper.Entry) series.Key {
	return series.Key{ID: en.LUN.ID, Host: en.Host, Source: en.Source}
}

// at describes the LUN as the last entry up to t does, or else as the first entry does;
// nil if the ledger doesn't know it.
func (h *history) at(k series.Key, t time.Time) *mapper.LUN {
	l := h.entries[k]
	if len(l) == 0 {
		return nil
	}
	n, found := slices.BinarySearchFunc(l, t, func(en mapper.Entry, t time.Time) int { return cmp.Compare(en.From.Unix(), t.Unix()) })
	if !found && n > 0 {
		n--
	}
	return &l[n].LUN
}

// keysOf finds the series that the tokens name: by what their LUNs are now, and
// only then by what any of them was in the range.
func keysOf(entries []mapper.Entry, tokens []string, p mapper.Paths) ([]series.Key, error) {
	keys := make(map[mapper.ID][]series.Key)
	latest := make(map[series.Key]mapper.Entry)
	all := make([]mapper.LUN, len(entries))
	for i, en := range entries {
		all[i] = en.LUN
		k := keyOf(en)
		if was, ok := latest[k]; !ok || en.From.After(was.From) {
			latest[k] = en
		}
		if !slices.Contains(keys[k.ID], k) {
			keys[k.ID] = append(keys[k.ID], k)
		}
	}
	var now []mapper.LUN
	for i := range entries {
		if latest[keyOf(entries[i])].From.Equal(entries[i].From) {
			now = append(now, entries[i].LUN)
		}
	}
	var found []series.Key
	for _, what := range tokens {
		matches, err := mapper.FindRecorded(now, what, p)
		if err != nil {
			if matches, err = mapper.FindRecorded(all, what, p); err != nil {
				return nil, err
			}
		}
		for _, m := range matches {
			for _, k := range keys[m.ID] {
				if !slices.Contains(found, k) && meant(entries, k, &m) {
					found = append(found, k)
				}
			}
		}
	}
	return found, nil
}

// meant reports that a series is of the LUN that was found, and not of a clone with the
// same identity: a clone may have another name.
func meant(entries []mapper.Entry, k series.Key, found *mapper.LUN) bool {
	return found.Reach == mapper.ReachGlobal || slices.ContainsFunc(entries, func(en mapper.Entry) bool {
		return keyOf(en) == k && en.LUN.Name() == found.Name() && en.LUN.Label == found.Label && en.LUN.SizeBytes == found.SizeBytes
	})
}
