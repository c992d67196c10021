package mailstore

import (
	"time"

	"lunstat/collector/series"
)

// maxBusy is as busy as a volume gets, in millionths: what comes above waits
// where the kernel doesn't count it, in the programs.
const maxBusy = 960_000

// lun is one volume: what is asked of it, how fast it is, what it has counted.
type lun struct {
	*volume
	name  name
	store *store
	noise noise

	counters
	histogram
	used int64 // bytes of its filesystem
}

// flow is a stream of I/Os.
type flow struct {
	milli   int64 // I/Os per 1000 s
	sectors int64 // per 1000 s
}

func (f *flow) add(milli, sectors int64) {
	f.milli += milli
	f.sectors += milli * sectors
}

func (f *flow) scale(num, den int64) {
	f.milli = f.milli * num / den
	f.sectors = f.sectors * num / den
}

// demand is what is asked of a volume in a stretch of time.
type demand struct{ reads, writes flow }

func (d *demand) vary(permille int64) {
	d.reads.scale(permille, 1000)
	d.writes.scale(permille, 1000)
}

// demand adds up the loads at their levels.
func (l *lun) demand(lv *levels) (d demand) {
	for i := range l.loads {
		ld := &l.loads[i]
		level := lv[ld.work]
		if level == 0 {
			continue
		}
		d.reads.add(ld.reads*level/1000, ld.readKiB*2)
		d.writes.add(ld.writes*level/1000, ld.writeKiB*2)
	}
	return d
}

// serve counts what the volume does in a stretch of time, and returns the bytes
// written. It is the queue of the package's description.
func (l *lun) serve(d demand, stretch time.Duration) int64 {
	busy := (d.reads.milli*l.toReadUS + d.writes.milli*l.toWriteUS) / 1000
	if busy > maxBusy {
		d.reads.scale(maxBusy, busy)
		d.writes.scale(maxBusy, busy)
		busy = maxBusy
	}
	ms := stretch.Milliseconds()
	c := &l.counters
	reads, _ := c.reads.count(d.reads, ms)
	writes, written := c.writes.count(d.writes, ms)
	idle := 1_000_000 - busy
	c.reads.us += reads * (l.toReadUS * 1_000_000_000 / idle) / 1000
	c.writes.us += writes * (l.toWriteUS * 1_000_000_000 / idle) / 1000
	c.busyUS += min(reads*l.toReadUS+writes*l.toWriteUS, ms*1000)
	c.inflight = 0
	if reads+writes > 0 {
		c.inflight = l.noise.depth(busy)
	}
	return written * 512
}

// depth is how many I/Os are in flight at one moment: n or more with a chance of
// busyⁿ.
func (n noise) depth(busy int64) (depth uint32) {
	const bits = 20 // three chances to a number: deeper is seldom met
	r := int64(n.pcg.Uint64() >> 4)
	for depth < 3 && r&(1<<bits-1) < busy<<bits/1_000_000 {
		depth++
		r >>= bits
	}
	return depth
}

// tally is one direction's counters, wider than the kernel shows them.
type tally struct {
	ios, sectors int64
	us           int64 // time that completed I/Os took
	rest         int64 // millionths of an I/O still to come
}

// count adds what a flow makes in that many ms.
func (t *tally) count(f flow, ms int64) (ios, sectors int64) {
	if f.milli == 0 {
		return 0, 0
	}
	t.rest += f.milli * ms
	ios = t.rest / 1_000_000
	t.rest %= 1_000_000
	const block = 8 // sectors: the filesystem's 4 KiB
	sectors = max(ios, ios*(f.sectors/block)/f.milli) * block
	t.ios += ios
	t.sectors += sectors
	return ios, sectors
}

// counters are what a volume has counted since the boot.
type counters struct {
	reads, writes tally
	busyUS        int64
	inflight      uint32
}

// kernel is how the kernel prints them: times in 32 bits. LVM's volumes merge
// nothing.
func (c *counters) kernel() series.Counters {
	return series.Counters{
		ReadIOs:      uint64(c.reads.ios),
		ReadSectors:  uint64(c.reads.sectors),
		ReadMS:       uint32(c.reads.us / 1000),
		WriteIOs:     uint64(c.writes.ios),
		WriteSectors: uint64(c.writes.sectors),
		WriteMS:      uint32(c.writes.us / 1000),
		BusyMS:       uint32(c.busyUS / 1000),
		QueueMS:      uint32((c.reads.us + c.writes.us) / 1000),
		Inflight:     c.inflight,
	}
}
