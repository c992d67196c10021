package hosttest

import (
	"fmt"

	"lunstat/mapper"
)

// IO is the fields of a line of diskstats after the name, in their order. Times
// are in ms and, as in the kernel, shown modulo 2³².
type IO struct {
	Reads, ReadMerges, ReadSectors, ReadMS             uint64
	Writes, WriteMerges, WriteSectors, WriteMS         uint64
	Inflight, BusyMS, QueueMS                          uint64
	Discards, DiscardMerges, DiscardSectors, DiscardMS uint64
	Flushes, FlushMS                                   uint64
}

func (io *IO) fields() [17]*uint64 {
	return [...]*uint64{
		&io.Reads, &io.ReadMerges, &io.ReadSectors, &io.ReadMS,
		&io.Writes, &io.WriteMerges, &io.WriteSectors, &io.WriteMS,
		&io.Inflight, &io.BusyMS, &io.QueueMS,
		&io.Discards, &io.DiscardMerges, &io.DiscardSectors, &io.DiscardMS,
		&io.Flushes, &io.FlushMS,
	}
}

// Counted lists what diskstats shows.
func (h *Host) Counted() (counted []mapper.Counted) {
	for _, r := range h.rows {
		if !r.gone && r.line == "" {
			counted = append(counted, mapper.Counted{Kernel: r.Kernel, Dev: r.dev})
		}
	}
	return counted
}

// Do adds I/O to a LUN's counters; Inflight is set, as it is a gauge.
func (h *Host) Do(name string, io IO) {
	h.t.Helper()
	r := h.row(name)
	r.do(io)
	h.writeStats()
}

// DoAll adds to every device's counters what io says for its index. Calling Do for each
// device would write the file as often.
func (h *Host) DoAll(io func(i int) IO) {
	h.t.Helper()
	for i := range h.rows {
		h.rows[i].do(io(i))
	}
	h.writeStats()
}

func (r *row) do(io IO) {
	was := r.io.fields()
	for i, more := range io.fields() {
		*was[i] += *more
	}
	r.io.Inflight = io.Inflight
}

// Set gives a LUN these counters.
func (h *Host) Set(name string, io IO) {
	h.t.Helper()
	h.row(name).io = io
	h.writeStats()
}

// Fields says how many fields a line of diskstats has: 14, 18, 20 or more.
func (h *Host) Fields(n int) {
	h.fields = n
	h.writeStats()
}

// Spoil puts text in the place of a LUN's line of diskstats; "" puts it right.
func (h *Host) Spoil(name, text string) {
	h.t.Helper()
	h.row(name).line = text
	h.writeStats()
}

// count numbers the dm devices in the order of the rows, the disks by kind.
func (h *Host) count() {
	var dms, disks uint32
	for _, r := range h.rows {
		h.seq++
		r.seq = h.seq
		if r.Name != "" {
			r.dev = mapper.DevNo{Major: 253, Minor: dms}
			r.Kernel = fmt.Sprintf("dm-%d", dms)
			dms++
			continue
		}
		r.dev = mapper.DevNo{Major: 8, Minor: disks}
		disks++
	}
}
