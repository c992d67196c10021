package mapper

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// LargestFile is what one of the kernel's lists may hold, bytes: diskstats of 300,000
// devices. More is none of the kernel's making.
const LargestFile = 64 << 20

// ReadBounded reads a whole file of the kernel's, or of a captured host's: no more than
// [LargestFile], and nothing that has to be waited for.
func ReadBounded(path string) ([]byte, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		unix.Close(fd)
		if err == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR {
			err = unix.EISDIR
		}
		if err != nil {
			return nil, &os.PathError{Op: "read", Path: path, Err: err}
		}
		return nil, fmt.Errorf("read %s: it is no regular file", path)
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, LargestFile+1))
	if err == nil && len(text) > LargestFile {
		err = fmt.Errorf("read %s: it is larger than %d MB", path, LargestFile>>20)
	}
	if err != nil {
		return nil, err
	}
	return text, nil
}
