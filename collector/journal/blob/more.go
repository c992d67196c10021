package blob

import (
	"encoding/binary"
	"math"
	"slices"

	"lunstat/collector/series"
)

// moreVersion is of states that hold more than a LUN's counters: steps back, as
// steppedVersion, and what the bits of a byte behind them say. A state without any of
// these is written as older versions wrote it.
const moreVersion = 3

// What a state of moreVersion has.
const (
	morePressure = 1 << iota
	moreLatency
	moreKnown // all bits below are known
)

// stateVersion is the lowest that holds a state.
func stateVersion(s *HostState) byte {
	switch {
	case more(s) != 0:
		return moreVersion
	case stepsBack(s.Last) > 0:
		return steppedVersion
	}
	return lastVersion
}

func more(s *HostState) (bits byte) {
	if !s.Pressure.At.Wall.IsZero() {
		bits |= morePressure
	}
	if slices.ContainsFunc(s.Last, func(l series.Last) bool { return l.Latency != nil }) {
		bits |= moreLatency
	}
	return bits
}

func appendMore(b []byte, s *HostState) []byte {
	bits := more(s)
	b = append(b, bits)
	if bits&morePressure != 0 {
		b = appendInstant(b, s.Pressure.At)
		b = appendKnown(appendKnown(b, s.Pressure.SomeUS), s.Pressure.FullUS)
	}
	if bits&moreLatency != 0 {
		b = appendReadings(b, s.Last)
	}
	return b
}

// more undoes appendMore.
func (c *cursor) more(s *HostState) {
	bits := c.byte()
	if bits >= moreKnown || bits == 0 {
		c.fail()
		return
	}
	if bits&morePressure != 0 {
		s.Pressure = series.PressureReading{At: c.instant(), SomeUS: c.known(), FullUS: c.known()}
	}
	if bits&moreLatency != 0 {
		c.readings(s.Last)
	}
}

// numReading is how many columns those are.
const numReading = series.NumBuckets + 4

// readingColumns are the numbers of a histogram's reading but its version, in stored
// order: what the kernel counted, the times, and which region it was.
func readingColumns(r *series.LatencyReading) (cols [numReading]*uint64) {
	for i := range r.Counts {
		cols[i] = &r.Counts[i]
	}
	copy(cols[series.NumBuckets:], []*uint64{&r.ReadNS, &r.WriteNS, &r.Region, &r.Made})
	return cols
}

// appendReadings writes the histograms' readings, column by column. The first column says
// which LUN has one, its version, and whether its device grew.
func appendReadings(b []byte, last []series.Last) []byte {
	var with []*series.LatencyReading
	heads := make([]uint64, len(last))
	for i := range last {
		if r := last[i].Latency; r != nil {
			with = append(with, r)
			heads[i] = 1 + uint64(r.Version)<<1
			if r.Short {
				heads[i]++
			}
		}
	}
	b = appendColumn(b, heads)
	cols := make([]uint64, numReading*len(with))
	for i, r := range with {
		for k, v := range readingColumns(r) {
			cols[k*len(with)+i] = *v
		}
	}
	for k := range numReading {
		b = appendColumn(b, cols[k*len(with):(k+1)*len(with)])
	}
	return b
}

// readings undoes appendReadings.
func (c *cursor) readings(last []series.Last) {
	heads := make([]uint64, len(last))
	c.column(heads)
	var with []*series.LatencyReading
	for i, head := range heads {
		switch {
		case head > 1+math.MaxUint8<<1+1:
			c.fail()
		case head > 0:
			last[i].Latency = &series.LatencyReading{Version: uint8((head - 1) >> 1), Short: (head-1)&1 != 0}
			with = append(with, last[i].Latency)
		}
	}
	if len(with) == 0 {
		c.fail() // nobody writes that
		return
	}
	cols := make([]uint64, numReading*len(with))
	for k := range numReading {
		c.column(cols[k*len(with) : (k+1)*len(with)])
	}
	for i, r := range with {
		for k, v := range readingColumns(r) {
			*v = cols[k*len(with)+i]
		}
	}
}

// appendKnown writes a number that may be unknown.
func appendKnown(b []byte, v *uint64) []byte {
	if v == nil {
		return append(b, 0)
	}
	return binary.AppendUvarint(append(b, 1), *v)
}

func (c *cursor) known() *uint64 {
	if c.byte() == 0 {
		return nil
	}
	v := c.uvarint()
	return &v
}
