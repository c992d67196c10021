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

// ruledStore is a store as the config sees it now, whatever was recorded before: without the
// LUNs that it ignores, and with the colours and limits that it sets.
type ruledStore struct {
	store
	rules []mapper.Rule
	host  string // only this one's; "" is all

	hidAll bool // the last ledger that was read had ignored LUNs only
}

// errAllIgnored: there is data, but of ignored LUNs only.
var errAllIgnored = errors.New("the config ignores all LUNs of this range")

// withRules applies the config's luns to what was recorded. A config speaks of the host
// that it is on: of what InfluxDB has, that host's LUNs only.
func withRules(s store, rules []mapper.Rule, host string) store {
	if len(rules) == 0 {
		return s
	}
	return &ruledStore{store: s, rules: rules, host: host}
}

// LUNs gives the ledger's entries but those of ignored LUNs.
func (s *ruledStore) LUNs(ctx context.Context, from, to time.Time) ([]mapper.Entry, error) {
	entries, err := s.store.LUNs(ctx, from, to)
	if err != nil {
		return nil, err
	}
	now, n := s.ruleOfEach(entries), len(entries)
	entries = slices.DeleteFunc(entries, func(en mapper.Entry) bool { return now[keyOf(en)].Ignore })
	for i := range entries {
		if rule, known := now[keyOf(entries[i])]; known {
			entries[i].LUN.Colour, entries[i].LUN.Limits = rule.Colour, rule.Limits
		}
	}
	s.hidAll = n > 0 && len(entries) == 0
	return entries, nil
}

// Intervals leaves out those of ignored LUNs.
func (s *ruledStore) Intervals(ctx context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error {
	now, err := s.ignoredIn(ctx, q)
	if err != nil {
		return err
	}
	return s.store.Intervals(ctx, q, unlessIgnored(now, fn))
}

// Spaces leaves out those of ignored LUNs.
func (s *ruledStore) Spaces(ctx context.Context, q series.Query, fn func(series.Key, *series.Space) error) error {
	now, err := s.ignoredIn(ctx, q)
	if err != nil {
		return err
	}
	return s.store.Spaces(ctx, q, unlessIgnored(now, fn))
}

// unlessIgnored passes on what is of no ignored LUN.
func unlessIgnored[T any](now map[series.Key]mapper.Rule, fn func(series.Key, *T) error) func(series.Key, *T) error {
	return func(k series.Key, v *T) error {
		if now[k].Ignore {
			return nil
		}
		return fn(k, v)
	}
}

// ignoredIn is [ruledStore.ruleOfEach] for a query, where any rule ignores something.
func (s *ruledStore) ignoredIn(ctx context.Context, q series.Query) (map[series.Key]mapper.Rule, error) {
	if !slices.ContainsFunc(s.rules, func(r mapper.Rule) bool { return r.Ignore }) {
		return nil, nil
	}
	entries, err := s.store.LUNs(ctx, q.From, q.To)
	if err != nil {
		return nil, err
	}
	return s.ruleOfEach(entries), nil
}

// ruleOfEach gives what the config says about each series of its host, by the latest entry of
// its LUN in the ledger.
func (s *ruledStore) ruleOfEach(entries []mapper.Entry) map[series.Key]mapper.Rule {
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
	now := make(map[series.Key]mapper.Rule)
	for _, keys := range hosts {
		slices.SortStableFunc(keys, func(a, b series.Key) int { return compareEnds(last[a].To, last[b].To) })
		luns := make([]mapper.LUN, len(keys))
		for i, k := range keys {
			luns[i] = last[k].LUN
		}
		for i, rule := range mapper.Ruled(luns, s.rules) {
			now[keys[i]] = rule
		}
	}
	return now
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
