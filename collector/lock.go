package collector

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// BusyError says that another collector holds the lock.
type BusyError struct {
	Path  string
	PID   string    // "" is unknown
	Since time.Time // zero is unknown
	// Hangs says that it is held for longer than a run may take.
	Hangs bool
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

// longestRun is how long a run may hold the lock: one that sub-samples takes a minute.
const longestRun = 2 * time.Minute

// lock takes the lock file next to the journal, or returns a [BusyError] at once. Nobody
// else can open the file: a user who can read it can also lock it, and would stop the
// collector. So a text file next to it says who holds it, and since when (see remember).
// The file is never removed: removing it would let two collectors each lock a file of
// their own.
//
// The returned function lets go. It must be called explicitly: a thread that is
// stuck in the kernel would keep the lock alive after main returned.
func lock(path string, now time.Time) (unlock func() error, err error) {
	f, err := openOwn(path, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, holder(path)
		}
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	_ = f.Chmod(0o600) // older versions let everybody read it; of another's file it is that user's to say
	// What can't be written is only not shown: the lock itself holds.
	_ = remember(path, func(n *lockNote) { n.holder = fmt.Sprintf("%d %s", os.Getpid(), now.UTC().Format(time.RFC3339)) })
	return func() error {
		defer f.Close()
		return unix.Flock(int(f.Fd()), unix.LOCK_UN)
	}, nil
}

// Holder says who holds the lock, or nil if nobody does. It reads the kernel's list of
// locks, because trying the lock would hold it for a moment.
func Holder(path string) (*BusyError, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); errors.Is(err, unix.ENOENT) {
		return nil, nil
	} else if err != nil {
		return nil, &os.PathError{Op: "asking for the lock", Path: path, Err: err}
	}
	list, err := os.Open("/proc/locks")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // a kernel without it; a run that fails says who is in its way
	}
	if err != nil {
		return nil, fmt.Errorf("asking for the lock %s: %w", path, err)
	}
	defer list.Close()
	for lines := bufio.NewScanner(list); lines.Scan(); {
		if pid, ok := flocked(lines.Text(), &st); ok {
			busy := holder(path)
			if pid != "0" && pid != "-1" { // of another namespace
				busy.PID = pid
			}
			return busy, nil
		}
	}
	return nil, nil
}

// flocked reads a line of /proc/locks, "5: FLOCK ADVISORY WRITE 4711 fe:00:9978774 0 EOF",
// and says whose lock of this file it is. Where a filesystem has no device of its own
// (btrfs), the kernel's number is another than stat's.
func flocked(line string, st *unix.Stat_t) (pid string, ok bool) {
	f := strings.Fields(line)
	if len(f) < 6 || f[1] != "FLOCK" {
		return "", false
	}
	var major, minor uint32
	var inode uint64
	if n, err := fmt.Sscanf(f[5], "%x:%x:%d", &major, &minor, &inode); n != 3 || err != nil {
		return "", false
	}
	sameDev := unix.Major(st.Dev) == 0 || major == unix.Major(st.Dev) && minor == unix.Minor(st.Dev)
	return f[4], inode == st.Ino && sameDev
}

// holder is what the text says about the process that holds the lock.
func holder(path string) *BusyError {
	busy := &BusyError{Path: path}
	pid, since, _ := strings.Cut(recall(path).holder, " ")
	busy.PID = pid
	if t, err := time.Parse(time.RFC3339, since); err == nil {
		busy.Since = t
	}
	return busy
}
