package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// renews reports whether an error is one after which a new file may be begun: SQLite
// found this one corrupt, nobody else can be writing to it, and it is, or was, ours.
func (j *Journal) renews(err error) bool {
	return err != nil && corrupt(err) && !j.o.ReadOnly && !j.o.Unlocked && j.ours()
}

// renew sets the damaged file aside, with its log, which belongs to it alone, and begins
// a new one. Nothing of the old one is remembered.
func (j *Journal) renew(cause error) error {
	aside := j.path + ".corrupt-" + j.o.Now().UTC().Format("20060102T150405Z")
	for n := 2; exists(aside); n++ {
		aside = fmt.Sprintf("%s.corrupt-%s-%d", j.path, j.o.Now().UTC().Format("20060102T150405Z"), n)
	}
	if exists(j.path + keptLog) {
		if err := os.Rename(j.path+keptLog, j.path+"-wal"); err != nil {
			return fmt.Errorf("setting its log aside after %w: %w", cause, err)
		}
	}
	for _, end := range []string{"-wal", "-shm", "-journal", ""} {
		if err := os.Rename(j.path+end, aside+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("setting it aside after %w: %w", cause, err)
		}
	}
	if j.db != nil {
		j.db.Close() // only now: SQLite would remove the log that it folds in
	}
	j.warn(fmt.Sprintf("the journal %s was corrupt (%v); it is now %s, and a new one was started", j.path, cause, aside),
		"to save what can still be read: sqlite3 "+aside+" .recover")
	j.memory = memory{}
	return j.openWriter()
}

// keptLog is a second name of the log, under which it outlives what SQLite does to it
// where it can't read the file.
const keptLog = "-wal.kept"

// keepLog links the log to that name if the file no longer looks like one of SQLite's.
// forget removes the link.
func (j *Journal) keepLog() (forget func()) {
	if bytes.HasPrefix(readHead(j.path, int64(len(sqliteHead))), []byte(sqliteHead)) || os.Link(j.path+"-wal", j.path+keptLog) != nil {
		return func() {}
	}
	return func() { os.Remove(j.path + keptLog) }
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// onRemote names the network filesystem that a file is on, "" for a local one.
// Shared memory, which a write-ahead log needs, does not work there.
func onRemote(path string) string {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return ""
	}
	switch uint32(st.Type) {
	case unix.NFS_SUPER_MAGIC:
		return "NFS"
	case unix.SMB_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC:
		return "CIFS"
	case unix.FUSE_SUPER_MAGIC:
		return "FUSE"
	case unix.V9FS_MAGIC:
		return "9P"
	}
	return ""
}
