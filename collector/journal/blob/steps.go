package blob

import (
	"encoding/binary"

	"lunstat/collector/series"
)

// steppedVersion is of states in which a LUN's counters are below their base, after
// a step back. That is rare: all others stay as older versions can read them.
const steppedVersion = 2

// fallen are the counters that may be lower than their base. DiskSeq and whatever is not
// a counter are at the end of the stored order.
const (
	fallenCounts = 10
	fallenTimes  = 6
)

func stepsBack(last []series.Last) (n int) {
	for i := range last {
		if last[i].Read != nil {
			n++
		}
	}
	return n
}

// appendSteps writes by how much what was read is below the base, counter by
// counter, for the LUNs that have it.
func appendSteps(b []byte, last []series.Last) []byte {
	b = binary.AppendUvarint(b, uint64(stepsBack(last)))
	for i := range last {
		if last[i].Read == nil {
			continue
		}
		base, read := last[i], series.Last{Counters: *last[i].Read}
		b = binary.AppendUvarint(b, uint64(i))
		was, is := counts(&base), counts(&read)
		for k := range fallenCounts {
			b = binary.AppendUvarint(b, *was[k]-*is[k])
		}
		before, after := times(&base), times(&read)
		for k := range fallenTimes {
			b = binary.AppendUvarint(b, uint64(*before[k]-*after[k]))
		}
	}
	return b
}

// steps undoes appendSteps.
func (c *cursor) steps(last []series.Last) {
	for range c.count(lastSize) {
		i := c.uvarint()
		if c.err != nil || i >= uint64(len(last)) {
			c.fail()
			return
		}
		read := series.Last{Counters: last[i].Counters}
		numbers, ms := counts(&read), times(&read)
		for _, p := range numbers[:fallenCounts] {
			*p -= c.uvarint()
		}
		for _, p := range ms[:fallenTimes] {
			*p -= uint32(c.uvarint())
		}
		last[i].Read = &read.Counters
	}
}
