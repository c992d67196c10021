package blob

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"time"

	"lunstat/collector/series"
)

// blockSeries is how many series share a block: a reader of few LUNs decodes few
// blocks, and 128 intervals of 26 bytes fill a page of the file.
const blockSeries = 128

// mostInBlock bounds the intervals of a block: bins have more than one of a series
// where long ones are kept apart, by no means so many.
const mostInBlock = blockSeries << 9

// blockVersion is the first byte of a block without histograms.
const blockVersion = 1

// BlockOf is the number of the block that holds a series.
func BlockOf(id int64) int64 { return id / blockSeries }

// Encoder makes blobs. Its columns are reused.
type Encoder struct {
	col []uint64
}

// Block appends intervals in ascending order of their series; ids[i] is the series of
// in[i]. end is the Unix second that they are stored relative to.
func (e *Encoder) Block(b []byte, ids []int64, in []series.Interval, end int64) []byte {
	version := byte(blockVersion)
	if anyHistogram(in) {
		version = latencyVersion
	}
	b = append(b, version)
	b = binary.AppendUvarint(b, uint64(len(in)))
	last := int64(0)
	if len(ids) > 0 {
		last = BlockOf(ids[0]) * blockSeries
		b = binary.AppendUvarint(b, uint64(BlockOf(ids[0])))
	}
	for _, id := range ids {
		b = binary.AppendUvarint(b, uint64(id-last))
		last = id
	}
	var union uint32
	for i := range in {
		union |= in[i].Mask()
	}
	b = e.column(b, in, func(i *series.Interval) (uint64, bool) { return uint64(i.Mask()), true })
	b = e.column(b, in, func(i *series.Interval) (uint64, bool) { return zigzag(end - i.End.Unix()), true })
	b = e.column(b, in, func(i *series.Interval) (uint64, bool) { return i.ElapsedMS, true })
	b = e.column(b, in, func(i *series.Interval) (uint64, bool) { return zigzag(int64(i.SpanMS - i.ElapsedMS)), true })
	b = e.column(b, in, func(i *series.Interval) (uint64, bool) { return uint64(i.Quality), true })
	b = e.column(b, in, inflightPlus1)
	for f := range series.NumFields {
		if union&(1<<f) != 0 {
			b = e.column(b, in, func(i *series.Interval) (uint64, bool) { return i.Get(f) })
		}
	}
	b = e.maxima(b, in, func(i *series.Interval) *series.Maxima { return &i.Peak })
	b = e.maxima(b, in, func(i *series.Interval) *series.Maxima { return &i.Mean })
	if version == latencyVersion {
		b = e.latencies(b, in)
	}
	return b
}

func inflightPlus1(i *series.Interval) (uint64, bool) {
	if !i.InflightKnown {
		return 0, true
	}
	return uint64(i.Inflight) + 1, true
}

// column appends what value gives; what has no value is left out.
func (e *Encoder) column(b []byte, in []series.Interval, value func(*series.Interval) (uint64, bool)) []byte {
	e.col = e.col[:0]
	for i := range in {
		if v, ok := value(&in[i]); ok {
			e.col = append(e.col, v)
		}
	}
	return appendColumn(b, e.col)
}

// maxima cost one byte where there are none.
func (e *Encoder) maxima(b []byte, in []series.Interval, of func(*series.Interval) *series.Maxima) []byte {
	b = e.column(b, in, func(i *series.Interval) (uint64, bool) { return uint64(of(i).WindowMS), true })
	any := false
	for i := range in {
		any = any || of(&in[i]).WindowMS != 0
	}
	if !any {
		return b
	}
	b = e.column(b, in, func(i *series.Interval) (uint64, bool) {
		m := of(i)
		if m.IOPSAt == 0 {
			return 0, m.WindowMS != 0
		}
		return 1 + zigzag(i.End.Unix()-m.IOPSAt), m.WindowMS != 0
	})
	for n := range numPeaks {
		b = e.column(b, in, func(i *series.Interval) (uint64, bool) {
			m := of(i)
			return uint64(bits.ReverseBytes32(math.Float32bits(*peak(m, n)))), m.WindowMS != 0
		})
	}
	return b
}

const numPeaks = 6

// peak is the nth figure of maxima, in stored order. Its bytes are stored in
// reverse, so that round numbers, whose mantissa ends in zeros, are short.
func peak(m *series.Maxima, n int) *float32 {
	return [numPeaks]*float32{&m.IOPS, &m.BytesPerS, &m.UtilPercent, &m.Queue, &m.ReadAwait, &m.WriteAwait}[n]
}

// within reports what was not written so: intervals that end outside [from, to), Unix
// seconds, or lasted longer than a host can have been up.
func within(in []series.Interval, from, to int64) error {
	for i := range in {
		if end := in[i].End.Unix(); end < from || end >= to || in[i].ElapsedMS > longestMS || in[i].SpanMS > longestMS {
			return fmt.Errorf("an interval of %d ms that ends at %d: %w", in[i].ElapsedMS, end, ErrMalformed)
		}
	}
	return nil
}

