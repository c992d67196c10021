package mailstore

import (
	"math/rand/v2"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

const (
	// FiveWeeks is the default length in minutes.
	FiveWeeks = 5 * 7 * 24 * 60
	// Host is the host's name.
	Host = "mailstore1"
	// nextHost is where its users go before a bad week.
	nextHost = "mailstore2"
	// kernel has 14 fields, as the hosts of the time had: LVM's volumes count no
	// flushes and their LUNs took no discards, so that newer fields would only be
	// zeros, while with this one a report must cope with absent sums. It has
	// dm/uuid in sysfs (2.6.29 and later), and its io_ticks are exact.
	kernel = "2.6.32-754.35.1.el6.x86_64"
	// spaceEvery is how often the collector asks for space.
	spaceEvery = 5 * time.Minute
	// kernelCounting is one that can count how long each I/O takes.
	kernelCounting = "3.10.0-1160.119.1.el7.x86_64"
	// regionAfter is how long after a boot the collector makes the kernel do so.
	regionAfter = time.Minute
	// uptime is how long the host has been up at the start: long enough for MySQL
	// data's weighted ms to pass 2³² in the first week.
	uptime = 143 * 24 * time.Hour
)

// Options say what to simulate. The zero value is the post's host over the five
// weeks that end now.
type Options struct {
	Start   time.Time      // wall clock of the first sample; zero: such that the last one is now
	Minutes int            // from the first sample to the last; 0: five weeks
	Zone    *time.Location // in which the users live; nil: UTC
	LUNs    int            // 0: the post's 14; above, more mailstores of seven each on the same host
	Step    time.Duration  // between two samples; 0: a minute
	BadWeek bool           // a sixth week is a bad one; Minutes 0 is then six weeks
	// Histograms makes the kernel count how long each I/O takes. In the bad week one in
	// twenty of the secondary store's reads then waits at noon.
	Histograms bool
	Seed       uint64 // of the noise and of the boot ids, not of the identities
}

// withDefaults fills in what was left open.
func (o Options) withDefaults() Options {
	if o.Minutes == 0 {
		o.Minutes = FiveWeeks
		if o.BadWeek {
			o.Minutes += 7 * 24 * 60
		}
	}
	if o.Step == 0 {
		o.Step = time.Minute
	}
	if o.LUNs == 0 {
		o.LUNs = len(volumes)
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Start.IsZero() {
		o.Start = time.Now().Add(-time.Duration(o.Minutes) * time.Minute).Truncate(time.Minute)
	}
	o.Start = o.Start.Truncate(time.Second).In(o.Zone)
	return o
}

// Model is one simulated host. It is for one goroutine.
type Model struct {
	opt    Options
	plan   plan
	stores []*store
	luns   []*lun // in the order of the table, which is that of the first boot's minors

	at      time.Time
	end     time.Time
	started bool
	boot    series.Instant // the boot's moment: its wall time and id; Mono and Boot 0
	boots   int
	bySlot  []*lun // in the order of this boot's minors
	mapping []mapper.LUN
	spaceAt time.Time // when space is due

	readings []series.Reading
	spaces   []series.KeySpace
}

// New makes a host that has been up for some months.
func New(o Options) *Model {
	o = o.withDefaults()
	m := &Model{
		opt:  o,
		plan: newPlan(o.Start),
		at:   o.Start,
		end:  o.Start.Add(time.Duration(o.Minutes) * time.Minute),
	}
	if o.BadWeek {
		m.plan.bad = newBad(o.Start)
		m.plan.leave = m.plan.bad.week.from
	}
	m.build()
	for _, l := range m.luns {
		l.serve(l.demand(&meanLevels), uptime)
	}
	m.up(o.Start.Add(-uptime))
	return m
}

// Next is the next sample; ok is false after the last one.
//
// The sample's Readings and Spaces are the model's own and hold until the next
// call. Its LUNs are in the order of its Readings and are never changed: they
// may be kept, and after a reboot come as another slice.
func (m *Model) Next() (s series.Sample, ok bool) {
	for {
		if !m.started {
			m.started = true
			return m.sample(), true
		}
		to := m.at.Add(m.opt.Step)
		if to.After(m.end) {
			return series.Sample{}, false
		}
		seen := m.advance(m.at, to)
		m.at = to
		if seen && !m.plan.gap.holds(to) {
			return m.sample(), true
		}
	}
}

// Notes are what the host's admin would have written down.
func (m *Model) Notes() []series.Note {
	var out []series.Note
	if at := m.plan.arrival; !at.After(m.end) {
		out = append(out, series.Note{At: at, Text: "moved 2,000 users to " + Host})
	}
	if at := m.plan.leave; !at.IsZero() && !at.After(m.end) {
		out = append(out, series.Note{At: at, Text: "moved these 2,000 users on to " + nextHost})
	}
	return out
}

// advance lets the host live from one moment to the next, and reports whether it
// is up at the end.
func (m *Model) advance(from, to time.Time) bool {
	down := m.plan.down
	if down.holds(to) {
		return false
	}
	if !from.After(down.to) && to.After(down.to) {
		m.reboot(down.to)
		from = down.to
	}
	m.live(from.Add(to.Sub(from)/2), to.Sub(from))
	return true
}

// live does the work of a stretch of time, as heavy as at its middle.
func (m *Model) live(middle time.Time, stretch time.Duration) {
	lv := levelsAt(middle)
	for _, s := range m.stores {
		s.live(middle, stretch, &lv, m.plan.users(s, middle), m.plan.bad.week.holds(middle))
	}
	minute := middle.Hour()*60 + middle.Minute()
	for _, l := range m.luns {
		if m.plan.bad.stalls(l, middle) {
			l.hang(stretch)
			continue
		}
		d := l.demand(l.store.levels())
		d.vary(l.noise.permille())
		l.store.addHSM(l, &d)
		was := l.counters
		written := l.serve(d, stretch)
		readUS, writeUS := m.plan.bad.slowed(l, middle)
		l.counters.delay(l.counters.reads.ios-was.reads.ios, l.counters.writes.ios-was.writes.ios, readUS, writeUS, stretch)
		l.measure(&was, m.plan.bad.waits(l, middle))
		l.fill(written, minute)
	}
}

// reboot starts the counters again and gives the minors to other volumes.
func (m *Model) reboot(at time.Time) {
	for _, l := range m.luns {
		l.counters = counters{}
	}
	m.up(at)
}

// up is the moment at which a kernel begins to count.
func (m *Model) up(at time.Time) {
	m.boots++
	m.boot = series.Instant{Wall: at, BootID: bootID(m.opt.Seed, m.boots)}
	if m.opt.Histograms {
		for _, l := range m.luns {
			l.histogram = began(regionAfter)
		}
	}
	m.bySlot = make([]*lun, len(m.luns))
	for i, l := range m.luns {
		m.bySlot[minor(i, len(m.luns), m.boots)] = l
	}
	m.mapping = m.classify()
}

// sample is one reading of the host.
func (m *Model) sample() series.Sample {
	age := m.at.Sub(m.boot.Wall)
	m.readings = m.readings[:0]
	for slot, l := range m.bySlot {
		at := &m.mapping[slot]
		m.readings = append(m.readings, series.Reading{Kernel: at.Kernel, Dev: at.Dev, Counters: l.counters.kernel(), Latency: l.histogram.reading()})
	}
	m.spaces = m.spaces[:0]
	due := !m.at.Before(m.spaceAt)
	if due {
		m.spaceAt = m.at.Add(spaceEvery)
		m.askSpace()
	}
	release := kernel
	if m.opt.Histograms {
		release = kernelCounting
	}
	return series.Sample{
		At:        series.Instant{Wall: m.at, Mono: age, Boot: age, BootID: m.boot.BootID},
		Kernel:    release,
		Host:      Host,
		Source:    series.SourceSimulated,
		Readings:  m.readings,
		LUNs:      m.mapping,
		Spaces:    m.spaces,
		SpacesDue: due,
	}
}

// noise is one LUN's or mailstore's own stream of chance.
type noise struct{ pcg *rand.PCG }

func newNoise(seed uint64, stream int) noise {
	return noise{rand.NewPCG(seed, uint64(stream))}
}

// permille is a factor with a mean of 1000 and a deviation of 74: the sum of four uniform
// numbers is near enough to a normal distribution.
func (n noise) permille() int64 {
	r := n.pcg.Uint64()
	return int64(746 + r&127 + r>>16&127 + r>>32&127 + r>>48&127)
}
