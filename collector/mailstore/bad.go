package mailstore

import (
	"fmt"
	"time"

	"lunstat/mapper"
)

// bad is the sixth week, in which much goes wrong. Its zero value is none.
type bad struct {
	week  span
	slow  []span // the array of the mailstores' fast volumes takes long
	stall span   // it answers nothing to the first mailstore's primary store
}

func newBad(start time.Time) bad {
	week := start.AddDate(0, 0, 35)
	b := bad{week: span{week, week.AddDate(0, 0, 7)}}
	for _, day := range []time.Weekday{time.Tuesday, time.Wednesday, time.Thursday, time.Friday} {
		from := next(week, day, 9, 0)
		b.slow = append(b.slow, span{from, from.Add(8 * time.Hour)})
	}
	stalled := next(week, time.Thursday, 3, 10)
	b.stall = span{stalled, stalled.Add(33 * time.Minute)}
	return b
}

// The time that the slow array adds to an I/O, on average.
const (
	slowReadUS  = 60_000
	slowWriteUS = 45_000
)

// onFastArray: HSM's secondary store is on another one, the host's own volumes on its
// disks.
func (l *lun) onFastArray() bool { return l.volume.store && l.vg != "secondary" }

// slowed is what the array adds to each read and write of a volume at a moment.
func (b *bad) slowed(l *lun, t time.Time) (readUS, writeUS int64) {
	for _, s := range b.slow {
		if s.holds(t) && l.onFastArray() {
			p := l.noise.permille()
			return slowReadUS * p / 1000, slowWriteUS * p / 1000
		}
	}
	return 0, 0
}

// waits reports that one in twenty of a volume's reads waits,
// from 12 to 14 o'clock, when its array makes a snapshot. Without histograms nobody would
// see it.
func (b *bad) waits(l *lun, t time.Time) bool {
	return l.vg == "secondary" && b.week.holds(t) && t.Hour() >= 12 && t.Hour() < 14
}

// stalls reports that a volume gets no answer.
func (b *bad) stalls(l *lun, t time.Time) bool {
	return b.stall.holds(t) && l == l.store.primary && l.store.number == 1
}

// hang is a stretch in which what is in flight stays there.
func (l *lun) hang(stretch time.Duration) {
	l.counters.inflight = max(l.counters.inflight, 3)
	l.counters.busyUS += stretch.Microseconds()
}

// delay adds what I/Os took longer than the volume's own queue says.
func (c *counters) delay(reads, writes, readUS, writeUS int64, stretch time.Duration) {
	c.reads.us += reads * readUS
	c.writes.us += writes * writeUS
	c.busyUS += min(reads*readUS+writes*writeUS, stretch.Microseconds()*3/10)
}

// The arrays as the first digits of their LUNs' WWIDs, in multipath's spelling.
const (
	fastArray = "3600601604d503700"
	slowArray = "360060e801047ab00"
)

// san is what a volume rests on.
func (l *lun) san(slot int) []string {
	switch {
	case !l.volume.store:
		return nil
	case l.onFastArray():
		return []string{fmt.Sprintf("%s%016x", fastArray, 0x26a3e6f5e0c00+slot)}
	}
	return []string{fmt.Sprintf("%s%016x", slowArray, 0x4e3000000+slot)}
}

// rest tells the ledger what the volumes rest on.
func (m *Model) rest(devs []mapper.LUN) {
	for i, l := range m.bySlot {
		for n, other := range m.luns {
			if other == l {
				devs[i].SAN = l.san(n)
			}
		}
	}
}
