package collector

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"lunstat/collector/series"
)

// Sink is a store that takes what the journal has committed.
type Sink interface {
	// Write sends runs, oldest first, and may be given the same ones any number of
	// times. What the store will never take comes back as refused, and the rest is
	// written. An error means later: then nothing is refused, and the caller must give
	// all of it again. The error may say more: see [Postponed].
	Write(ctx context.Context, out []series.Outbound) ([]series.Refused, error)
}

// Postponed is what a Sink's error may also know.
type Postponed interface {
	error
	// Postponed says how long the store asked us to wait (0: it didn't), and whether
	// waiting doesn't help.
	Postponed() (wait time.Duration, critical bool)
	// Hint is what to do, or "".
	Hint() string
}

// Outbox is what a journal has for a sink. The journal knows the sink by a name.
type Outbox interface {
	// Backlog gives the runs that were not sent yet, oldest first: as many as hold
	// about limit intervals, none if there are none. They are the same each time.
	Backlog(ctx context.Context, sink string, limit int) ([]series.Outbound, error)
	// Sent records that the sink has the runs up to seq, except what it refused.
	Sent(ctx context.Context, sink string, seq uint64, refused []series.Refused) error
	// NotSent records why the sink took nothing: RetryAt, Trouble and Critical.
	NotSent(ctx context.Context, sink string, why series.Forwarding) error
	// Forwarding says how much waits, and why.
	Forwarding(ctx context.Context, sink string) (series.Forwarding, error)
}

// Forwarder says where to forward runs, and how long that may take.
type Forwarder struct {
	Name string               // the sink's, in the journal
	Open func() (Sink, error) // called only where there is something to send
	// For is the longest that one call takes; 0: 20 seconds.
	For time.Duration
	// Spread is the time after the full minute in which the hosts begin, each at its
	// own moment, so that a thousand hosts don't write in the same second. 0: at once.
	Spread time.Duration
	// Warn is how many runs must wait before a warning says that the store doesn't take
	// them; 0: warn at once. If waiting doesn't help, the warning comes at once too.
	Warn     float64
	Eager    bool                  // try although the store asked for peace: a person waits
	Progress func(runs, total int) // nil: nobody looks
	Now      func() time.Time      // nil: time.Now
}

// forwardFor is short enough to be over, with a spread of 15 seconds, before a
// unit that may take 40.
const forwardFor = 20 * time.Second

// Intervals in a batch: the first is small, so that even a store that takes few
// points in the time gets on from run to run.
const (
	firstBatch = 500
	batchSize  = 2500
)

// Forwarded is what one call of Forward did.
type Forwarded struct {
	Runs    int               // that were sent
	Refused int               // points that the store will never take
	Waiting int               // runs that are left
	NotSent series.Forwarding // why, where the store took nothing
}

// Forward sends what waits, oldest first, until nothing is left or the time is over. If
// something can't be sent now, that isn't an error: the journal records it, and the next
// run tries again. An error comes from the journal.
//
// It may be stopped anywhere. What was sent but not recorded is sent again, and is the
// same.
func (f *Forwarder) Forward(ctx context.Context, b Outbox) (done Forwarded, err error) {
	is, err := b.Forwarding(ctx, f.Name)
	if err != nil {
		return done, err
	}
	done.Waiting = is.Pending
	if !f.Eager && f.postponed(is.RetryAt) {
		done.NotSent = is
		return done, nil
	}
	if is.Pending == 0 {
		return done, nil
	}
	ctx, cancel := context.WithTimeout(ctx, f.limit())
	defer cancel()
	to, err := f.Open()
	if err != nil {
		done.NotSent = unopened(err)
		return done, b.NotSent(ctx, f.Name, done.NotSent)
	}
	return done, f.drain(ctx, b, to, &done)
}

// longestPeace is what a store may ask for at most.
const longestPeace = 24 * time.Hour

// postponed: what lies further ahead was noted while the clock was wrong.
func (f *Forwarder) postponed(until time.Time) bool {
	wait := until.Sub(f.now())
	return wait > 0 && wait <= longestPeace
}

