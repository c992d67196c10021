package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// ignoring is a store without the LUNs that the config ignores now, whatever was
// stored of them before.
type ignoring struct {
	store
	rules []mapper.Rule
	host  string // only this one's; "" is all

	hidAll bool // the last ledger that was read had ignored LUNs only
}

// errAllIgnored: there is data, but of ignored LUNs only.
var errAllIgnored = errors.New("the config ignores all LUNs of this range")

// withoutIgnored leaves out what the config ignores. A config speaks of the host that
// it is on: of what InfluxDB has, that host's LUNs only.
func withoutIgnored(s store, rules []mapper.Rule, host string) store {
	if !slices.ContainsFunc(rules, func(r mapper.Rule) bool { return r.Ignore }) {
		return s
	}
	return &ignoring{store: s, rules: rules, host: host}
}

// LUNs gives the ledger's entries but those of ignored LUNs.
func (s *ignoring) LUNs(ctx context.Context, from, to time.Time) ([]mapper.Entry, error) {
	entries, err := s.store.LUNs(ctx, from, to)
	if err != nil {
		return nil, err
	}
	ignored, n := s.ignored(entries), len(entries)
	entries = slices.DeleteFunc(entries, func(en mapper.Entry) bool { return ignored[keyOf(en)] })
	s.hidAll = n > 0 && len(entries) == 0
	return entries, nil
}

// Intervals leaves out those of ignored LUNs.
func (s *ignoring) Intervals(ctx context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error {
	ignored, err := s.ignoredIn(ctx, q)
	if err != nil {
		return err
	}
	return s.store.Intervals(ctx, q, func(k series.Key, i *series.Interval) error {
		if ignored[k] {
			return nil
		}
		return fn(k, i)
	})
}

// Spaces leaves out those of ignored LUNs.
func (s *ignoring) Spaces(ctx context.Context, q series.Query, fn func(series.Key, *series.Space) error) error {
	ignored, err := s.ignoredIn(ctx, q)
	if err != nil {
		return err
	}
	return s.store.Spaces(ctx, q, func(k series.Key, sp *series.Space) error {
		if ignored[k] {
			return nil
		}
		return fn(k, sp)
	})
}

func (s *ignoring) ignoredIn(ctx context.Context, q series.Query) (map[series.Key]bool, error) {
	entries, err := s.store.LUNs(ctx, q.From, q.To)
	if err != nil {
		return nil, err
	}
	return s.ignored(entries), nil
}

// ignored finds the series whose LUNs, as the ledger last has them, are ignored.
func (s *ignoring) ignored(entries []mapper.Entry) map[series.Key]bool {
	last := make(map[series.Key]mapper.Entry)
	hosts := make(map[string][]series.Key)
	for _, en := range entries {
		k := keyOf(en)
		was, known := last[k]
		if !known || en.From.After(was.From) {
			last[k] = en
		}
		if !known && (s.host == "" || k.Host == s.host) {
			hosts[k.Host] = append(hosts[k.Host], k)
		}
	}
	ignored := make(map[series.Key]bool)
	for _, keys := range hosts {
		slices.SortStableFunc(keys, func(a, b series.Key) int { return compareEnds(last[a].To, last[b].To) })
		luns := make([]mapper.LUN, len(keys))
		for i, k := range keys {
			luns[i] = last[k].LUN
		}
		for i, yes := range mapper.Ignored(luns, s.rules) {
			if yes {
				ignored[keys[i]] = true
			}
		}
	}
	return ignored
}

// compareEnds orders entries that have ended before those that hold.
func compareEnds(a, b time.Time) int {
	if a.IsZero() || b.IsZero() {
		return cmp.Compare(zeroLast(a), zeroLast(b))
	}
	return a.Compare(b)
}

func zeroLast(t time.Time) int {
	if t.IsZero() {
		return 1
	}
	return 0
}
