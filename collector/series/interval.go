package series

import "time"

// Field is one of the sums of an interval. The order is stored: add at the end.
type Field uint8

// The sums. Bytes are sectors × 512 whatever the block size.
const (
	ReadIOs Field = iota
	ReadMerges
	ReadBytes
	ReadMS
	WriteIOs
	WriteMerges
	WriteBytes
	WriteMS
	DiscardIOs
	DiscardMerges
	DiscardBytes
	DiscardMS
	FlushIOs
	FlushMS
	BusyMS  // io_ticks
	QueueMS // weighted ms
	SlowMS  // time in which read or write await was above the role's limit
	IOs     // total, of sources that don't split reads from writes
	IOMS    // total ms of those
	NumFields
)

var fieldNames = [NumFields]string{
	"read_ios", "read_merges", "read_bytes", "read_ms",
	"write_ios", "write_merges", "write_bytes", "write_ms",
	"discard_ios", "discard_merges", "discard_bytes", "discard_ms",
	"flush_ios", "flush_ms", "busy_ms", "queue_ms", "slow_ms", "ios", "io_ms",
}

// String is the field's name in SQL, InfluxDB, JSON and CSV.
func (f Field) String() string { return fieldNames[f] }

// Sums are exact totals over an interval. Each of them may be absent. The zero
// value has none.
type Sums struct {
	v   [NumFields]uint64
	has uint32
}

// Get is a sum; ok is false if it is absent.
func (s *Sums) Get(f Field) (uint64, bool) { return s.v[f], s.has&(1<<f) != 0 }

// Value is a sum, or 0 if it is absent. It is for totals in which an absent sum counts
// as 0.
func (s *Sums) Value(f Field) uint64 { return s.v[f] }

// Has reports whether the sum is there.
func (s *Sums) Has(f Field) bool { return s.has&(1<<f) != 0 }

// Set gives a sum.
func (s *Sums) Set(f Field, v uint64) { s.v[f] = v; s.has |= 1 << f }

// Drop makes a sum absent.
func (s *Sums) Drop(f Field) { s.v[f] = 0; s.has &^= 1 << f }

// Mask has bit f set for each field that is not absent.
func (s *Sums) Mask() uint32 { return s.has }

// Maxima are the largest values of windows of equal length inside an interval.
// They may be compared and merged only where WindowMS is equal. The zero value
// (WindowMS 0) means that there are none.
type Maxima struct {
	WindowMS    uint32  // nominal length of the windows
	IOPS        float32 // reads + writes + discards, 1/s
	IOPSAt      int64   // Unix second of the end of that window; 0 is unknown
	BytesPerS   float32 // read + written + discarded
	UtilPercent float32 // not capped
	Queue       float32 // mean number in flight
	ReadAwait   float32 // ms; 0: no window had 10 reads
	WriteAwait  float32 // ms; 0: no window had 10 writes
}

// Interval is what one LUN did between two readings. A bin of a roll-up is an Interval
// too, from the first to the last of several. The start of an interval is its end minus
// the elapsed time; a bin may have holes, so it has a span of its own.
type Interval struct {
	End       time.Time // the wall clock's second of the later reading
	ElapsedMS uint64    // CLOCK_MONOTONIC between the readings; in a bin the sum
	SpanMS    uint64    // ms from the start of the first to End; equals ElapsedMS unless merged over holes
	Sums
	Inflight      uint32 // I/Os in flight at End
	InflightKnown bool
	Quality       Quality
	Peak          Maxima // of the sub-samples in between; none without sub-sampling
	Mean          Maxima // in a bin: the largest of the merged intervals' means; none in a plain interval
	// Latency is how many I/Os took how long; nil where the kernel did not count it. What
	// it points to is never changed.
	Latency *Histogram
}

// Start is when the interval began.
func (i *Interval) Start() time.Time {
	return i.End.Add(-time.Duration(i.SpanMS) * time.Millisecond)
}