// drain sends batch after batch.
func (f *Forwarder) drain(ctx context.Context, b Outbox, to Sink, done *Forwarded) error {
	for limit := firstBatch; done.Waiting > 0 && ctx.Err() == nil; limit = min(2*limit, batchSize) {
		out, err := b.Backlog(ctx, f.Name, limit)
		if overtime(ctx, err) || err == nil && len(out) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		refused, err := to.Write(ctx, out)
		if overtime(ctx, err) {
			return nil
		}
		// What the store has is noted, whatever the time.
		note := context.WithoutCancel(ctx)
		if err != nil {
			done.NotSent = f.held(err)
			return b.NotSent(note, f.Name, done.NotSent)
		}
		if err := b.Sent(note, f.Name, out[len(out)-1].Seq, refused); err != nil {
			return err
		}
		done.Runs += len(out)
		done.Waiting -= len(out)
		done.Refused += len(refused)
		if f.Progress != nil {
			f.Progress(done.Runs, done.Runs+done.Waiting)
		}
	}
	return nil
}

// overtime: the time was over, which says nothing about the store.
func overtime(ctx context.Context, err error) bool { return err != nil && ctx.Err() != nil }

// held says why a store took nothing. A problem that may go away by itself has the same
// name each time, so that it stays one condition while its reason changes.
func (f *Forwarder) held(err error) (why series.Forwarding) {
	why.Trouble = series.Warning{
		What: "samples can't be forwarded at the moment; they wait in the journal",
		Hint: err.Error(),
	}
	p, ok := errors.AsType[Postponed](err)
	if !ok {
		return why
	}
	wait, critical := p.Postponed()
	if wait > 0 {
		why.RetryAt = f.now().Add(min(wait, longestPeace))
	}
	if critical {
		why.Critical = true
		why.Trouble = series.Warning{What: err.Error() + "; the samples wait in the journal", Hint: p.Hint()}
	}
	return why
}

// unopened says why there was nobody to send to: that is in the configuration.
func unopened(err error) series.Forwarding {
	why := series.Warning{What: "samples can't be forwarded: " + err.Error(), Hint: series.HintOf(err)}
	return series.Forwarding{Trouble: why, Critical: true}
}

func (f *Forwarder) now() time.Time {
	if f.Now == nil {
		return time.Now()
	}
	return f.Now()
}

func (f *Forwarder) limit() time.Duration {
	if f.For == 0 {
		return forwardFor
	}
	return f.For
}

// wait lets the host's moment come; false: ctx ended before.
func (f *Forwarder) wait(ctx context.Context, host string, began time.Time) bool {
	timer := time.NewTimer(time.Until(began.Add(f.offset(host))))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// offset is the host's moment, the same in each minute.
func (f *Forwarder) offset(host string) time.Duration {
	if f.Spread <= 0 {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(host)) // never fails
	return time.Duration(h.Sum64() % uint64(f.Spread))
}

// warnings are what a run has to say about forwarding: why the last attempt
// failed, and that points were refused.
func (f *Forwarder) warnings(ctx context.Context, b Outbox) ([]series.Warning, error) {
	is, err := b.Forwarding(ctx, f.Name)
	if err != nil {
		return nil, fmt.Errorf("reading the state of forwarding: %w", err)
	}
	var w []series.Warning
	if is.Trouble.What != "" && (is.Critical || float64(is.Pending) >= f.Warn) {
		w = append(w, is.Trouble)
	}
	if is.Refused+is.Lost > 0 {
		w = append(w, series.Warning{What: PointsRefused, Hint: "`lunstat forward --refused` lists them with the reasons"})
	}
	return w, nil
}

// PointsRefused has no number in it, so that it is one condition.
const PointsRefused = "InfluxDB refused some of the forwarded samples"

// background forwards while a run sub-samples. end ends it, waits for it, and says
// what it did: from then on the journal is the caller's alone again.
func (o *Options) background(ctx context.Context, b Outbox, began time.Time) (end func() (Forwarded, error)) {
	if o.Forward == nil {
		return func() (Forwarded, error) { return Forwarded{}, nil }
	}
	ctx, cancel := context.WithCancel(ctx)
	finished := make(chan struct{})
	var done Forwarded
	var err error
	go func() {
		defer close(finished)
		if o.Forward.wait(ctx, o.Host, began) {
			done, err = o.Forward.Forward(ctx, b)
		}
	}()
	return func() (Forwarded, error) {
		cancel()
		<-finished
		return done, err
	}
}
