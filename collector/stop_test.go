package collector

import (
	"context"
	"testing"

	"lunstat/collector/series"
	"lunstat/mapper/hosttest"
)

// stopped is a journal during whose reading a signal comes.
type stopped struct {
	memory
	stop      context.CancelFunc
	committed error // of the commit's context
}

func (s *stopped) State(ctx context.Context, host string) (series.State, error) {
	defer s.stop()
	return s.memory.State(ctx, host)
}

func (s *stopped) Commit(ctx context.Context, m *series.Minute) error {
	s.committed = ctx.Err()
	return s.memory.Commit(ctx, m)
}

// TestSignalCancelsNoCommit: what was read is committed, even if a signal asks to stop.
func TestSignalCancelsNoCommit(t *testing.T) {
	c := newCrond(t, hosttest.Mail()...)
	ctx, stop := context.WithCancel(t.Context())
	j := &stopped{stop: stop}
	_, err := Run(ctx, Options{Paths: c.host.Paths, Host: "mailstore", LockFile: c.lockFile, Rules: c.rules, ReadingTime: boot},
		func() (Journal, error) { return j, nil })
	if err != nil || len(j.minutes) != 1 || j.committed != nil {
		t.Errorf("%v, %d minutes, the commit was %v", err, len(j.minutes), j.committed)
	}
}

// TestSentIsNotedWhenTimeIsOver: what the store has taken is noted, even if the time for
// forwarding was over before, or the user lost patience.
func TestSentIsNotedWhenTimeIsOver(t *testing.T) {
	for name, refused := range map[string][]series.Refused{"all taken": nil, "one refused": {{Seq: 1, Point: "p", Reason: "r"}}} {
		o := &outbox{runs: 3}
		ctx, stop := context.WithCancel(t.Context())
		sink := sinkFunc(func(context.Context, []series.Outbound) ([]series.Refused, error) {
			stop()
			return refused, nil
		})
		done, err := sink.forwarder().Forward(ctx, o)
		if err != nil || done.Runs != 3 || o.sent != 3 || len(o.refused) != len(refused) {
			t.Errorf("%s: %+v, %v; noted up to %d, with %d refused", name, done, err, o.sent, len(o.refused))
		}
	}
}
