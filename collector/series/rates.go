package series

// sum adds up fields. ok is false if the first one is absent; others that are absent are
// left out.
func (i *Interval) sum(first Field, rest ...Field) (total uint64, ok bool) {
	total, ok = i.Get(first)
	for _, f := range rest {
		total += i.Value(f)
	}
	return total, ok
}

// perSecond is n over the elapsed time, 1/s.
func (i *Interval) perSecond(n uint64, ok bool) (float64, bool) {
	if !ok || i.ElapsedMS == 0 {
		return 0, false
	}
	return float64(n) * 1000 / float64(i.ElapsedMS), true
}

// per divides ms by ios; there is no such figure where nothing completed.
func per(ms uint64, msOK bool, ios uint64, iosOK bool) (float64, bool) {
	if !msOK || !iosOK || ios == 0 {
		return 0, false
	}
	return float64(ms) / float64(ios), true
}

// Total is the number of I/Os: reads, writes and discards. Flushes are separate,
// as in iostat: the request that asked for one is counted as a write already.
func (i *Interval) Total() (uint64, bool) {
	if n, ok := i.Get(IOs); ok {
		return n, true
	}
	return i.sum(ReadIOs, WriteIOs, DiscardIOs)
}

// TotalBytes is the bytes read, written and discarded.
func (i *Interval) TotalBytes() (uint64, bool) {
	return i.sum(ReadBytes, WriteBytes, DiscardBytes)
}

// IOPS is reads, writes and discards per second: iostat's tps.
func (i *Interval) IOPS() (float64, bool) { return i.perSecond(i.Total()) }

// ReadIOPS is iostat's r/s.
func (i *Interval) ReadIOPS() (float64, bool) { return i.perSecond(i.Get(ReadIOs)) }

// WriteIOPS is iostat's w/s.
func (i *Interval) WriteIOPS() (float64, bool) { return i.perSecond(i.Get(WriteIOs)) }

// DiscardIOPS is iostat's d/s.
func (i *Interval) DiscardIOPS() (float64, bool) { return i.perSecond(i.Get(DiscardIOs)) }

// FlushIOPS is iostat's f/s.
func (i *Interval) FlushIOPS() (float64, bool) { return i.perSecond(i.Get(FlushIOs)) }

// BytesPerS is the bytes read, written and discarded per second.
func (i *Interval) BytesPerS() (float64, bool) { return i.perSecond(i.TotalBytes()) }

// ReadBytesPerS is iostat's rkB/s × 1024.
func (i *Interval) ReadBytesPerS() (float64, bool) { return i.perSecond(i.Get(ReadBytes)) }

// WriteBytesPerS is iostat's wkB/s × 1024.
func (i *Interval) WriteBytesPerS() (float64, bool) { return i.perSecond(i.Get(WriteBytes)) }

// Util is iostat's %util: the share of the time with I/O in flight, in percent.
// It is not capped: stamps lag the counters, and a value above 100 says so.
func (i *Interval) Util() (float64, bool) {
	busy, ok := i.perSecond(i.Get(BusyMS))
	return busy / 10, ok
}

// Queue is iostat's aqu-sz: the mean number of I/Os in flight.
func (i *Interval) Queue() (float64, bool) {
	ms, ok := i.perSecond(i.Get(QueueMS))
	return ms / 1000, ok
}

// await is the ms of one kind of I/O over how many of it completed.
func (i *Interval) await(ms, ios Field) (float64, bool) {
	took, tookOK := i.Get(ms)
	n, nOK := i.Get(ios)
	return per(took, tookOK, n, nOK)
}

// ReadAwait is iostat's r_await: ms that a read took, queueing included. It is
// absent, not 0, where no read completed.
func (i *Interval) ReadAwait() (float64, bool) {
	return i.await(ReadMS, ReadIOs)
}

// WriteAwait is iostat's w_await, absent where no write completed.
func (i *Interval) WriteAwait() (float64, bool) {
	return i.await(WriteMS, WriteIOs)
}

// DiscardAwait is iostat's d_await, absent where no discard completed.
func (i *Interval) DiscardAwait() (float64, bool) {
	return i.await(DiscardMS, DiscardIOs)
}

// FlushAwait is iostat's f_await, absent where no flush completed.
func (i *Interval) FlushAwait() (float64, bool) {
	return i.await(FlushMS, FlushIOs)
}

// Await is ms per I/O of any kind: Σms / Σios.
func (i *Interval) Await() (float64, bool) {
	ios, iosOK := i.Total()
	if ms, ok := i.Get(IOMS); ok {
		return per(ms, true, ios, iosOK)
	}
	if !i.Has(ReadMS) || !i.Has(WriteMS) {
		return 0, false
	}
	ms, msOK := i.sum(ReadMS, WriteMS, DiscardMS)
	return per(ms, msOK, ios, iosOK)
}
