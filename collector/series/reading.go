package series

import (
	"time"

	"lunstat/mapper"
)

// Instant is the host's clocks at the moment of one reading.
type Instant struct {
	Wall   time.Time     // the wall clock; may be stepped
	Mono   time.Duration // CLOCK_MONOTONIC: since the boot, without suspended time
	Boot   time.Duration // CLOCK_BOOTTIME: since the boot, suspended time included
	BootID string        // /proc/sys/kernel/random/boot_id; "" is unknown
}

// Given says which counters this kernel has.
type Given uint8

// Kernels before 4.18 have none of these, 4.18 discards, 5.5 flushes. Partitions
// before 2.6.25 have I/Os and sectors only.
const (
	GivenDiscards Given = 1 << iota
	GivenFlushes
	OnlyCounts
)

// Counters are the fields of one line of /proc/diskstats after the name
// (Documentation/admin-guide/iostats.rst). The kernel prints times as 32 bits, on
// 64-bit hosts too, and counts as 64 bits. The types have these widths, so that Go's
// unsigned subtraction handles a wrap.
type Counters struct {
	ReadIOs, ReadMerges, ReadSectors          uint64
	WriteIOs, WriteMerges, WriteSectors       uint64
	DiscardIOs, DiscardMerges, DiscardSectors uint64
	FlushIOs                                  uint64
	ReadMS, WriteMS, DiscardMS, FlushMS       uint32 // ms that completed I/Os took
	BusyMS                                    uint32 // io_ticks: ms with I/O in flight
	QueueMS                                   uint32 // weighted ms
	Inflight                                  uint32 // a gauge
	Given                                     Given
}

// counts are the numbers of I/Os, merges and sectors.
func (c *Counters) counts() [10]uint64 {
	return [...]uint64{c.ReadIOs, c.ReadMerges, c.ReadSectors, c.WriteIOs, c.WriteMerges, c.WriteSectors,
		c.DiscardIOs, c.DiscardMerges, c.DiscardSectors, c.FlushIOs}
}

// times are the counters of ms.
func (c *Counters) times() [6]uint32 {
	return [...]uint32{c.ReadMS, c.WriteMS, c.DiscardMS, c.FlushMS, c.BusyMS, c.QueueMS}
}

// Reading is one device's raw counters at one instant.
type Reading struct {
	Kernel string // as of this instant; the key within one reading
	Dev    mapper.DevNo
	Counters
	Latency *LatencyReading // nil: the kernel keeps no histogram of this device
}

// Key names a series. The same identity on two hosts or from two sources is two
// series.
type Key struct {
	ID     mapper.ID `json:"ID"`
	Host   string    `json:"Host"`
	Source string    `json:"Source"` // SourceHost, …
}

// The sources of a series.
const (
	SourceHost      = "host"      // this program's own readings
	SourceSimulated = "simulated" // the demo's made mailstore
)

// Gone is the DiskSeq of a LUN that disappeared, on a kernel without diskseq. If a
// device with its identity comes back, it was made again and counts from 0.
const Gone = 1<<64 - 1

// Last is what the next run must know about a LUN: its counters, from which the next
// interval starts, and whether it was stalled.
type Last struct {
	Key     Key
	At      Instant // of the reading
	DiskSeq uint64  // 0 is unknown; see Gone
	Counters
	Latency *LatencyReading // nil: there was none
	// Read is what the kernel printed, if some counter was below the base after a step
	// back; nil: the same as the base.
	Read       *Counters
	IdleRuns   uint32    // closed intervals in a row in which I/O was in flight and none completed
	StallSince time.Time // start of the first of those; zero: not stalled
}

// read gives the counters as they were read, steps back and all.
func (l *Last) read() *Counters {
	if l.Read != nil {
		return l.Read
	}
	return &l.Counters
}
