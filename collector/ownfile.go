package collector

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"lunstat/mapper"

	"golang.org/x/sys/unix"
)

// FileError says that a file next to the journal is not one that this program made. The
// program doesn't write to it, because the owner of the folder may have put it there.
type FileError struct {
	Path string
	What string // "is a symbolic link"
}

func (e *FileError) Error() string { return e.Path + " " + e.What }

// Hint is what to do about it.
func (e *FileError) Hint() string {
	return "see what it is, and remove it while no collector runs: the next run makes a new one"
}

// openOwn opens a file of this program's own, and makes it where there is none. No
// link is followed, nothing but a regular file is opened or waited for, and its
// owner is this user, root, or who owns the folder and so could replace it anyway.
// What may only be read is opened for that.
func openOwn(path string, perm uint32) (*os.File, error) {
	const flags = unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC
	if st, err := os.Lstat(path); err == nil && !st.Mode().IsRegular() {
		return nil, &FileError{path, "is not a regular file, but " + kind(st.Mode())} // to open a device may do something
	}
	fd, err := unix.Open(path, flags|unix.O_RDWR|unix.O_CREAT|unix.O_EXCL, perm)
	made := err == nil
	if errors.Is(err, unix.EEXIST) {
		fd, err = unix.Open(path, flags|unix.O_RDWR, 0)
	}
	if errors.Is(err, unix.EACCES) || errors.Is(err, unix.EROFS) {
		if only, e := unix.Open(path, flags|unix.O_RDONLY, 0); e == nil {
			fd, err = only, nil
		}
	}
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	f := os.NewFile(uintptr(fd), path)
	if err := checkOwn(f, made); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// checkOwn looks at what was opened. A file that root makes in another's folder is
// given to that user, whose own runs it would stop.
func checkOwn(f *os.File, made bool) error {
	var st, folder unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return fmt.Errorf("looking at %s: %w", f.Name(), err)
	}
	if err := unix.Stat(filepath.Dir(f.Name()), &folder); err != nil {
		return fmt.Errorf("looking at %s: %w", filepath.Dir(f.Name()), err)
	}
	me := uint32(os.Geteuid())
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return &FileError{f.Name(), "is not a regular file"}
	case st.Nlink > 1:
		return &FileError{f.Name(), "has other names too (hard links)"}
	case st.Uid != me && st.Uid != 0 && st.Uid != folder.Uid:
		return &FileError{f.Name(), fmt.Sprintf("belongs to user %d, neither to user %d nor to the folder's owner", st.Uid, me)}
	}
	if made && me == 0 && folder.Uid != 0 {
		_ = f.Chown(int(folder.Uid), int(folder.Gid)) // then it stays root's
	}
	return nil
}

// kind says what a file is that is not a regular one.
func kind(m fs.FileMode) string {
	if m&fs.ModeSymlink != 0 {
		return "a symbolic link"
	}
	return mapper.FileKind(m)
}
