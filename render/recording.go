package render

import (
	"encoding/binary"
	"math"
	"time"

	"lunstat/collector/series"
)

// recording holds the intervals of a series in few bytes: some sixty each, and a fifth
// of what their curves take. A fleet's curves would be hundreds of megabytes, so they are
// made of the recording when they are drawn, and forgotten.
//
// It has what curves, figures and percentiles are made of, and no more: no counts of
// merges and flushes, no quality, no second of a peak, no histogram.
type recording struct {
	b   []byte
	end int64 // Unix second at which the last interval ended
}

// recorded are the sums that a recording has.
func recorded() [12]series.Field {
	return [...]series.Field{
		series.ReadIOs, series.ReadBytes, series.ReadMS, series.WriteIOs, series.WriteBytes, series.WriteMS,
		series.DiscardIOs, series.DiscardBytes, series.BusyMS, series.QueueMS, series.SlowMS, series.IOs,
	}
}

// What else an interval of a recording has; the bits below say which sums.
const (
	hasMean  = 1 << (12 + iota)
	hasPeak  // maxima of sub-samples
	hasNanos // its end is within a second
)

// add records the next interval. Long ones don't belong in it: their totals alone are
// known, and no curve shows those.
func (r *recording) add(i *series.Interval) {
	has, end, nanos := uint64(0), i.End.Unix(), i.End.Nanosecond()
	for bit, f := range recorded() {
		if i.Has(f) {
			has |= 1 << bit
		}
	}
	if i.Mean.WindowMS != 0 {
		has |= hasMean
	}
	if i.Peak.WindowMS != 0 {
		has |= hasPeak
	}
	if nanos != 0 {
		has |= hasNanos
	}
	b := binary.AppendUvarint(r.b, has)
	b = binary.AppendVarint(b, end-r.end)
	r.end = end
	if nanos != 0 {
		b = binary.AppendUvarint(b, uint64(nanos))
	}
	b = binary.AppendUvarint(b, i.ElapsedMS)
	b = binary.AppendVarint(b, int64(i.SpanMS-i.ElapsedMS))
	for bit, f := range recorded() {
		if has&(1<<bit) != 0 {
			b = binary.AppendUvarint(b, i.Value(f))
		}
	}
	if has&hasMean != 0 {
		b = appendMaxima(b, &i.Mean)
	}
	if has&hasPeak != 0 {
		b = appendMaxima(b, &i.Peak)
	}
	r.b = b
}

// each calls fn for each interval, which it may use until it returns.
func (r *recording) each(fn func(*series.Interval)) {
	p, end := player{r.b}, int64(0)
	var i series.Interval
	for len(p.b) > 0 {
		has := p.uvarint()
		end += p.varint()
		nanos := uint64(0)
		if has&hasNanos != 0 {
			nanos = p.uvarint()
		}
		i.End = time.Unix(end, int64(nanos))
		i.ElapsedMS = p.uvarint()
		i.SpanMS = i.ElapsedMS + uint64(p.varint())
		i.Sums = series.Sums{}
		for bit, f := range recorded() {
			if has&(1<<bit) != 0 {
				i.Set(f, p.uvarint())
			}
		}
		i.Mean, i.Peak = series.Maxima{}, series.Maxima{}
		if has&hasMean != 0 {
			p.maxima(&i.Mean)
		}
		if has&hasPeak != 0 {
			p.maxima(&i.Peak)
		}
		fn(&i)
	}
}

// maximaOf are the six of maxima, in the order in which they are recorded.
func maximaOf(m *series.Maxima) [6]*float32 {
	return [...]*float32{&m.IOPS, &m.BytesPerS, &m.UtilPercent, &m.Queue, &m.ReadAwait, &m.WriteAwait}
}

// appendMaxima leaves out zeros: many a LUN does nothing for minutes.
func appendMaxima(b []byte, m *series.Maxima) []byte {
	b = binary.AppendUvarint(b, uint64(m.WindowMS))
	at := len(b)
	b = append(b, 0)
	for bit, v := range maximaOf(m) {
		if bits := math.Float32bits(*v); bits != 0 {
			b[at] |= 1 << bit
			b = binary.LittleEndian.AppendUint32(b, bits)
		}
	}
	return b
}

// player reads what a recording has.
type player struct{ b []byte }

func (p *player) uvarint() uint64 {
	v, n := binary.Uvarint(p.b)
	p.b = p.b[n:]
	return v
}

func (p *player) varint() int64 {
	v, n := binary.Varint(p.b)
	p.b = p.b[n:]
	return v
}

func (p *player) maxima(m *series.Maxima) {
	m.WindowMS = uint32(p.uvarint())
	has := p.b[0]
	p.b = p.b[1:]
	for bit, v := range maximaOf(m) {
		if has&(1<<bit) != 0 {
			*v = math.Float32frombits(binary.LittleEndian.Uint32(p.b))
			p.b = p.b[4:]
		}
	}
}
