package influx

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// LUNs gives the ledger's entries that overlap the range, host by host, in the order in
// which the LUNs were first seen, and then by time. If there is no ledger, the entries
// have what the tags of the intervals say.
func (s *Source) LUNs(ctx context.Context, from, to time.Time) ([]mapper.Entry, error) {
	found, err := s.ledger(ctx, from)
	if err != nil {
		return nil, err
	}
	if len(found.by) == 0 {
		return s.lunsByTags(ctx, from, to)
	}
	return found.overlapping(from, to), nil
}

// ledger gives all entries that hold at a time or were written after it.
func (s *Source) ledger(ctx context.Context, from time.Time) (*entries, error) {
	found := &entries{by: map[entryKey]placed{}, left: mostText}
	// An entry is written when it begins, daily, and when it ends. So whatever
	// overlaps a range was either last written before it, or is written again
	// in it or after.
	before := question{columns: []string{"last(entry)", "seen"}, from: math.MinInt64 + 2, to: stampAfter(from)}
	since := question{columns: []string{"entry", "seen"}, from: stampAfter(from), to: math.MaxInt64 - 1}
	for _, q := range []question{before, since} {
		q.measurement, q.by, q.texts = info, byKey(), true
		if err := s.selectFrom(ctx, s.rollup, q, found.add); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// entryKey tells entries apart: two LUNs may have one identity.
type entryKey struct {
	host, source, boot, kernel string
	id                         mapper.ID
	from                       int64
}

// placed is an entry and the time stamp of the word on it.
type placed struct {
	series.OutEntry
	stamp int64
}

// entries collects what rows say. Most say daily what the row before said.
type entries struct {
	by   map[entryKey]placed
	of   series.Key // of the row before
	last []byte     // its text
	left allowance
}

// add takes a row. The latest word on an entry counts, but an entry that has ended
// stays so: after a step back of the clock its end has the earlier time stamp.
func (e *entries) add(tags map[string]string, c []cell) error {
	stamp, _ := c[0].int()
	k := keyOf(tags)
	if c[1].absent() || k == e.of && bytes.Equal(c[1], e.last) {
		return nil
	}
	e.of, e.last = k, append(e.last[:0], c[1]...)
	one, err := decodeEntry([]byte(c[1].text()))
	if err != nil {
		return fmt.Errorf("the entry of %s on %s: %w", tags["uuid"], tags["host"], err)
	}
	one.Host, one.Source, one.LUN.ID = k.Host, k.Source, k.ID
	at := entryKey{one.Host, one.Source, one.BootID, one.LUN.Kernel, one.LUN.ID, one.From.UnixNano()}
	if was, ok := e.by[at]; ok && one.To.IsZero() && (was.stamp > stamp || !was.To.IsZero()) {
		return nil
	}
	if err := e.left.take(len(c[1])); err != nil {
		return err
	}
	one.Order, _ = c[2].uint()
	e.by[at] = placed{one, stamp}
	return nil
}

func (e *entries) overlapping(from, to time.Time) []mapper.Entry {
	all := slices.Collect(maps.Values(e.by))
	endSuperseded(all)
	slices.SortFunc(all, func(a, b placed) int {
		return cmp.Or(byLUN(a, b), cmp.Compare(a.Opened, b.Opened), a.From.Compare(b.From))
	})
	var out []mapper.Entry
	for i := range all {
		if !all[i].From.After(to) && (all[i].To.IsZero() || all[i].To.After(from)) {
			out = append(out, all[i].Entry)
		}
	}
	return out
}

// byLUN orders entries host by host, by first sight of the LUN.
func byLUN(a, b placed) int {
	return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.Order, b.Order), cmp.Compare(a.LUN.ID, b.LUN.ID))
}

// endSuperseded leaves one entry of a LUN open, the last that was opened: those before it
// end where the next one begins. A journal closes its own entries, but one that was begun
// after another was lost doesn't know the other's.
func endSuperseded(all []placed) {
	slices.SortFunc(all, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.Source, b.Source), cmp.Compare(a.LUN.ID, b.LUN.ID), cmp.Compare(a.Opened, b.Opened), a.From.Compare(b.From))
	})
	var open *mapper.Entry
	for i := range all {
		is := &all[i].Entry
		if !is.To.IsZero() {
			continue
		}
		if open != nil && open.Host == is.Host && open.Source == is.Source && open.LUN.ID == is.LUN.ID {
			open.To = is.From
		}
		open = is
	}
}

// lunsByTags makes entries of what the intervals in the range are tagged with.
func (s *Source) lunsByTags(ctx context.Context, from, to time.Time) ([]mapper.Entry, error) {
	var out []mapper.Entry
	seen := map[entryKey]int{}
	for _, where := range []struct{ bucket, measurement string }{{s.raw, rawIO}, {s.rollup, quarterIO}} {
		err := s.selectFrom(ctx, where.bucket, question{
			measurement: where.measurement, columns: []string{"last(elapsed_ms)", "minor"},
			from: stampAfter(from), to: stampAfter(to),
			by: []string{"host", "uuid", "source", "lun", "role", "group", "layer"},
		}, func(tags map[string]string, c []cell) error {
			k := entryKey{host: tags["host"], source: tags["source"], id: idOf(tags)}
			if _, ok := seen[k]; ok {
				return nil
			}
			seen[k] = len(out)
			minor, _ := c[2].uint()
			out = append(out, mapper.Entry{Host: k.host, Source: k.source, From: from, Colour: len(out), LUN: mapper.LUN{
				ID: k.id, DMName: tags["lun"], Role: tags["role"], Group: tags["group"], Layer: mapper.Layer(tags["layer"]),
				Dev: mapper.DevNo{Minor: uint32(minor)},
			}})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