// longestMS is a century.
const longestMS = 100 * 366 * 86400 * 1000

// Run decodes a block of a run, whose intervals all end at its second.
func (d *Decoder) Run(b []byte, end int64) ([]int64, []series.Interval, error) {
	ids, in, err := d.block(b, end)
	if err == nil {
		err = within(in, end, end+1)
	}
	return ids, in, err
}

// Bin decodes a block of a bin that has the Unix seconds [from, end).
func (d *Decoder) Bin(b []byte, from, end int64) ([]int64, []series.Interval, error) {
	ids, in, err := d.block(b, end)
	if err == nil {
		err = within(in, from, end)
	}
	return ids, in, err
}

// Decoder reads blocks. Its results are valid until the next block.
type Decoder struct {
	ids  []int64
	in   []series.Interval
	col  []uint64
	have []int // which intervals the column at hand is of
}

// block undoes encoder.block.
func (d *Decoder) block(b []byte, end int64) ([]int64, []series.Interval, error) {
	c := cursor{b: b}
	v := c.byte()
	if c.err == nil && v != blockVersion && v != latencyVersion {
		return nil, nil, fmt.Errorf("block of version %d: %w", v, ErrMalformed)
	}
	n := c.count(intervalSize)
	if n > mostInBlock {
		return nil, nil, fmt.Errorf("block of %d intervals: %w", n, ErrMalformed)
	}
	d.reset(n)
	if n > 0 {
		last := int64(c.uvarint()) * blockSeries
		for i := range d.ids {
			last += int64(c.uvarint())
			d.ids[i] = last
		}
	}
	d.heads(&c, end)
	d.sums(&c)
	d.maxima(&c, func(i *series.Interval) *series.Maxima { return &i.Peak })
	d.maxima(&c, func(i *series.Interval) *series.Maxima { return &i.Mean })
	if v == latencyVersion {
		d.latencies(&c)
	}
	if err := c.end(); err != nil {
		return nil, nil, err
	}
	return d.ids, d.in, nil
}

func (d *Decoder) reset(n int) {
	if cap(d.in) < n {
		d.in, d.ids = make([]series.Interval, n), make([]int64, n)
		d.col, d.have = make([]uint64, n), make([]int, n)
	}
	d.in, d.ids, d.col, d.have = d.in[:n], d.ids[:n], d.col[:n], d.have[:0]
	clear(d.in)
	clear(d.ids)
}

// heads reads everything but the sums, and marks which sums there are.
func (d *Decoder) heads(c *cursor, end int64) {
	c.column(d.col)
	for i, v := range d.col {
		for m := uint32(v) & (1<<series.NumFields - 1); m != 0; m &= m - 1 {
			d.in[i].Set(series.Field(bits.TrailingZeros32(m)), 0)
		}
	}
	c.column(d.col)
	for i, v := range d.col {
		d.in[i].End = time.Unix(end-unzigzag(v), 0).UTC()
	}
	c.column(d.col)
	for i, v := range d.col {
		d.in[i].ElapsedMS = v
	}
	c.column(d.col)
	for i, v := range d.col {
		d.in[i].SpanMS = d.in[i].ElapsedMS + uint64(unzigzag(v))
	}
	c.column(d.col)
	for i, v := range d.col {
		d.in[i].Quality = series.Quality(v)
	}
	c.column(d.col)
	for i, v := range d.col {
		if v != 0 {
			d.in[i].Inflight, d.in[i].InflightKnown = uint32(v-1), true
		}
	}
}

func (d *Decoder) sums(c *cursor) {
	for f := range series.NumFields {
		d.have = d.have[:0]
		for i := range d.in {
			if d.in[i].Has(f) {
				d.have = append(d.have, i)
			}
		}
		if len(d.have) == 0 {
			continue
		}
		col := d.col[:len(d.have)]
		c.column(col)
		for n, i := range d.have {
			d.in[i].Set(f, col[n])
		}
	}
}

func (d *Decoder) maxima(c *cursor, of func(*series.Interval) *series.Maxima) {
	c.column(d.col)
	d.have = d.have[:0]
	for i, v := range d.col {
		if of(&d.in[i]).WindowMS = uint32(v); uint32(v) != 0 {
			d.have = append(d.have, i)
		}
	}
	if len(d.have) == 0 {
		return
	}
	col := d.col[:len(d.have)]
	c.column(col)
	for n, i := range d.have {
		if col[n] != 0 {
			of(&d.in[i]).IOPSAt = d.in[i].End.Unix() - unzigzag(col[n]-1)
		}
	}
	for p := range numPeaks {
		c.column(col)
		for n, i := range d.have {
			*peak(of(&d.in[i]), p) = math.Float32frombits(bits.ReverseBytes32(uint32(col[n])))
		}
	}
}
