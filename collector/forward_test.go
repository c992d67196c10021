package collector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper/hosttest"
)

// outbox is a journal's in memory, with so many runs of one interval.
type outbox struct {
	is         series.Forwarding
	runs, sent int
	noted      []uint64 // cursors, as they moved
	refused    []series.Refused
	limits     []int
	broken     error
}

func (o *outbox) Backlog(ctx context.Context, _ string, limit int) (out []series.Outbound, err error) {
	o.limits = append(o.limits, limit)
	for n := o.sent; n < o.runs && len(out) < limit; n++ {
		out = append(out, series.Outbound{Seq: uint64(n + 1)})
	}
	return out, errors.Join(o.broken, ctx.Err())
}

func (o *outbox) Sent(ctx context.Context, _ string, seq uint64, refused []series.Refused) error {
	o.sent = int(seq)
	o.noted, o.refused = append(o.noted, seq), append(o.refused, refused...)
	o.is.Trouble, o.is.Critical, o.is.RetryAt = series.Warning{}, false, time.Time{}
	return ctx.Err()
}

func (o *outbox) NotSent(ctx context.Context, _ string, why series.Forwarding) error {
	o.is.Trouble, o.is.Critical, o.is.RetryAt = why.Trouble, why.Critical, why.RetryAt
	return ctx.Err()
}

func (o *outbox) Forwarding(context.Context, string) (series.Forwarding, error) {
	f := o.is
	f.Pending, f.Refused = o.runs-o.sent, len(o.refused)
	return f, nil
}

// sinkFunc is a sink of one function.
type sinkFunc func(ctx context.Context, out []series.Outbound) ([]series.Refused, error)

func (f sinkFunc) Write(ctx context.Context, out []series.Outbound) ([]series.Refused, error) {
	return f(ctx, out)
}

func (f sinkFunc) forwarder() *Forwarder {
	return &Forwarder{Name: "sink", Open: func() (Sink, error) { return f, nil }}
}

// laterErr is an error that knows more.
type laterErr struct {
	wait     time.Duration
	critical bool
}

func (laterErr) Error() string                      { return "answered 418" }
func (laterErr) Hint() string                       { return "make coffee" }
func (e laterErr) Postponed() (time.Duration, bool) { return e.wait, e.critical }

func TestForward(t *testing.T) {
	o := &outbox{runs: 20_000}
	var got []uint64
	sink := sinkFunc(func(_ context.Context, out []series.Outbound) (refused []series.Refused, err error) {
		for _, r := range out {
			got = append(got, r.Seq)
			if r.Seq%5000 == 0 {
				refused = append(refused, series.Refused{Seq: r.Seq})
			}
		}
		return refused, nil
	})
	done, err := sink.forwarder().Forward(t.Context(), o)
	if err != nil || done.Runs != 20_000 || done.Refused != 4 || done.Waiting != 0 || done.NotSent != (series.Forwarding{}) {
		t.Errorf("%+v, %v", done, err)
	}
	if len(got) != 20_000 || !slices.IsSorted(got) || len(o.refused) != 4 {
		t.Errorf("%d runs in order %v, %d refused", len(got), slices.IsSorted(got), len(o.refused))
	}
	if o.limits[0] != firstBatch || slices.Max(o.limits) != batchSize {
		t.Errorf("batches of %v", o.limits)
	}
	// Nothing left: nobody is asked.
	f := sink.forwarder()
	f.Open = func() (Sink, error) { t.Error("opened for nothing"); return nil, errors.New("closed") }
	if done, err := f.Forward(t.Context(), o); err != nil || done != (Forwarded{}) {
		t.Errorf("with nothing left: %+v, %v", done, err)
	}
}

