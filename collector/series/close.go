package series

import "time"

// Limits are the limits that Close applies.
type Limits struct {
	Gap   time.Duration // an interval above it is Long; 0: 5 minutes
	Slow  time.Duration // read or write await above it is slow time; 0: none is
	Least time.Duration // below it no interval is closed; 0: a second, less the jitter of timers
}

func (l Limits) gap() time.Duration {
	if l.Gap == 0 {
		return 5 * time.Minute
	}
	return l.Gap
}

func (l Limits) least() time.Duration {
	if l.Least == 0 {
		return minElapsed
	}
	return l.Least
}

// The bounds by which a counter that went wrong is judged. Each comes from
// experience in the field.
const (
	// minElapsed: closer readings make noise, not intervals. It is a second less
	// what a timer of a second may come early.
	minElapsed = 900 * time.Millisecond
	// clockStep: what NTP slews in a gap stays below; a step is above.
	clockStep = 2 * time.Second
	// A sum over per-CPU counters is read without a lock, so a reading may take
	// back what the last one saw: one I/O of 8 sectors (sysstat #259, #312). A
	// step is at most stepIOs I/Os or as many large ones' sectors, and at most a
	// quarter of the counter; a larger fall means that the counter restarted.
	stepIOs     = 16
	stepSectors = stepIOs * 2048
	stepShare   = 4
	stepMS      = 60_000
	// longestIO: the SCSI layer gives up on a command well below. An I/O that
	// took longer doesn't explain a wrap.
	longestIO = 120_000 // ms
	// deeper: the mean queue in a gap may have been this many times what is known
	// of it, or of shallow, before wraps can be excluded.
	deeper  = 8
	shallow = 16
)

// StallFor is how long I/O must be in flight without any completing to count as a
// stall.
const StallFor = 30 * time.Second

// Close makes the interval between a LUN's last reading and now, and the base for the
// next one. Both must be of one series; the zero value of last means that the LUN was
// never seen. ok is false if there is no interval: at the first reading, and less than
// a second after the last one, which then stays the base.
func Close(last, now Last, lim Limits) (i Interval, base Last, ok bool) {
	base = now
	if last.At.Wall.IsZero() {
		return Interval{Quality: First}, base, false
	}
	i.End = now.At.Wall.Truncate(time.Second)
	i.Inflight, i.InflightKnown = now.Inflight, now.Given&OnlyCounts == 0

	rebooted := otherBoot(last.At, now.At)
	elapsed := now.At.Mono - last.At.Mono
	if rebooted {
		elapsed = now.At.Mono
	}
	if elapsed < lim.least() {
		if rebooted {
			return i, now, false
		}
		return i, last, false
	}
	i.ElapsedMS = uint64((elapsed + time.Millisecond/2) / time.Millisecond)
	i.SpanMS = i.ElapsedMS

	if rebooted || recreated(last, now) {
		i.Quality |= Reset
		last.Counters, last.Read = Counters{Given: now.Given}, nil
		last.IdleRuns, last.StallSince, last.Latency = 0, time.Time{}, nil
	}
	i.Quality |= clocks(last.At, now.At, rebooted)
	if elapsed > lim.gap() {
		i.Quality |= Long
	}
	d := difference{last: &last.Counters, now: &now.Counters, base: &base.Counters, out: &i}
	d.all()
	if i.Quality.Has(Stepped) && !fell(last.read(), &now.Counters) {
		i.Quality &^= Stepped // it fell before: the base is still above it
	}
	if base.Counters != now.Counters {
		read := now.Counters // of its own, so that now needs no heap where nothing stepped back
		base.Read = &read
	}
	since := last.At.Mono
	if rebooted {
		since = 0
	}
	i.latency(last.Latency, now.Latency, since)
	i.slow(lim.Slow)
	i.stall(last, &base)
	return i, base, true
}

// otherBoot: the boot ids tell; where one is unknown (a captured host), a
// monotonic clock that ran backwards does.
func otherBoot(last, now Instant) bool {
	if last.BootID != "" && now.BootID != "" {
		return last.BootID != now.BootID
	}
	return now.Mono < last.Mono
}

// clocks compares how far the three clocks went.
func clocks(last, now Instant, rebooted bool) (q Quality) {
	if rebooted {
		if now.Wall.Before(last.Wall) {
			q |= Clock
		}
		return q
	}
	if Slept(last, now) > 0 {
		q |= Suspended
	}
	if ClockStep(last, now) != 0 {
		q |= Clock
	}
	return q
}

