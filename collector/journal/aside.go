package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// renew sets the damaged file aside, with its log, which belongs to it alone, and
// begins a new one.
func (j *Journal) renew(cause error) error {
	if j.db != nil {
		j.db.Close()
	}
	aside := j.path + ".corrupt-" + j.o.Now().UTC().Format("20060102T150405Z")
	for n := 2; exists(aside); n++ {
		aside = fmt.Sprintf("%s.corrupt-%s-%d", j.path, j.o.Now().UTC().Format("20060102T150405Z"), n)
	}
	for _, end := range []string{"-wal", "-shm", "-journal", ""} {
		if err := os.Rename(j.path+end, aside+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("setting it aside after %w: %w", cause, err)
		}
	}
	j.warn(fmt.Sprintf("the journal %s was corrupt (%v); it is kept as %s, and a new one begun", j.path, cause, aside),
		"what can still be read of it: sqlite3 "+aside+" .recover")
	clear(j.hosts)
	return j.openWriter()
}

// foreign reports that a file never was a journal, so that a slip of the hand in
// --journal moves nobody's file: it does not begin as SQLite's do, nor with the
// zeros that a lost write leaves, and isn't called as journals are.
func foreign(path string) bool {
	head := make([]byte, len(sqliteHead))
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	n, _ := io.ReadFull(f, head)
	head = head[:n]
	return !bytes.HasPrefix([]byte(sqliteHead), head) && len(bytes.Trim(head, "\x00")) > 0 && filepath.Ext(path) != ".db"
}

const sqliteHead = "SQLite format 3\x00"

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
