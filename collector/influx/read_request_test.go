package influx

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestStalledAnswer: a server that stops in the middle of an answer, and keeps the
// connection, is abandoned.
func TestStalledAnswer(t *testing.T) {
	over := make(chan struct{})
	hung := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		_, _ = w.Write([]byte(`{"results":[{"statement_id":0,"partial":true`))
		w.(http.Flusher).Flush()
		<-over
	}))
	defer hung.Close()
	defer close(over)
	s, err := newServer(&Options{URL: hung.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer s.client.CloseIdleConnections()
	s.patience = 20 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.ask(ctx, "lunstat", "SHOW DATABASES", nil, ignoreRows()); !errors.Is(err, errStalled) || ctx.Err() != nil {
		t.Errorf("%v, want %v", err, errStalled)
	}
}

// TestRetryAfterByTheirClock: a date is meant by the clock that gave it.
func TestRetryAfterByTheirClock(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for ahead, want := range map[time.Duration]time.Duration{0: 90 * time.Second, 10 * time.Minute: 90 * time.Second, -10 * time.Minute: 90 * time.Second} {
		theirs := now.Add(ahead)
		h := http.Header{"Date": {theirs.Format(http.TimeFormat)}, "Retry-After": {theirs.Add(90 * time.Second).Format(http.TimeFormat)}}
		if got := retryAfter(h, now); got != want {
			t.Errorf("a clock %s ahead: %s, want %s", ahead, got, want)
		}
	}
}

// TestForeignHint: only InfluxDB's own 404 is about a bucket.
func TestForeignHint(t *testing.T) {
	own := (&answer{status: http.StatusNotFound, own: true}).laterError(time.Now()).Hint()
	foreign := (&answer{status: http.StatusNotFound}).laterError(time.Now()).Hint()
	if own == foreign || own == "" || foreign == "" {
		t.Errorf("hints %q and %q", own, foreign)
	}
}
