package blob

import (
	"lunstat/collector/series"
)

// latencyVersion is the first byte of a block in which some interval has a histogram. One
// without stays as older versions wrote it.
const latencyVersion = 2

// middleBucket is the bucket in which most LUNs have most of their I/Os.
const middleBucket = 6

// A histogram is written as numbers that each have a bound: first how many of all I/Os
// are in the buckets below the middle one, and then, from the middle outwards, how many
// of the remaining ones are in each bucket. When none remains, nothing more is written.
// All of a histogram is nearly always the interval's I/Os, so that it takes a byte a
// block to say so. A busy LUN takes 10 bytes, where a varint a bucket takes 16
// (TestLatencyBytes).

// histogramOf is an interval's histogram, or nil if there is none that can be stored.
func histogramOf(i *series.Interval) *series.Histogram {
	if i.Latency == nil || !i.Latency.Storable() {
		return nil
	}
	return i.Latency
}

// counted is how many I/Os an interval has by its sums: reads, writes and discards.
func counted(i *series.Interval) uint64 {
	return i.Value(series.ReadIOs) + i.Value(series.WriteIOs) + i.Value(series.DiscardIOs)
}

func anyHistogram(in []series.Interval) bool {
	for i := range in {
		if histogramOf(&in[i]) != nil {
			return true
		}
	}
	return false
}

// latencies appends the histograms of intervals. At least one of them must have one.
func (e *Encoder) latencies(b []byte, in []series.Interval) []byte {
	b = e.column(b, in, func(i *series.Interval) (uint64, bool) {
		h := histogramOf(i)
		if h == nil {
			return 0, true
		}
		return 1 + uint64(h.Version), true
	})
	b = e.column(b, in, func(i *series.Interval) (uint64, bool) {
		h := histogramOf(i)
		if h == nil {
			return 0, false
		}
		return zigzag(int64(h.Total() - counted(i))), true
	})
	w := bitWriter{b: b}
	for i := range in {
		if h := histogramOf(&in[i]); h != nil {
			w.counts(&h.Counts)
		}
	}
	return w.end()
}

func (w *bitWriter) counts(c *[series.NumBuckets]uint64) {
	var fast, slow uint64
	for i, n := range c {
		if i < middleBucket {
			fast += n
		} else {
			slow += n
		}
	}
	w.below(fast, fast+slow)
	for i := middleBucket - 1; i > 0; i-- {
		w.below(c[i], fast)
		fast -= c[i]
	}
	for i := middleBucket; i < series.NumBuckets-1; i++ {
		w.below(c[i], slow)
		slow -= c[i]
	}
}

// latencies undoes Encoder.latencies. The histograms are new, because intervals are
// copied and kept after the next block.
func (d *Decoder) latencies(c *cursor) {
	c.column(d.col)
	d.have = d.have[:0]
	for i, v := range d.col {
		if v > 1<<8 {
			c.fail()
		}
		if v != 0 {
			d.have = append(d.have, i)
		}
	}
	if c.err != nil || len(d.have) == 0 {
		c.fail() // this version is only of blocks that have some
		return
	}
	all := make([]series.Histogram, len(d.have))
	for n, i := range d.have {
		all[n].Version = uint8(d.col[i] - 1)
		d.in[i].Latency = &all[n]
	}
	more := d.col[:len(d.have)]
	c.column(more)
	r := bitReader{c: c}
	for n, i := range d.have {
		total := counted(&d.in[i]) + uint64(unzigzag(more[n]))
		if total > series.MostCounted {
			c.fail()
			return
		}
		r.counts(&all[n].Counts, total)
	}
	r.end()
}

func (r *bitReader) counts(c *[series.NumBuckets]uint64, total uint64) {
	fast := r.below(total)
	slow := total - fast
	for i := middleBucket - 1; i > 0; i-- {
		c[i] = r.below(fast)
		fast -= c[i]
	}
	c[0] = fast
	for i := middleBucket; i < series.NumBuckets-1; i++ {
		c[i] = r.below(slow)
		slow -= c[i]
	}
	c[series.NumBuckets-1] = slow
}