func TestForwardHeld(t *testing.T) {
	for _, tt := range []struct {
		name     string
		err      error
		what     string
		critical bool
		wait     time.Duration
	}{
		{"unreachable", errors.New("connection refused"), "wait in the journal", false, 0},
		{"asked for peace", laterErr{wait: time.Hour}, "wait in the journal", false, time.Hour},
		{"token", laterErr{critical: true}, "answered 418", true, 0},
		{"wrapped", fmt.Errorf("sending: %w", laterErr{critical: true}), "answered 418", true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &outbox{runs: 1200}
				calls := 0
				err := tt.err
				f := sinkFunc(func(context.Context, []series.Outbound) ([]series.Refused, error) {
					if calls++; calls == 1 {
						return nil, nil
					}
					return nil, err
				}).forwarder()
				began := time.Now()
				done, ferr := f.Forward(t.Context(), o)
				if ferr != nil || done.Runs != firstBatch || done.Waiting != 1200-firstBatch || calls != 2 {
					t.Errorf("%+v after %d calls, %v", done, calls, ferr)
				}
				if !strings.Contains(o.is.Trouble.What, tt.what) || o.is.Trouble.Hint == "" || o.is.Critical != tt.critical {
					t.Errorf("noted: %+v", o.is)
				}
				if tt.wait > 0 && !o.is.RetryAt.Equal(began.Add(tt.wait)) || tt.wait == 0 && !o.is.RetryAt.IsZero() {
					t.Errorf("again at %s", o.is.RetryAt)
				}
				err = nil
				if done, _ := f.Forward(t.Context(), o); (done.Runs == 0) != (tt.wait > 0) {
					t.Errorf("the next run: %+v", done)
				}
				time.Sleep(tt.wait) // of the bubble's clock
				if done, _ := f.Forward(t.Context(), o); done.Waiting != 0 || o.sent != 1200 || o.is.Trouble.What != "" {
					t.Errorf("in the end: %+v, %+v", done, o)
				}
			})
		})
	}
}

// TestForwardEager: a person doesn't wait for what a server asked of cron.
func TestForwardEager(t *testing.T) {
	o := &outbox{runs: 1}
	o.is.RetryAt = time.Now().Add(time.Hour)
	f := sinkFunc(func(context.Context, []series.Outbound) ([]series.Refused, error) { return nil, nil }).forwarder()
	f.Eager = true
	if done, err := f.Forward(t.Context(), o); err != nil || done.Runs != 1 {
		t.Errorf("%+v, %v", done, err)
	}
}

// TestForwardAfterStep: a clock that was far ahead when the store asked for peace
// keeps nobody waiting once it is right.
func TestForwardAfterStep(t *testing.T) {
	o := &outbox{runs: 1}
	o.is.RetryAt = time.Now().Add(20 * 365 * 24 * time.Hour)
	f := sinkFunc(func(context.Context, []series.Outbound) ([]series.Refused, error) { return nil, nil }).forwarder()
	if done, err := f.Forward(t.Context(), o); err != nil || done.Runs != 1 {
		t.Errorf("%+v, %v", done, err)
	}
}

// TestForwardIsBounded: a store that hangs costs the time that there is, and that
// says nothing against it.
func TestForwardIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{runs: 1000}
		f := sinkFunc(func(ctx context.Context, _ []series.Outbound) ([]series.Refused, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}).forwarder()
		began := time.Now()
		done, err := f.Forward(t.Context(), o)
		if took := time.Since(began); err != nil || took != forwardFor || done.Waiting != 1000 {
			t.Errorf("%+v, %v after %s", done, err, took)
		}
		if o.is.Trouble.What != "" || len(o.noted) != 0 {
			t.Errorf("noted %+v", o)
		}
	})
}

