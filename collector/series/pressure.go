package series

import "time"

// Pressure is how long the tasks of a host waited for I/O between two runs of one boot,
// from /proc/pressure/io. It is the whole host's, and no LUN's. A sum that is not known
// is nil, which is not 0. The kernel may bring its totals up to date only every two
// seconds, so a sum may be a little larger than the time that passed.
type Pressure struct {
	ElapsedMS uint64  // CLOCK_MONOTONIC between the two readings; 0: neither sum is known
	SomeUS    *uint64 // µs in which at least one task waited
	FullUS    *uint64 // µs in which every task that was not idle waited
}

// PressureReading is the kernel's totals of both since the boot, at one instant. The
// zero value is that nothing was read.
type PressureReading struct {
	At             Instant
	SomeUS, FullUS *uint64
}

// HostPressure is the pressure of a host between two runs, or in a bin. End is the wall
// clock's second of the later run, or the end of the bin.
type HostPressure struct {
	Host string
	End  time.Time
	Pressure
}

// SomePercent is the share of the time in which at least one task waited.
func (p *Pressure) SomePercent() (float64, bool) { return p.percent(p.SomeUS) }

// FullPercent is the share of the time in which every task that was not idle waited.
func (p *Pressure) FullPercent() (float64, bool) { return p.percent(p.FullUS) }

func (p *Pressure) percent(us *uint64) (float64, bool) {
	if us == nil || p.ElapsedMS == 0 {
		return 0, false
	}
	return float64(*us) / float64(p.ElapsedMS) / 10, true
}

// ClosePressure takes the difference between two readings, and gives the base of the next
// one. After a reboot, and where either side is unknown, there is no difference. Less
// than a second after the last reading there is no difference either, and the last
// reading stays the base, as with a LUN's counters.
func ClosePressure(last, now PressureReading) (Pressure, PressureReading) {
	if last.At.Wall.IsZero() || now.At.Wall.IsZero() || otherBoot(last.At, now.At) {
		return Pressure{}, now
	}
	elapsed := now.At.Mono - last.At.Mono
	if elapsed < minElapsed {
		return Pressure{}, last
	}
	most := uint64((elapsed + lateTotals) / time.Microsecond)
	p := Pressure{SomeUS: since(last.SomeUS, now.SomeUS, most), FullUS: since(last.FullUS, now.FullUS, most)}
	if p.SomeUS != nil || p.FullUS != nil {
		p.ElapsedMS = uint64((elapsed + time.Millisecond/2) / time.Millisecond)
	}
	return p, now
}

// lateTotals is more than the kernel's totals are late.
const lateTotals = 10 * time.Second

// since is how much a total grew. One that fell began again, and nobody knows when; one
// that grew by more than the time that passed counts something else.
func since(last, now *uint64, most uint64) *uint64 {
	if last == nil || now == nil || *now < *last || *now-*last > most {
		return nil
	}
	d := *now - *last
	return &d
}
