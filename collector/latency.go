package collector

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Histograms reads the latency histograms that the kernel keeps of device-mapper's
// devices.
type Histograms interface {
	// Latency reads a device's histogram. last is what the last run read of the same
	// device; nil is unknown. If the kernel keeps none, Latency makes it do so, but only
	// if mayMake: that waits for the I/O in flight. Nil without an error: there is none.
	// It is called from one goroutine or more, and may hang.
	Latency(lun *mapper.LUN, last *series.LatencyReading, mayMake bool) (*series.LatencyReading, error)
}

// readLatency adds the latency histograms to the readings, as close to the counters as it
// gets. It never delays the minute for long, and never makes it fail.
func (r *run) readLatency(ctx context.Context) error {
	if r.Histograms != nil {
		failed := r.addLatency(context.WithoutCancel(ctx), &r.sample, r.state)
		r.sample.Warnings = append(r.sample.Warnings, latencyWarnings(failed)...)
	}
	return nil
}

// ReadLatency adds the latency histograms to a sample that follows a state. Why one could
// not be read is among the sample's warnings.
func ReadLatency(ctx context.Context, o Options, s *series.Sample, state series.State) {
	o.addLatency(ctx, s, state)
}

// latencyOf is a device whose histogram is asked for.
type latencyOf struct {
	lun     *mapper.LUN
	reading *series.Reading
	last    *series.LatencyReading
	mayMake bool
}

func (o *Options) addLatency(ctx context.Context, s *series.Sample, state series.State) (failed []latencyFailure) {
	type answer struct {
		reading *series.LatencyReading
		err     error
	}
	of := o.withLatency(s, state)
	answers, answered := askEach(ctx, len(of), func(i int) answer {
		r, err := o.Histograms.Latency(of[i].lun, of[i].last, of[i].mayMake)
		return answer{r, err}
	})
	for i := range of {
		if !answered[i] {
			failed = append(failed, latencyFailure{of[i].lun, errNoAnswer})
			continue
		}
		of[i].reading.Latency = answers[i].reading
		if answers[i].err != nil {
			failed = append(failed, latencyFailure{of[i].lun, answers[i].err})
		}
	}
	return failed
}

// withLatency lists the stored LUNs that may have a histogram. A request-based map is
// never asked: what the kernel counts of it is wrong.
func (o *Options) withLatency(s *series.Sample, state series.State) (of []latencyOf) {
	luns := mapper.Stored(s.LUNs, o.Rules.Layers)
	keys, _ := keysOf(luns, state, *s)
	left, readings := newLeft(state.Last), readingsOf(s.Readings)
	held, hung := heldBack(s.LUNs), hungBefore(state.Conditions)
	for i := range luns {
		l := &luns[i]
		at, ok := readings.find(l.Kernel)
		if !ok || !l.Mapped() {
			continue
		}
		q := latencyOf{lun: l, reading: &s.Readings[at]}
		last := left.take(keys[i], l.Was)
		if last != nil && (last.At.BootID != s.At.BootID || last.DiskSeq != l.DiskSeq) {
			last = nil // of another device
		}
		if last != nil {
			q.last = last.Latency
		}
		if q.last == nil && o.Paths.RequestBased(l.Kernel) {
			continue
		}
		_, waits := held[l.Kernel]
		q.mayMake = !waits && !hung[noAnswer(l)] && flows(last, &s.Readings[at].Counters)
		of = append(of, q)
	}
	return of
}

// flows reports that no I/O in flight hangs, as far as can be told: there is none, or some
// completed since the last reading.
func flows(last *series.Last, now *series.Counters) bool {
	if now.Inflight == 0 {
		return true
	}
	return last != nil && (now.ReadMS != last.ReadMS || now.WriteMS != last.WriteMS || now.DiscardMS != last.DiscardMS)
}

// hungBefore are the warnings of LUNs that did not answer lately. A question that hangs
// keeps its process alive, so none is asked again that might until its condition is
// forgotten.
func hungBefore(conditions []series.Condition) map[string]bool {
	hung := make(map[string]bool)
	for _, c := range conditions {
		hung[c.What] = true
	}
	return hung
}

// noAnswer is the warning of a LUN that did not answer.
func noAnswer(l *mapper.LUN) string { return latencyTrouble(l) + ": " + errNoAnswer.Error() }

func latencyTrouble(l *mapper.LUN) string { return "latency histogram of " + l.Name() }

// latencyFailure is why a LUN's histogram was not read.
type latencyFailure struct {
	lun *mapper.LUN
	err error
}

var errNoAnswer = fmt.Errorf("no answer within %v", answerWait)

// histogramsDropIn is where a package has what lets the systemd unit read histograms.
const histogramsDropIn = "/usr/share/doc/lunstat/deploy/systemd/lunstat-collect.service.d/histograms.conf"

// latencyWarnings says each cause once; of LUNs that don't answer, each.
func latencyWarnings(failed []latencyFailure) (warnings []series.Warning) {
	count := make(map[string]int)
	for _, f := range failed {
		count[f.err.Error()]++
	}
	for _, f := range failed {
		text := f.err.Error()
		switch {
		case errors.Is(f.err, errNoAnswer):
			warnings = append(warnings, series.Warning{
				What: noAnswer(f.lun),
				Hint: "the LUN may hang: see `lunstat lookup " + mapper.ShellWord(f.lun.Name()) + "` and the kernel's log",
			})
			continue
		case count[text] == 0: // said
		case errors.Is(f.err, unix.EACCES) || errors.Is(f.err, unix.EPERM):
			warnings = append(warnings, series.Warning{
				What: "latency histograms are not read (needs root)",
				Hint: "run the collector as root, or install the unit's drop-in " + histogramsDropIn + ", or set histograms: false",
			})
		default:
			of := latencyTrouble(f.lun)
			if count[text] > 1 {
				of = "latency histograms"
			}
			warnings = append(warnings, series.Warning{What: of + ": " + text, Hint: "try `lunstat setup histograms`, or set histograms: false"})
		}
		delete(count, text)
	}
	return bounded(warnings, mostAlike, "LUNs without a latency histogram")
}
