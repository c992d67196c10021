package collector

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// BusyError says that another collector holds the lock.
type BusyError struct {
	Path  string
	PID   string    // "" is unknown
	Since time.Time // zero is unknown
}

func (e *BusyError) Error() string {
	who := "another collector"
	if e.PID != "" {
		who = "collector " + e.PID
	}
	since := ""
	if !e.Since.IsZero() {
		since = " since " + e.Since.Local().Format("2006-01-02 15:04:05")
	}
	return fmt.Sprintf("%s holds %s%s", who, e.Path, since)
}

// lock takes the lock file beside the journal, or returns a [BusyError] at once.
// Whoever holds it writes down who it is and since when. The file is never
// removed: removing it would let two collectors each lock a file of their own.
//
// The returned function lets go. It must be called explicitly: a thread that is
// stuck in the kernel would keep the lock alive after main returned.
func lock(path string, now time.Time) (unlock func() error, err error) {
	l := flock.New(path, flock.SetPermissions(0o644))
	ok, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	if !ok {
		return nil, holder(path)
	}
	// What can't be written is only not shown: the lock itself holds.
	_, failing := readLock(path)
	_ = rewriteLock(path, fmt.Sprintf("%d %s", os.Getpid(), now.UTC().Format(time.RFC3339)), failing)
	return l.Unlock, nil
}

// Holder says who holds the lock, nil if nobody does.
func Holder(path string) (*BusyError, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	l := flock.New(path, flock.SetFlag(os.O_RDONLY))
	ok, err := l.TryRLock()
	if err != nil {
		return nil, fmt.Errorf("asking for the lock %s: %w", path, err)
	}
	if ok {
		return nil, l.Unlock()
	}
	return holder(path), nil
}

func holder(path string) *BusyError {
	busy := &BusyError{Path: path}
	line, err := readLine(path)
	if err != nil {
		return busy
	}
	pid, since, _ := strings.Cut(line, " ")
	busy.PID = pid
	if t, err := time.Parse(time.RFC3339, since); err == nil {
		busy.Since = t
	}
	return busy
}
