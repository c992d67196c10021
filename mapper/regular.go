package mapper

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// MostConfig is the largest size of a file that somebody wrote by hand, in bytes: a
// config, a certificate.
const MostConfig = 1 << 20

// ErrNotRegular is the error for a name that is not a regular file.
var ErrNotRegular = errors.New("not a regular file")

// OpenRegular opens a regular file for reading. A pipe, a device, a socket or a
// folder is refused at once: opening one may wait for ever, or do something (a tape
// rewinds), and reading one may never end.
func OpenRegular(name string) (*os.File, error) {
	if info, err := os.Stat(name); err == nil { // else open says the same
		if err := regular(name, info); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil { // of the open file: by now, the name may be another file's
		err = regular(name, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// regular refuses anything but a regular file, in the words of [FileKind].
func regular(name string, info fs.FileInfo) error {
	if info.Mode().IsRegular() {
		return nil
	}
	return fmt.Errorf("%s is %w but %s", name, ErrNotRegular, FileKind(info.Mode()))
}

// ReadRegular reads a whole regular file, opened by [OpenRegular]. It refuses a file of
// more than most bytes.
func ReadRegular(name string, most int64) ([]byte, error) {
	f, err := OpenRegular(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var size int64
	if info, err := f.Stat(); err == nil {
		size = info.Size() // 0 of what the kernel makes as it is read
	}
	return readAtMost(f, name, size, most)
}

// ReadAtMost reads something whose size is not known before, for example standard
// input. If there are more than most bytes, it gives an error with the given name.
func ReadAtMost(r io.Reader, name string, most int64) ([]byte, error) {
	return readAtMost(r, name, 0, most)
}

func readAtMost(r io.Reader, name string, size, most int64) ([]byte, error) {
	if size <= most {
		b := bytes.NewBuffer(make([]byte, 0, min(size, math.MaxInt32)+bytes.MinRead))
		if _, err := b.ReadFrom(io.LimitReader(r, most+1)); err != nil {
			return nil, err
		}
		if int64(b.Len()) <= most {
			return b.Bytes(), nil
		}
	}
	return nil, fmt.Errorf("%s: more than %d MiB", name, most>>20)
}

// FileKind says what something is that is not a regular file: "a folder", "a pipe".
func FileKind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeCharDevice != 0:
		return "a device"
	case mode&fs.ModeDevice != 0:
		return "a block device"
	}
	return "nothing that can be read"
}
