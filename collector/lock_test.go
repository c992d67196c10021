package collector

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db.lock")
	since := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	if h, err := Holder(path); h != nil || err != nil {
		t.Fatalf("nobody holds it: %v, %v", h, err)
	}
	unlock, err := lock(path, since)
	if err != nil {
		t.Fatal(err)
	}
	_, err = lock(path, since.Add(time.Minute))
	busy, ok := errors.AsType[*BusyError](err)
	if !ok {
		t.Fatalf("a second lock: %v", err)
	}
	if busy.PID != strconv.Itoa(os.Getpid()) || !busy.Since.Equal(since) {
		t.Errorf("holder %+v, want this process since %v", busy, since)
	}
	if h, err := Holder(path); err != nil || h == nil || h.PID != busy.PID {
		t.Errorf("holder %v, %v", h, err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file is to stay: %v", err)
	}
	if unlock, err = lock(path, since); err != nil {
		t.Fatalf("after unlocking: %v", err)
	}
	unlock()
}
