package hosttest

import (
	"os"

	"golang.org/x/sys/unix"
)

// InMemory runs a package's tests with their temporary folders in memory, as made hosts
// are thousands of small files, which on a disk cost many times what is tested. It
// leaves a TMPDIR that is set as it is, and a machine without room or with a /dev/shm
// from which nothing can be run.
type InMemory struct {
	// Tests are usually a [testing.M].
	Tests interface{ Run() int }
}

// leastRoom is what all tests of one package need by far.
const leastRoom = 2 << 30

// Run gives the tests' exit status.
func (m InMemory) Run() int {
	if os.Getenv("TMPDIR") != "" || !hasRoom("/dev/shm") {
		return m.Tests.Run()
	}
	dir, err := os.MkdirTemp("/dev/shm", "lunstat-test-")
	if err != nil || os.Setenv("TMPDIR", dir) != nil {
		return m.Tests.Run()
	}
	defer os.RemoveAll(dir)
	return m.Tests.Run()
}

func hasRoom(dir string) bool {
	var s unix.Statfs_t
	return unix.Statfs(dir, &s) == nil && s.Type == unix.TMPFS_MAGIC &&
		s.Flags&unix.ST_NOEXEC == 0 && s.Bavail*uint64(s.Bsize) >= leastRoom
}
