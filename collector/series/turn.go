package series

import "time"

const (
	// leastSleep: the clocks are read one after the other, and differ by less
	// where the host did not sleep.
	leastSleep = 900 * time.Millisecond
	// turnGap is how far apart two runs may be without a hole that wants a cause.
	turnGap = 5 * time.Minute
)

// Slept is how long a host was suspended between two readings of one boot.
func Slept(was, is Instant) time.Duration {
	if slept := (is.Boot - was.Boot) - (is.Mono - was.Mono); slept > leastSleep {
		return slept
	}
	return 0
}

// ClockStep is by how much the wall clock was set between two readings of one boot,
// beyond what NTP slews.
func ClockStep(was, is Instant) time.Duration {
	if step := is.Wall.Sub(was.Wall) - (is.Boot - was.Boot); step.Abs() > clockStep {
		return step
	}
	return 0
}

// Turn reports whether something happened between two consecutive runs of a host: a
// boot, a new version, a suspend, a step of the clock, a gap. Such runs explain a hole
// in a curve, so both stores give them even for a coarse query.
func Turn(was, is *Run) bool {
	if otherBoot(was.At, is.At) || was.Kernel != is.Kernel || was.Version != is.Version {
		return true
	}
	apart := time.Duration(is.At.Wall.Unix()-was.At.Wall.Unix()) * time.Second // cron jitters
	return apart <= 0 || apart > turnGap || Slept(was.At, is.At) > 0 || ClockStep(was.At, is.At) != 0
}

// Turns picks a host's turns, the runs before them, and its first and last run. The
// runs come in order of the wall clock, which after a step back is not the order in
// which they happened, so Turns follows each stretch separately. The zero value is
// ready to use.
type Turns struct {
	stretches []stretch
	kept      []Run
}

// stretch is the runs between two boots or steps of the clock.
type stretch struct {
	last Run
	kept bool // last is among those kept
}

// looksBack bounds how many stretches may run side by side.
const looksBack = 8

// Add takes the next run.
func (t *Turns) Add(r *Run) {
	s := t.stretchOf(r)
	if s == nil {
		t.stretches = append(t.stretches, stretch{*r, true})
		t.kept = append(t.kept, *r)
		return
	}
	turn := Turn(&s.last, r)
	if turn && !s.kept {
		t.kept = append(t.kept, s.last)
	}
	if turn {
		t.kept = append(t.kept, *r)
	}
	s.last, s.kept = *r, turn
}

func (t *Turns) stretchOf(r *Run) *stretch {
	for i := len(t.stretches) - 1; i >= max(0, len(t.stretches)-looksBack); i-- {
		if was := t.stretches[i].last.At; !otherBoot(was, r.At) && ClockStep(was, r.At) == 0 {
			return &t.stretches[i]
		}
	}
	return nil
}

// Runs gives the picked runs, in no order.
func (t *Turns) Runs() []Run {
	runs := t.kept
	for i := range t.stretches {
		if !t.stretches[i].kept {
			runs = append(runs, t.stretches[i].last)
		}
	}
	return runs
}
