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
func askEach[T any](ctx context.Context, n int, ask func(i int) T) (answers []T, answered []bool) {
	type answer struct {
		i    int
		said T
	}
	replies := make(chan answer, n) // nobody need listen to the late ones
	var next atomic.Int64
	asker := func() {
		for {
			i := int(next.Add(1)) - 1
			if i >= n || ctx.Err() != nil {
				return
			}
			replies <- answer{i, ask(i)}
		}
	}
	answers, answered = make([]T, n), make([]bool, n)
	patience := time.NewTicker(answerPatience)
	defer patience.Stop()
	go asker()
	last := time.Now()
	for got := 0; got < n; {
		select {
		case a := <-replies:
			answers[a.i], answered[a.i] = a.said, true
			got++
			last = time.Now()
			patience.Reset(answerPatience)
		case <-ctx.Done():
			return answers, answered
		case now := <-patience.C:
			if int(next.Load()) < n {
				go asker()
				last = now
			} else if now.Sub(last) >= answerWait {
				return answers, answered
			}
		}
	}
	return answers, answered
}
