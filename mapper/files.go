package mapper

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// files reads many small files of sysfs with one buffer and relative to folders
// once opened: a third of what os.ReadFile on whole paths costs.
type files struct {
	buf    []byte
	missed error // the first that was momentary, see note; the caller takes it away
}

const cwd = unix.AT_FDCWD

func newFiles() *files { return &files{buf: make([]byte, 4096)} }

// note remembers that something could not be read for reasons of the moment: no
// descriptor or memory was left, or the device did not answer. That a file is
// missing, or may not be read, says something about the host.
func (f *files) note(err error) {
	for _, e := range [...]unix.Errno{unix.EMFILE, unix.ENFILE, unix.ENOMEM, unix.EIO, unix.EAGAIN, unix.EINTR, unix.EBUSY, unix.ETIMEDOUT, unix.ESTALE} {
		if f.missed == nil && errors.Is(err, e) {
			f.missed = e
		}
	}
}

// read gives a file's first page without its last newline. It is not ok where
// the file is missing or may not be read.
func (f *files) read(dir int, name string) (text string, ok bool) {
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		f.note(err)
		return "", false
	}
	defer unix.Close(fd)
	n, err := unix.Read(fd, f.buf)
	for err == unix.EINTR {
		n, err = unix.Read(fd, f.buf)
	}
	if err != nil {
		f.note(err)
		return "", false
	}
	if n > 0 && f.buf[n-1] == '\n' {
		n--
	}
	return string(f.buf[:n]), true
}

// number gives a file's number, 0 where there is none.
func (f *files) number(dir int, name string) uint64 {
	text, _ := f.read(dir, name)
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// dir opens a folder to read below it. Captures travel through tools that turn a
// link into a file with the link's target: such a file is followed.
func (f *files) dir(at int, name string) (fd int, err error) {
	fd, err = openDir(at, name)
	if errors.Is(err, unix.ENOTDIR) {
		if target, ok := f.read(at, name); ok && strings.HasPrefix(target, "../") {
			// A flat link is in the folder at, so its target counts from there.
			fd, err = openDir(at, target)
		}
	}
	if err != nil {
		f.note(err)
		return -1, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return fd, nil
}

func openDir(at int, name string) (int, error) {
	return unix.Openat(at, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
}

// device reads a file of the device behind a block device.
func (f *files) device(dir int, name string) string {
	device, err := f.dir(dir, "device")
	if err != nil {
		return ""
	}
	defer f.close(device)
	text, _ := f.read(device, name)
	return text
}

// below opens a folder in a folder.
func (f *files) below(at int, name, sub string) (fd int, err error) {
	dir, err := f.dir(at, name)
	if err != nil {
		return -1, err
	}
	defer f.close(dir)
	return f.dir(dir, sub)
}

func (f *files) close(fd int) { unix.Close(fd) }

// names lists a folder.
func (f *files) names(at int, name string) ([]string, error) {
	fd, err := f.dir(at, name)
	if err != nil {
		return nil, err
	}
	defer f.close(fd)
	var names []string
	for {
		n, err := unix.ReadDirent(fd, f.buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			f.note(err)
			return names, &os.PathError{Op: "list", Path: name, Err: err}
		}
		if n <= 0 {
			return names, nil
		}
		_, _, names = unix.ParseDirent(f.buf[:n], -1, names)
	}
}

// link gives a symbolic link's target, or that of a flattened one. A device node
// is not opened: that may wait for the device.
func (f *files) link(dir int, name string) string {
	n, err := unix.Readlinkat(dir, name, f.buf)
	if err == nil {
		return string(f.buf[:n])
	}
	f.note(err)
	var st unix.Stat_t
	if unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return ""
	}
	target, _ := f.read(dir, name)
	return target
}

// all gives a whole file, "" where there is none.
func (f *files) all(path string) string {
	text, err := ReadBounded(path)
	if err != nil {
		f.note(err)
		return ""
	}
	return string(text)
}
