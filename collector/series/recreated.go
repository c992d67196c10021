package series

// recreated: the kernel numbers block devices in the order of their making
// (diskseq, 5.15 and later). Without it, the counts tell: a device that restarted has one
// that fell by more than a step, or none that stayed. A count of a 32-bit kernel
// that wrapped is neither. Where the counts happen to be equal, the times tell.
func recreated(last, now Last) bool {
	switch {
	case last.DiskSeq == Gone || timesBeganAgain(&last.Counters, &now.Counters):
		return true
	case last.DiskSeq != 0 && now.DiskSeq != 0:
		return last.DiskSeq != now.DiskSeq
	}
	l, n := &last.Counters, &now.Counters
	fallen, stayed := false, false
	for _, c := range [...]struct{ last, now, step uint64 }{
		{l.ReadIOs, n.ReadIOs, stepIOs}, {l.WriteIOs, n.WriteIOs, stepIOs},
		{l.ReadSectors, n.ReadSectors, stepSectors}, {l.WriteSectors, n.WriteSectors, stepSectors},
	} {
		switch {
		case c.now >= c.last:
			stayed = stayed || c.now > 0
		case wrapped32(c.last, c.now):
			stayed = true
		case c.last-c.now > c.step:
			return true
		default:
			fallen = fallen || c.last-c.now > c.last/stepShare
		}
	}
	return fallen && !stayed
}

// wrapped32 tells that a count passed 2³², where kernels of 32 bits go on from 0. It
// was within 512 GB of it.
func wrapped32(last, now uint64) bool {
	return now < last && last < 1<<32 && 1<<32-last+now <= 1<<30
}

// timesBeganAgain: a time fell by more than a step while no count rose. A docker
// pool that was made again came back with its 46 reads, and 3 ms of reading
// instead of 12. A time that wrapped did not fall, and takes I/O to get there.
func timesBeganAgain(last, now *Counters) bool {
	if last.Given != now.Given || now.Given&OnlyCounts != 0 {
		return false
	}
	was, is := last.counts(), now.counts()
	for i := range is {
		if is[i] > was[i] || wrapped32(was[i], is[i]) {
			return false
		}
	}
	before, after := last.times(), now.times()
	for i := range after {
		if fall := before[i] - after[i]; after[i] < before[i] && fall <= 1<<31 && (fall > stepMS || fall > max(1, before[i]/stepShare)) {
			return true
		}
	}
	return false
}

// fell reports that a counter is below what was read before, and did not wrap.
func fell(was, is *Counters) bool {
	before, after := was.counts(), is.counts()
	for i := range after {
		if after[i] < before[i] && !wrapped32(before[i], after[i]) {
			return true
		}
	}
	earlier, later := was.times(), is.times()
	for i := range later {
		if later[i] < earlier[i] && earlier[i]-later[i] < 1<<31 {
			return true
		}
	}
	return false
}
