package collector

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"

	"github.com/gofrs/flock"
	"golang.org/x/sys/unix"

	"lunstat/collector/series"
)

// A mount that timed out once is asked no more by the collector itself: a thread
// that is stuck in the kernel keeps its process, and cron's pipe, alive. A child
// process of a session of its own asks it, one at a time, until it answers. The
// child holds the lock of a marker file while it asks, and writes into it that it
// got an answer.

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
	l := flock.New(marker)
	free, err := l.TryLock()
	if err != nil || !free {
		return false // it is being asked
	}
	defer l.Unlock()
	if text, err := os.ReadFile(marker); err == nil && bytes.Equal(text, []byte(answered)) {
		_ = os.Remove(marker) // it hangs no more; what can't be removed is only untidy
		return true
	}
	if o.AskApart == nil {
		return true // nobody else can ask
	}
	// The child takes the lock after this process lets go of it; should two
	// children meet, one of them leaves.
	return o.AskApart(mount, marker) != nil
}

// marker is the file by which a mount's child is known, beside the lock.
func (o *Options) marker(mount string) string {
	sum := sha256.Sum256([]byte(mount))
	return fmt.Sprintf("%s.hung-%x", o.LockFile, sum[:6])
}

// AskMount is what the child does: it holds the marker's lock, asks, and writes
// down that there was an answer, whatever it was.
func AskMount(mount, marker string) error {
	l := flock.New(marker)
	free, err := l.TryLock()
	if err != nil {
		return fmt.Errorf("locking %s: %w", marker, err)
	}
	if !free {
		return nil // another child is at it
	}
	defer l.Unlock()
	var s unix.Statfs_t
	_ = unix.Statfs(mount, &s) // an error is an answer, too
	return os.WriteFile(marker, []byte(answered), 0o644)
}
