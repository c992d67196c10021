package blob

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"lunstat/collector/series"
)

const lastVersion = 1

// LastRun is what is stored of a host's last run, so that the next one sees what
// changed.
type LastRun struct {
	Run, Boot int64 // their numbers
	End       int64 // Unix second
}

// HostState is the state of a host without mapping and keys.
type HostState struct {
	LastRun   LastRun
	UeventSeq uint64
	BootID    string
	SpaceAt   time.Time
	IDs       []int64       // the series of Last[i]
	Last      []series.Last // their keys are not in the blob
	Pressure  series.PressureReading
}

// counts and times are the numbers of a Last that are stored column by column, in
// stored order.
func counts(l *series.Last) [11]*uint64 {
	c := &l.Counters
	return [...]*uint64{&c.ReadIOs, &c.ReadMerges, &c.ReadSectors, &c.WriteIOs, &c.WriteMerges, &c.WriteSectors,
		&c.DiscardIOs, &c.DiscardMerges, &c.DiscardSectors, &c.FlushIOs, &l.DiskSeq}
}

func times(l *series.Last) [8]*uint32 {
	c := &l.Counters
	return [...]*uint32{&c.ReadMS, &c.WriteMS, &c.DiscardMS, &c.FlushMS, &c.BusyMS, &c.QueueMS, &c.Inflight, &l.IdleRuns}
}

// lastColumns are those, the fields that this kernel has, and since when a LUN
// is stalled.
const lastColumns = 11 + 8 + 2

func columnsOf(n int) (cols [lastColumns][]uint64) {
	all := make([]uint64, lastColumns*n)
	for k := range cols {
		cols[k] = all[k*n : (k+1)*n]
	}
	return cols
}

// AppendHostState writes the state of a host. Instants, which nearly all readings
// share, are stored once.
func AppendHostState(b []byte, s *HostState) []byte {
	version := stateVersion(s)
	b = append(b, version)
	b = binary.AppendUvarint(b, uint64(s.LastRun.Run))
	b = binary.AppendUvarint(b, uint64(s.LastRun.Boot))
	b = binary.AppendVarint(b, s.LastRun.End)
	b = binary.AppendUvarint(b, s.UeventSeq)
	b = appendString(b, s.BootID)
	b = appendTime(b, s.SpaceAt)
	b = binary.AppendUvarint(b, uint64(len(s.Last)))
	prev := int64(0)
	for _, id := range s.IDs {
		b = binary.AppendVarint(b, id-prev)
		prev = id
	}
	b = appendInstants(b, s.Last)
	cols := columnsOf(len(s.Last))
	for i := range s.Last {
		l := &s.Last[i]
		for k, p := range counts(l) {
			cols[k][i] = *p
		}
		for k, p := range times(l) {
			cols[11+k][i] = uint64(*p)
		}
		cols[19][i], cols[20][i] = uint64(l.Given), stamp(l.StallSince)
	}
	for k := range cols {
		b = appendColumn(b, cols[k])
	}
	if version >= steppedVersion {
		b = appendSteps(b, s.Last)
	}
	if version == moreVersion {
		b = appendMore(b, s)
	}
	return b
}

func appendInstants(b []byte, last []series.Last) []byte {
	index := map[series.Instant]uint64{}
	var all []series.Instant
	col := make([]uint64, len(last))
	for i := range last {
		if i > 0 && last[i].At == last[i-1].At {
			col[i] = col[i-1]
			continue
		}
		at := last[i].At
		at.Wall = at.Wall.UTC().Round(0) // equal instants in equal words
		n, ok := index[at]
		if !ok {
			n = uint64(len(all))
			index[at] = n
			all = append(all, at)
		}
		col[i] = n
	}
	b = binary.AppendUvarint(b, uint64(len(all)))
	for _, at := range all {
		b = appendInstant(b, at)
	}
	return appendColumn(b, col)
}

func appendInstant(b []byte, at series.Instant) []byte {
	b = appendTime(b, at.Wall)
	b = binary.AppendVarint(b, int64(at.Mono))
	b = binary.AppendVarint(b, int64(at.Boot))
	return appendString(b, at.BootID)
}

func (c *cursor) instant() series.Instant {
	return series.Instant{Wall: c.time(), Mono: time.Duration(c.varint()), Boot: time.Duration(c.varint()), BootID: c.string()}
}

// DecodeHostState undoes AppendHostState; the keys of Last are not set.
func DecodeHostState(b []byte) (s HostState, err error) {
	c := cursor{b: b}
	v := c.byte()
	if c.err == nil && (v < lastVersion || v > moreVersion) {
		return s, fmt.Errorf("state of version %d: %w", v, ErrMalformed)
	}
	s.LastRun = LastRun{Run: int64(c.uvarint()), Boot: int64(c.uvarint()), End: c.varint()}
	s.UeventSeq, s.BootID, s.SpaceAt = c.uvarint(), c.string(), c.time()
	n := c.count(lastSize)
	s.Last, s.IDs = make([]series.Last, n), make([]int64, n)
	prev := int64(0)
	for i := range s.IDs {
		prev += c.varint()
		s.IDs[i] = prev
	}
	c.instants(s.Last)
	cols := columnsOf(n)
	for k := range cols {
		c.column(cols[k])
	}
	for i := range s.Last {
		l := &s.Last[i]
		for k, p := range counts(l) {
			*p = cols[k][i]
		}
		for k, p := range times(l) {
			*p = uint32(cols[11+k][i])
		}
		l.Given, l.StallSince = series.Given(cols[19][i]), unstamp(cols[20][i])
	}
	if v >= steppedVersion {
		c.steps(s.Last)
	}
	if v == moreVersion {
		c.more(&s)
	}
	return s, c.end()
}

func (c *cursor) instants(last []series.Last) {
	all := make([]series.Instant, c.count(instantSize))
	for i := range all {
		all[i] = c.instant()
	}
	col := make([]uint64, len(last))
	c.column(col)
	for i := range last {
		if col[i] >= uint64(len(all)) {
			c.fail()
			return
		}
		last[i].At = all[col[i]]
	}
}

// stamp is a time to the nanosecond, 0 for the zero time.
func stamp(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return 1 + zigzag(clamped(t).UnixNano())
}

// clamped brings a time to what nanoseconds of 64 bits can say, 1677 to 2262. A clock
// that shows another is wrong, and only has to be found to be so by the next run.
func clamped(t time.Time) time.Time {
	lowest, highest := time.Unix(0, math.MinInt64+1), time.Unix(0, math.MaxInt64)
	switch {
	case t.Before(lowest):
		return lowest
	case t.After(highest):
		return highest
	}
	return t
}

func unstamp(v uint64) time.Time {
	if v == 0 {
		return time.Time{}
	}
	return time.Unix(0, unzigzag(v-1)).UTC()
}

func appendTime(b []byte, t time.Time) []byte { return binary.AppendUvarint(b, stamp(t)) }

func (c *cursor) time() time.Time { return unstamp(c.uvarint()) }
