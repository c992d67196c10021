package collector

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
)

// A lockNote is what one run leaves for the others next to the journal, for everybody to
// read: who holds the lock, since when, and what makes the runs fail.
//
// It is next to the lock: journal.db-collector next to journal.db.lock. There, a file
// that exists takes a line even on a full disk. If it can't be written, because the disk
// became read-only, the note is in /run or in the temporary folder.
type lockNote struct {
	holder  string            // "4711 2026-11-25T03:00:00Z"; "" is nobody
	failing *series.Condition // nil: the last run did not fail
	stood   bool              // a minute was committed to the journal here
}

// stoodHere is the third line of a note next to a journal.
const stoodHere = "a journal of lunstat"

// JournalStood reports whether a minute was ever committed to the journal of this lock.
// If so, the file may be set aside if it turns out to be corrupt.
func JournalStood(lockFile string) bool { return recall(lockFile).stood }

// longestNote bounds what is read of a note.
const longestNote = 64 << 10

// notePlaces are the files in which a note may be, the first that can be written to
// counts. owners are those whose notes elsewhere are believed.
func notePlaces(lockFile string, owners ...uint32) []string {
	places := []string{strings.TrimSuffix(lockFile, filepath.Ext(lockFile)) + "-collector"}
	if path, err := filepath.Abs(lockFile); err == nil {
		lockFile = path
	}
	sum := sha256.Sum256([]byte(lockFile))
	name := fmt.Sprintf("%x.txt", sum[:8])
	for _, uid := range owners {
		if uid == 0 {
			places = append(places, filepath.Join("/run/lunstat", name))
		}
		places = append(places, filepath.Join(os.TempDir(), fmt.Sprintf("lunstat-%d", uid), name))
	}
	return places
}

// recall gives what the last runs left. Of two notes, the one in which something was
// said later is newer.
func recall(lockFile string) lockNote {
	owners := []uint32{uint32(os.Geteuid())}
	for _, path := range []string{lockFile, filepath.Dir(lockFile)} {
		var st unix.Stat_t
		if unix.Stat(path, &st) == nil && st.Uid != owners[0] {
			owners = append(owners, st.Uid)
		}
	}
	var all lockNote
	for n, path := range notePlaces(lockFile, owners...) {
		if n > 0 && !trusted(filepath.Dir(path), owners) {
			continue
		}
		is := readNote(path)
		all.stood = all.stood || n == 0 && is.stood
		if all.holder == "" {
			all.holder = is.holder
		}
		if is.failing != nil && (all.failing == nil || is.failing.Said.After(all.failing.Said)) {
			all.failing = is.failing
		}
	}
	return all
}

// trusted: a folder in which nobody but one of these can make files.
func trusted(folder string, owners []uint32) bool {
	var st unix.Stat_t
	if unix.Lstat(folder, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFDIR || st.Mode&0o022 != 0 {
		return false
	}
	for _, uid := range owners {
		if st.Uid == uid {
			return true
		}
	}
	return false
}

// readNote reads a note; what is none, or can't be read, is empty.
func readNote(path string) (n lockNote) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return n
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return n
	}
	text, err := io.ReadAll(io.LimitReader(f, longestNote))
	if err != nil {
		return n
	}
	var line, rest string
	n.holder, rest, _ = strings.Cut(string(text), "\n")
	line, rest, _ = strings.Cut(rest, "\n")
	n.stood = strings.TrimSuffix(rest, "\n") == stoodHere
	var c series.Condition
	if json.Unmarshal([]byte(line), &c) == nil && c.What != "" {
		n.failing = &c
	}
	return n
}

// text is the note as its file has it.
func (n *lockNote) text() string {
	text := n.holder + "\n"
	if n.failing != nil {
		if line, err := json.Marshal(n.failing); err == nil {
			text += string(line)
		}
	}
	text += "\n"
	if n.stood {
		text += stoodHere + "\n"
	}
	return text
}

// remember changes the note, wherever it can be written.
func remember(lockFile string, change func(*lockNote)) error {
	me := uint32(os.Geteuid())
	n := recall(lockFile)
	change(&n)
	var failed error
	for i, path := range notePlaces(lockFile, me) {
		if i > 0 {
			_ = os.Mkdir(filepath.Dir(path), 0o755) // it is looked at next
			if !trusted(filepath.Dir(path), []uint32{me}) {
				continue
			}
		}
		err := writeNote(path, n.text())
		if err == nil {
			return nil
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// writeNote writes in place, into the space that the file has.
func writeNote(path, text string) error {
	f, err := openOwn(path, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	if len(text) > longestNote {
		return fmt.Errorf("%s: a note of %d bytes", path, len(text))
	}
	if _, err := f.WriteAt([]byte(text), 0); err != nil {
		return err
	}
	return f.Truncate(int64(len(text)))
}

// forget ends what makes the runs fail, in every place.
func forget(lockFile string) error {
	n := recall(lockFile)
	n.failing = nil
	for i, path := range notePlaces(lockFile, uint32(os.Geteuid())) {
		if i > 0 {
			_ = os.Remove(path) // it may never have been there
			continue
		}
		if readNote(path).failing == nil {
			continue
		}
		if err := writeNote(path, n.text()); err != nil {
			return err
		}
	}
	return nil
}
