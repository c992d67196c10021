package mailstore

import (
	"time"

	"lunstat/collector/series"
)

// quantiles are how long each of a hundred I/Os takes, in permille of their mean: those of
// an exponential distribution, which the times at an M/M/1 queue have. Their sum is
// 100,000.
var quantiles = [100]int64{
	5, 15, 25, 36, 46, 57, 67, 78, 89, 100, 111, 123, 134, 146, 157, 169, 181, 193, 205, 218,
	230, 243, 256, 269, 282, 295, 309, 323, 337, 351, 365, 380, 394, 409, 425, 440, 456, 472, 488, 504,
	521, 538, 555, 573, 591, 609, 628, 647, 666, 686, 706, 726, 747, 768, 790, 812, 835, 859, 883, 907,
	932, 958, 984, 1011, 1039, 1068, 1097, 1128, 1159, 1192, 1225, 1260, 1295, 1333, 1371, 1411, 1453, 1497, 1542, 1590,
	1640, 1693, 1749, 1808, 1871, 1938, 2009, 2087, 2170, 2262, 2362, 2474, 2599, 2743, 2910, 3112, 3364, 3702, 4214, 5318,
}

// histogram is what the kernel counts of how long a volume's I/Os take: reads and writes
// together.
type histogram struct {
	counted             series.LatencyReading
	nextRead, nextWrite int64 // of the hundred
}

// began is the reading of a region that the kernel makes some time after a boot.
func began(after time.Duration) histogram {
	return histogram{counted: series.LatencyReading{Version: series.BoundsVersion, Made: uint64(after)}}
}

// add counts I/Os that took so many µs together, and gives what those took longer that
// waited in addition. It takes turns through the hundred, so that in the long run their
// mean is exact.
func (h *histogram) add(next *int64, ios, us int64, waits bool) (longer int64) {
	if ios == 0 {
		return 0
	}
	bounds, mean := series.Bounds(), us/ios
	whole, rest, b := ios/100, ios%100, 0
	for i, q := range quantiles {
		n := whole
		if (int64(i)*37+100-*next)%100 < rest { // 37 shuffles them
			n++
		}
		took := mean * q / 1000
		for b < len(bounds) && took >= bounds[b].Microseconds() {
			b++
		}
		if more := waitUS(i); waits && more > 0 {
			h.counted.Counts[series.BucketOf(time.Duration(took+more)*time.Microsecond)] += uint64(n)
			longer += n * more
			continue
		}
		h.counted.Counts[b] += uint64(n)
	}
	*next = (*next + rest) % 100
	return longer
}

// waitUS is how long the i-th of a hundred I/Os waits in addition, for one in twenty of
// them 510 to 550 ms.
func waitUS(i int) int64 {
	if i%20 != 7 {
		return 0
	}
	return 510_000 + int64(i/20)*10_000
}

// measure counts what a volume did since was, and adds to its counters what I/Os waited.
func (l *lun) measure(was *counters, waits bool) {
	if l.histogram.counted.Version == 0 {
		return
	}
	h, c := &l.histogram, &l.counters
	c.reads.us += h.add(&h.nextRead, c.reads.ios-was.reads.ios, c.reads.us-was.reads.us, waits)
	c.writes.us += h.add(&h.nextWrite, c.writes.ios-was.writes.ios, c.writes.us-was.writes.us, false) // they end in the cache
	h.counted.ReadNS += uint64(c.reads.us-was.reads.us) * 1000
	h.counted.WriteNS += uint64(c.writes.us-was.writes.us) * 1000
}

// reading is what the kernel says; nil: it keeps no histogram.
func (h *histogram) reading() *series.LatencyReading {
	if h.counted.Version == 0 {
		return nil
	}
	r := h.counted
	return &r
}
