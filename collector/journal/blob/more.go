package blob

import (
	"encoding/binary"

	"lunstat/collector/series"
)

// moreVersion is of states that hold more than a LUN's counters: steps back, as
// steppedVersion, and what the bits of a byte behind them say. A state that has nothing
// of it stays as older versions wrote it.
const moreVersion = 3

// What a state of moreVersion has.
const (
	morePressure = 1 << iota
	moreKnown    // all bits below are known
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
	return bits
}

func appendMore(b []byte, s *HostState) []byte {
	bits := more(s)
	b = append(b, bits)
	if bits&morePressure != 0 {
		b = appendInstant(b, s.Pressure.At)
		b = appendKnown(appendKnown(b, s.Pressure.SomeUS), s.Pressure.FullUS)
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
