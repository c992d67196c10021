package dmstats

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"lunstat/mapper"
)

// The size of the buffer for a message and its answer, at first and at most. A line of
// counters takes at most 700 bytes, a region in a list 300. The kernel copies all of the
// buffer, so the first is no larger than what a minute needs: 312 bytes and a line.
const (
	firstBuffer = 1 << 10
	mostBuffer  = 1 << 20
)

// Control is device-mapper's control device. It is opened by the first message. The zero
// value is not usable: see [Open].
type Control struct {
	path string
	once sync.Once
	file *os.File
	err  error
}

// Open gives the control device below a /dev. No error comes before the first message.
func Open(dev string) *Control { return &Control{path: filepath.Join(dev, "mapper", "control")} }

// Close closes it. No message may be on its way.
func (c *Control) Close() error {
	if c.file == nil {
		return nil
	}
	return c.file.Close()
}

// Message sends a message to a device and gives the answer. The kernel wants CAP_SYS_ADMIN:
// without it, the error is EACCES. A device that doesn't exist is ENXIO. It may be called
// from several goroutines.
func (c *Control) Message(dev mapper.DevNo, text string) (string, error) {
	c.once.Do(func() {
		// To read is enough for the ioctl, and may be allowed where to write is not.
		c.file, c.err = os.OpenFile(c.path, os.O_RDONLY, 0)
	})
	if c.err != nil {
		return "", c.err
	}
	for size := firstBuffer; size <= mostBuffer; size *= 4 {
		answer, full, err := c.send(dev, text, size)
		if err != nil || !full {
			return answer, err
		}
	}
	return "", fmt.Errorf("the answer of %s to %.40q is longer than %d bytes", dev, text, mostBuffer)
}

// send sends a message with a buffer of a size. full: the answer needs a larger one, and
// nothing was done.
func (c *Control) send(dev mapper.DevNo, text string, size int) (answer string, full bool, err error) {
	const start = unix.SizeofDmIoctl
	words := make([]uint64, size/8) // the kernel's structures want this alignment
	buffer := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), size)
	head := (*unix.DmIoctl)(unsafe.Pointer(&words[0]))
	head.Version = [3]uint32{4, 0, 0} // the oldest that the kernel takes
	head.Data_size, head.Data_start = uint32(size), start
	head.Dev = unix.Mkdev(dev.Major, dev.Minor)
	message := start + int(unsafe.Sizeof(unix.DmTargetMsg{})) // to sector 0, as the whole device has no other
	if copy(buffer[message:size-1], text) < len(text) {
		return "", false, fmt.Errorf("a message of %d bytes is too long", len(text))
	}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, c.file.Fd(), unix.DM_TARGET_MSG, uintptr(unsafe.Pointer(head)))
	runtime.KeepAlive(words)
	switch {
	case errno != 0:
		return "", false, errno
	case head.Flags&unix.DM_BUFFER_FULL_FLAG != 0:
		return "", true, nil
	case head.Flags&unix.DM_DATA_OUT_FLAG == 0:
		return "", false, nil
	case int(head.Data_start) > size || head.Data_start < start:
		return "", false, errors.New("the kernel's answer is outside the buffer")
	}
	out := buffer[head.Data_start:]
	if end := bytes.IndexByte(out, 0); end >= 0 {
		out = out[:end]
	}
	return string(out), false, nil
}
