package influx

import (
	"context"
	"encoding/binary"

	"lunstat/collector/series"
)

// latencies are the histograms of a range, packed: by series, each in order of time as
// the distance from the last time stamp and a number a bucket. A week of a thousand LUNs
// would otherwise take ten times the memory.
type latencies map[series.Key]*packed

type packed struct {
	b         []byte
	lastAdded int64

	// The next histogram, once taken.
	at    int64
	next  series.Histogram
	ready bool
}

// latencies reads what belongs to a measurement of intervals or bins.
func (s *Source) latencies(ctx context.Context, bucket, measurement string, from, to int64, keys []series.Key) (latencies, error) {
	all := latencies{}
	left := allowance(mostText)
	names := latencyFields()
	err := s.selectFrom(ctx, bucket, question{
		measurement: latencyOf(measurement), columns: append([]string{boundsVersion}, names[:]...), from: from, to: to, keys: keys, by: byKey(),
	}, func(tags map[string]string, c []cell) error {
		stamp, ok := c[0].int()
		if !ok {
			return errForm
		}
		h, ok := decodeHistogram(c[1:])
		if !ok {
			return nil // of other bounds, or a point of someone else's
		}
		return left.take(all.add(keyOf(tags), stamp, &h))
	})
	return all, err
}

// decodeHistogram takes the version and the buckets. All of them are needed: a missing
// one is not 0.
func decodeHistogram(c []cell) (h series.Histogram, ok bool) {
	v, ok := c[0].uint()
	if !ok || !series.KnownBounds(v) {
		return h, false
	}
	h.Version = uint8(v)
	for i := range h.Counts {
		if h.Counts[i], ok = c[1+i].uint(); !ok {
			return h, false
		}
	}
	return h, h.Storable()
}

// add packs one, and says how many bytes it took.
func (l latencies) add(k series.Key, stamp int64, h *series.Histogram) int {
	p := l[k]
	if p == nil {
		p = &packed{}
		l[k] = p
	}
	before := len(p.b)
	p.b = binary.AppendUvarint(p.b, uint64(stamp-p.lastAdded))
	p.lastAdded = stamp
	p.b = append(p.b, h.Version)
	for _, n := range h.Counts {
		p.b = binary.AppendUvarint(p.b, n)
	}
	return len(p.b) - before
}

// at gives the histogram of a series at a time stamp; nil if there is none. Those of a
// series are asked for in order of time. Of two at one time stamp, which differ in a tag
// only, the one with more I/Os counts.
func (l latencies) at(k series.Key, stamp int64) (found *series.Histogram) {
	p := l[k]
	if p == nil {
		return nil
	}
	for p.peek() && p.at <= stamp {
		if p.at == stamp && (found == nil || p.next.Total() > found.Total()) {
			h := p.next
			found = &h
		}
		p.ready = false
	}
	return found
}

// peek takes the next one, if there is one.
func (p *packed) peek() bool {
	if p.ready || len(p.b) == 0 {
		return p.ready
	}
	take := func() uint64 {
		v, n := binary.Uvarint(p.b)
		p.b = p.b[n:]
		return v
	}
	p.at += int64(take())
	p.next.Version, p.b = p.b[0], p.b[1:]
	for i := range p.next.Counts {
		p.next.Counts[i] = take()
	}
	p.ready = true
	return true
}