// slow counts the whole interval as slow time where an await was above the
// limit; of a long interval nothing is known.
func (i *Interval) slow(limit time.Duration) {
	if i.Quality.Has(Long) {
		return
	}
	ms := float64(limit) / float64(time.Millisecond)
	read, _ := i.ReadAwait()
	write, _ := i.WriteAwait()
	if limit > 0 && (read > ms || write > ms) {
		i.Set(SlowMS, i.ElapsedMS)
	} else {
		i.Set(SlowMS, 0)
	}
}

// stall follows I/O that stays in flight while none completes.
func (i *Interval) stall(last Last, base *Last) {
	base.IdleRuns, base.StallSince = 0, time.Time{}
	if last.Inflight == 0 || base.Inflight == 0 || !i.idle(last.Inflight) {
		return
	}
	base.IdleRuns, base.StallSince = last.IdleRuns+1, last.StallSince
	if base.StallSince.IsZero() {
		base.StallSince = i.Start()
	}
	if base.IdleRuns >= 2 || i.End.Sub(base.StallSince) >= StallFor {
		i.Quality |= Stalled
	}
}

// idle reports that no I/O completed. Bio-based maps of Linux 6.1 count an I/O
// when it begins and its time when it ends: there, no time was added, and what
// was counted is still in flight.
func (i *Interval) idle(inflight uint32) bool {
	counted, _ := i.Total()
	counted += i.Value(FlushIOs)
	took := i.Value(ReadMS) + i.Value(WriteMS) + i.Value(DiscardMS) + i.Value(FlushMS)
	return took == 0 && (counted == 0 || uint64(i.Inflight) >= uint64(inflight)+counted)
}

// difference subtracts the counters of two readings, field by field.
type difference struct {
	last, now, base *Counters
	out             *Interval
}

func (d *difference) all() {
	l, n, b := d.last, d.now, d.base
	d.count(ReadIOs, l.ReadIOs, n.ReadIOs, &b.ReadIOs, 1)
	d.count(ReadBytes, l.ReadSectors, n.ReadSectors, &b.ReadSectors, sectorBytes)
	d.count(WriteIOs, l.WriteIOs, n.WriteIOs, &b.WriteIOs, 1)
	d.count(WriteBytes, l.WriteSectors, n.WriteSectors, &b.WriteSectors, sectorBytes)
	if (l.Given|n.Given)&OnlyCounts != 0 {
		return
	}
	d.count(ReadMerges, l.ReadMerges, n.ReadMerges, &b.ReadMerges, 1)
	d.count(WriteMerges, l.WriteMerges, n.WriteMerges, &b.WriteMerges, 1)
	given := l.Given & n.Given
	ios := d.out.Value(ReadIOs) + d.out.Value(WriteIOs)
	if given&GivenDiscards != 0 {
		d.count(DiscardIOs, l.DiscardIOs, n.DiscardIOs, &b.DiscardIOs, 1)
		d.count(DiscardMerges, l.DiscardMerges, n.DiscardMerges, &b.DiscardMerges, 1)
		d.count(DiscardBytes, l.DiscardSectors, n.DiscardSectors, &b.DiscardSectors, sectorBytes)
		d.ms(DiscardMS, l.DiscardMS, n.DiscardMS, &b.DiscardMS, d.out.Value(DiscardIOs))
		ios += d.out.Value(DiscardIOs)
	}
	if given&GivenFlushes != 0 {
		d.count(FlushIOs, l.FlushIOs, n.FlushIOs, &b.FlushIOs, 1)
		d.ms(FlushMS, l.FlushMS, n.FlushMS, &b.FlushMS, d.out.Value(FlushIOs))
		ios += d.out.Value(FlushIOs)
	}
	d.ms(ReadMS, l.ReadMS, n.ReadMS, &b.ReadMS, d.out.Value(ReadIOs))
	d.ms(WriteMS, l.WriteMS, n.WriteMS, &b.WriteMS, d.out.Value(WriteIOs))
	d.queue(ios)
	d.busy()
}

// sectorBytes is fixed in diskstats, whatever the block size of the LUN.
const sectorBytes = 512

