package collector

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
)

// A mount that timed out once is no longer asked by the collector itself: a thread that
// is stuck in the kernel keeps its process, and cron's pipe, alive. A child process in a
// session of its own asks it, one at a time, until it answers. The child holds the lock
// of a marker file while it asks, and writes into it that it got an answer.

// answered is what the child leaves in its marker.
const answered = "answered\n"

// sortOutHung takes the mounts that hang off the questions. One that answered its
// child is asked as the others again.
func (o *Options) sortOutHung(qs []question, left []series.Hung) (rest []question, hung []series.Hung) {
	was := make(map[string]series.Hung, len(left))
	for _, h := range left {
		was[h.Mount] = h
	}
	for _, q := range qs {
		h, hangs := was[q.mount]
		if hangs && !o.answers(q.mount) {
			hung = append(hung, h)
			continue
		}
		rest = append(rest, q)
	}
	return rest, hung
}

// answers reports whether a mount answered its child, and starts a child where
// there is none.
func (o *Options) answers(mount string) bool {
	marker := o.marker(mount)
	f, err := lockMarker(marker)
	if err != nil {
		return false // it is being asked
	}
	defer f.Close()
	text := make([]byte, len(answered)+1)
	if n, _ := f.ReadAt(text, 0); string(text[:n]) == answered {
		_ = os.Remove(marker) // it no longer hangs; a marker that can't be removed is only untidy
		return true
	}
	if o.AskApart == nil {
		return true // nobody else can ask
	}
	// The child takes the lock after this process lets go of it; should two
	// children meet, one of them leaves.
	return o.AskApart(mount, marker) != nil
}

// lockMarker opens a marker and takes its lock; closing lets go of it.
func lockMarker(marker string) (*os.File, error) {
	f, err := openOwn(marker, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", marker, err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("locking %s: %w", marker, err)
	}
	return f, nil
}

// marker is the file next to the lock by which a mount's child is known.
func (o *Options) marker(mount string) string {
	sum := sha256.Sum256([]byte(mount))
	return fmt.Sprintf("%s.hung-%x", o.LockFile, sum[:6])
}

// AskMount is what the child process does: it holds the marker's lock, asks the mount,
// and records that there was an answer, whatever it was.
func AskMount(mount, marker string) error {
	f, err := lockMarker(marker)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil // another child is at it
	}
	if err != nil {
		return err
	}
	defer f.Close()
	var s unix.Statfs_t
	_ = unix.Statfs(mount, &s) // an error is an answer, too
	if _, err := f.WriteAt([]byte(answered), 0); err != nil {
		return fmt.Errorf("writing %s: %w", marker, err)
	}
	return nil
}
