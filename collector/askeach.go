package collector

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	// answerWait is how long one question may take. A healthy device or filesystem takes
	// microseconds.
	answerWait = 2 * time.Second
	// answerPatience is how long the other questions wait for a slow one before they are
	// asked in parallel.
	answerPatience = 50 * time.Millisecond
)

// askEach asks n questions of the kernel and waits answerWait for the last answer. Such a
// question can't be interrupted: a goroutine asks in turn, and where it hangs, another
// goes on with the rest. What did not answer is left behind. answered says which did; if
// ctx ended, some were not asked.
//
// Nobody is woken before the last answer: to wake a thread for each costs more than a
// quick question.
func askEach[T any](ctx context.Context, n int, ask func(i int) T) (answers []T, answered []bool) {
	said := make([]atomic.Pointer[T], n) // nobody looks for the late ones
	var next, got, last atomic.Int64     // last: when the last answer came, after began
	began, all := time.Now(), make(chan struct{})
	asker := func() {
		for {
			i := int(next.Add(1)) - 1
			if i >= n || ctx.Err() != nil {
				return
			}
			answer := ask(i)
			said[i].Store(&answer)
			last.Store(int64(time.Since(began)))
			if got.Add(1) == int64(n) {
				close(all)
			}
		}
	}
	if n > 0 {
		go asker()
		waitForAnswers(ctx, all, func() (enough bool) {
			switch idle := time.Since(began) - time.Duration(last.Load()); {
			case idle < answerPatience*9/10: // a tick is not exact
			case int(next.Load()) < n:
				last.Store(int64(time.Since(began)))
				go asker()
			default:
				return idle >= answerWait
			}
			return false
		})
	}
	answers, answered = make([]T, n), make([]bool, n)
	for i := range said {
		if a := said[i].Load(); a != nil {
			answers[i], answered[i] = *a, true
		}
	}
	return answers, answered
}

// waitForAnswers waits until all answers came, until ctx ends, or until look has seen
// enough. It lets look look every answerPatience.
func waitForAnswers(ctx context.Context, all <-chan struct{}, look func() (enough bool)) {
	patience := time.NewTicker(answerPatience)
	defer patience.Stop()
	for {
		select {
		case <-all:
			return
		case <-ctx.Done():
			return
		case <-patience.C:
			if look() {
				return
			}
		}
	}
}