func TestForwardUnopened(t *testing.T) {
	o := &outbox{runs: 1}
	f := &Forwarder{Open: func() (Sink, error) { return nil, fmt.Errorf("reading the token: %w", laterErr{}) }}
	if _, err := f.Forward(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if !o.is.Critical || !strings.Contains(o.is.Trouble.What, "reading the token") || o.is.Trouble.Hint != "make coffee" {
		t.Errorf("noted: %+v", o.is)
	}
}

// TestForwardBroken: what the journal can't tell is an error.
func TestForwardBroken(t *testing.T) {
	broken := errors.New("disk I/O error")
	f := sinkFunc(nil).forwarder()
	if _, err := f.Forward(t.Context(), &outbox{runs: 1, broken: broken}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// TestOffset: each host has its moment, always the same, and a thousand of them
// don't meet.
func TestOffset(t *testing.T) {
	f := &Forwarder{Spread: 15 * time.Second}
	seconds := map[time.Duration]int{}
	for n := range 1000 {
		host := fmt.Sprintf("mail%d.example.com", n)
		at := f.offset(host)
		if at != f.offset(host) || at < 0 || at >= f.Spread {
			t.Fatalf("%s at %s", host, at)
		}
		seconds[at/time.Second]++
	}
	for s, n := range seconds {
		if n > 130 || len(seconds) != 15 {
			t.Errorf("%d of 1,000 hosts in second %d, %d seconds in all", n, s, len(seconds))
		}
	}
	if at := (&Forwarder{}).offset("mail"); at != 0 {
		t.Errorf("without a spread at %s", at)
	}
}

// forwarding is a journal whose outbox holds what was committed.
type forwarding struct {
	memory
	outbox
}

func (f *forwarding) Commit(ctx context.Context, m *series.Minute) error {
	f.runs++
	return f.memory.Commit(ctx, m)
}

func (f *forwarding) Backlog(ctx context.Context, sink string, limit int) ([]series.Outbound, error) {
	return f.outbox.Backlog(ctx, sink, limit)
}

func (f *forwarding) Sent(ctx context.Context, sink string, seq uint64, refused []series.Refused) error {
	return f.outbox.Sent(ctx, sink, seq, refused)
}

func (f *forwarding) NotSent(ctx context.Context, sink string, why series.Forwarding) error {
	return f.outbox.NotSent(ctx, sink, why)
}

func (f *forwarding) Forwarding(ctx context.Context, sink string) (series.Forwarding, error) {
	return f.outbox.Forwarding(ctx, sink)
}

// TestRunForwards: after the commit, with the lock let go; if it fails, the minute
// doesn't, and the next run says so.
func TestRunForwards(t *testing.T) {
	c := newCrond(t, hosttest.Mail()...)
	j := &forwarding{}
	var fault error
	var held *BusyError
	sink := sinkFunc(func(_ context.Context, out []series.Outbound) ([]series.Refused, error) {
		if len(j.minutes) < int(out[len(out)-1].Seq) {
			t.Error("forwarded before it was committed")
		}
		var err error
		if held, err = Holder(c.lockFile); err != nil {
			t.Error(err)
		}
		return nil, fault
	})
	wall := c.host.Up()
	minute := func() Result {
		t.Helper()
		c.host.Pass(time.Minute)
		wall += time.Minute
		r, err := Run(t.Context(), Options{Paths: c.host.Paths, Host: "mailstore", LockFile: c.lockFile, ReadingTime: boot.Add(wall), Forward: sink.forwarder()},
			func() (Journal, error) { return j, nil })
		if err != nil || r.ForwardError != nil {
			t.Fatal(err, r.ForwardError)
		}
		return r
	}
	if r := minute(); r.Forwarded.Runs != 1 || held != nil || len(r.News) != 0 {
		t.Errorf("%+v, lock held by %v", r, held)
	}
	fault = laterErr{critical: true}
	if r := minute(); r.Forwarded.Waiting != 1 || len(r.News) != 0 {
		t.Errorf("%+v", r)
	}
	if r := minute(); len(r.News) != 1 || !strings.Contains(r.News[0].What, "418") {
		t.Errorf("news: %+v", r.News)
	}
	fault = nil
	if r := minute(); r.Forwarded.Runs != 3 {
		t.Errorf("%+v", r)
	}
	if r := minute(); len(r.News) != 1 || !r.News[0].Ended {
		t.Errorf("news: %+v", r.News)
	}
}

// TestRunForwardsWhileSampling: the backlog goes while the run sub-samples, and
// ends before the run commits, however long a store takes.
func TestRunForwardsWhileSampling(t *testing.T) {
	c := newCrond(t, hosttest.Mail()...)
	j := &forwarding{}
	j.runs = 1 // of the minute before
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	writing := false
	sink := sinkFunc(func(ctx context.Context, _ []series.Outbound) ([]series.Refused, error) {
		writing = true
		stop() // as SIGTERM would
		<-ctx.Done()
		writing = false
		return nil, ctx.Err()
	})
	_, err := Run(ctx, Options{Paths: c.host.Paths, Host: "mailstore", LockFile: c.lockFile, ReadingTime: boot.Add(c.host.Up()), Every: time.Hour, Forward: sink.forwarder()},
		func() (Journal, error) { return j, nil })
	if err != nil || writing || len(j.minutes) != 1 {
		t.Errorf("%v; still writing: %v; %d minutes", err, writing, len(j.minutes))
	}
	if j.is.Trouble.What != "" {
		t.Errorf("noted: %+v", j.is.Trouble)
	}
}

// One missed send isn't a finding: how many runs wait decides.
func TestOneMissedSend(t *testing.T) {
	f := &Forwarder{Name: "influx", Warn: 60}
	o := &outbox{}
	for _, tt := range []struct {
		pending  int
		critical bool
		said     int
	}{{1, false, 0}, {59, false, 0}, {60, false, 1}, {1, true, 1}} {
		o.runs, o.is = tt.pending, series.Forwarding{Critical: tt.critical, Trouble: series.Warning{What: "no answer"}}
		w, err := f.warnings(t.Context(), o)
		if err != nil || len(w) != tt.said {
			t.Errorf("%d runs wait, critical %v: %+v, %v", tt.pending, tt.critical, w, err)
		}
	}
}