// count subtracts 64-bit counters. One that went back took nothing back: its sum
// is 0, and after a small step the higher value stays the base.
func (d *difference) count(f Field, last, now uint64, base *uint64, unit uint64) {
	if wrapped32(last, now) {
		d.out.Quality |= Wrapped
		d.out.Set(f, (1<<32-last+now)*unit)
		return
	}
	if now < last {
		step := uint64(stepIOs)
		if unit == sectorBytes {
			step = stepSectors
		}
		if last-now <= step {
			*base = last
		}
		d.out.Quality |= Stepped
		d.out.Set(f, 0)
		return
	}
	d.out.Set(f, (now-last)*unit)
}

// ms subtracts 32-bit times, whose wrap Go's unsigned subtraction undoes; n is
// the number of I/Os that the time belongs to.
func (d *difference) ms(f Field, last, now uint32, base *uint32, n uint64) {
	v := wrap(last, now, base)
	// What is in flight adds to the weighted time of kernels before 5.7 and to
	// the n that a bio-based map counts at the begin.
	n += uint64(max(d.last.Inflight, d.now.Inflight))
	if wrapped := v != 0 && now < last; wrapped && !d.plausible(v, n) || d.wrapsAgain(v, n) {
		d.out.Quality |= Wrapped // and absent: how often can't be told
		return
	}
	d.set(f, last, now, v)
}

// queue subtracts the weighted time. Since 5.7 it is the sum of the other times: where
// it was that in both readings, they tell how often it wrapped.
func (d *difference) queue(ios uint64) {
	quality := d.out.Quality
	d.ms(QueueMS, d.last.QueueMS, d.now.QueueMS, &d.base.QueueMS, ios)
	was, wasSum := d.last.roundedOff()
	is, isSum := d.now.roundedOff()
	if d.out.Has(QueueMS) || !wasSum || !isSum || d.last.Given != d.now.Given || !d.out.Has(ReadMS) || !d.out.Has(WriteMS) ||
		d.now.Given&GivenDiscards != 0 && !d.out.Has(DiscardMS) || d.now.Given&GivenFlushes != 0 && !d.out.Has(FlushMS) {
		return
	}
	sum := d.out.Value(ReadMS) + d.out.Value(WriteMS) + d.out.Value(DiscardMS) + d.out.Value(FlushMS) + uint64(is) - uint64(was)
	if uint32(sum) != d.now.QueueMS-d.last.QueueMS || sum > 1<<63 {
		return // a time stepped back
	}
	d.out.Quality = quality
	if sum >= 1<<32 || d.now.QueueMS < d.last.QueueMS {
		d.out.Quality |= Wrapped
	}
	d.out.Set(QueueMS, sum)
}

// roundedOff is what the weighted time has beyond the sum of the other times, and
// whether it is their sum: the kernel adds nanoseconds, and rounds each off.
func (c *Counters) roundedOff() (ms uint32, isSum bool) {
	ms = c.QueueMS - (c.ReadMS + c.WriteMS + c.DiscardMS + c.FlushMS)
	return ms, ms <= 3
}

// busy subtracts io_ticks, which can't run faster than time but for the lag of
// its stamps.
func (d *difference) busy() {
	last, now := d.last.BusyMS, d.now.BusyMS
	v := wrap(last, now, &d.base.BusyMS)
	e := d.out.ElapsedMS
	if v != 0 && now < last && v > 3*e+10_000 || e+e/10 >= 1<<32 {
		d.out.Quality |= Wrapped
		return
	}
	d.set(BusyMS, last, now, v)
}

// set stores a difference of ms with its mark.
func (d *difference) set(f Field, last, now uint32, v uint64) {
	switch {
	case now < last && v == 0:
		d.out.Quality |= Stepped
	case now < last:
		d.out.Quality |= Wrapped
	}
	d.out.Set(f, v)
}

// wrap is now − last modulo 2³². Above 2³¹ it was a step back: 0, and after a
// small one the higher value stays the base.
func wrap(last, now uint32, base *uint32) uint64 {
	v := now - last
	if v <= 1<<31 {
		return uint64(v)
	}
	if last-now <= stepMS {
		*base = last
	}
	return 0
}

// plausible: n I/Os can have taken that long.
func (d *difference) plausible(v, n uint64) bool {
	return v <= n*max(longestIO, d.out.ElapsedMS)
}

// wrapsAgain: one more wrap can't be excluded if the I/Os could have taken as
// long and the queue could have been as deep.
func (d *difference) wrapsAgain(v, n uint64) bool {
	more := v + 1<<32
	e := d.out.ElapsedMS
	queue := max(shallow, uint64(d.last.Inflight), uint64(d.now.Inflight), v/max(e, 1))
	return more <= n*longestIO && more <= e*deeper*queue
}
