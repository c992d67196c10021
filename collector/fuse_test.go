package collector

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/mapper/hosttest"
)

// hangingFS is a real filesystem, by FUSE, whose statfs gets no answer until it is
// let go.
type hangingFS struct {
	dir    string
	letGo  chan struct{}
	closed chan struct{}
}

// The few messages of the kernel's protocol (linux/fuse.h) that a statfs of the
// root needs.
const (
	fuseStatfs = 17
	fuseInit   = 26
	fuseENOSYS = -38
)

func newHangingFS(t *testing.T) *hangingFS {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting a FUSE filesystem needs root")
	}
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("no FUSE here: %v", err)
	}
	h := &hangingFS{dir: t.TempDir(), letGo: make(chan struct{}), closed: make(chan struct{})}
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fd)
	if err := unix.Mount("lunstat-test", h.dir, "fuse", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
		unix.Close(fd)
		t.Skipf("mounting a FUSE filesystem: %v", err)
	}
	go h.serve(fd)
	t.Cleanup(func() {
		select {
		case <-h.letGo:
		default:
			close(h.letGo)
		}
		unix.Unmount(h.dir, unix.MNT_DETACH|unix.MNT_FORCE)
		<-h.closed
		unix.Close(fd)
	})
	return h
}

func (h *hangingFS) serve(fd int) {
	defer close(h.closed)
	in := make([]byte, 128<<10)
	for {
		n, err := unix.Read(fd, in)
		if errors.Is(err, unix.EINTR) || errors.Is(err, unix.ENOENT) {
			continue
		}
		if err != nil || n < 40 {
			return // unmounted
		}
		unique := binary.LittleEndian.Uint64(in[8:])
		switch binary.LittleEndian.Uint32(in[4:]) {
		case fuseInit:
			out := make([]byte, 64)
			binary.LittleEndian.PutUint32(out[0:], 7)     // major
			binary.LittleEndian.PutUint32(out[4:], 31)    // minor
			binary.LittleEndian.PutUint32(out[20:], 4096) // max_write
			reply(fd, unique, 0, out)
		case fuseStatfs:
			go func() {
				<-h.letGo
				out := make([]byte, 80)
				binary.LittleEndian.PutUint64(out[0:], 1000) // blocks
				binary.LittleEndian.PutUint64(out[8:], 600)  // free
				binary.LittleEndian.PutUint64(out[16:], 600) // available
				binary.LittleEndian.PutUint32(out[40:], 4096)
				binary.LittleEndian.PutUint32(out[48:], 4096)
				reply(fd, unique, 0, out)
			}()
		default:
			reply(fd, unique, fuseENOSYS, nil)
		}
	}
}

func reply(fd int, unique uint64, errno int32, body []byte) {
	out := make([]byte, 16, 16+len(body))
	binary.LittleEndian.PutUint32(out[0:], uint32(16+len(body)))
	binary.LittleEndian.PutUint32(out[4:], uint32(errno))
	binary.LittleEndian.PutUint64(out[8:], unique)
	_, _ = unix.Write(fd, append(out, body...)) // an unmount may have been faster
}

// TestMain lets the test binary be the child that asks a hung mount.
func TestMain(m *testing.M) {
	if mount, marker, ok := strings.Cut(os.Getenv("COLLECTOR_TEST_ASK"), "\n"); ok {
		if err := AskMount(mount, marker); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A real mount that hangs: the run ends in time, with the others' space; the lock
// is free; one child at a time asks, and when the mount answers all is as before.
func TestHangingMount(t *testing.T) {
	h := newHangingFS(t)
	healthy := t.TempDir()
	c := newCrond(t, hosttest.LUN{Name: "vg-dead", On: []string{"sda"}, Mount: h.dir}, hosttest.LUN{Name: "vg-well", On: []string{"sdb"}, Mount: healthy})
	var child *exec.Cmd
	children := 0
	run := func(minute int) (Result, []string) {
		t.Helper()
		began := time.Now()
		r, err := Run(t.Context(), Options{
			Paths: c.host.Paths, Host: "h", LockFile: c.lockFile, Rules: c.rules, SpaceEvery: 0, Statfs: unix.Statfs,
			ReadingTime: boot.Add(time.Duration(minute) * time.Minute),
			AskApart: func(mount, marker string) error {
				children++
				child = exec.Command("/proc/self/exe")
				child.Env = append(os.Environ(), "COLLECTOR_TEST_ASK="+mount+"\n"+marker)
				return child.Start()
			},
		}, func() (Journal, error) { return &c.memory, nil })
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > answerWait+time.Second {
			t.Errorf("minute %d took %v", minute, took)
		}
		unlock, err := lock(c.lockFile, boot)
		if err != nil {
			t.Fatalf("after minute %d: %v", minute, err)
		}
		unlock()
		var mounts []string
		for _, s := range c.minutes[len(c.minutes)-1].Spaces {
			mounts = append(mounts, s.Mount)
		}
		return r, mounts
	}
	r, mounts := run(0)
	if len(mounts) != 1 || mounts[0] != healthy {
		t.Errorf("spaces of %v, want the healthy one's", mounts)
	}
	if len(r.News) != 1 || r.News[0].What != "space of "+h.dir+": no answer within 2s" {
		t.Errorf("news %+v", r.News)
	}
	began := time.Now()
	if r, _ = run(1); len(r.News) != 0 || children != 1 {
		t.Errorf("second minute: news %+v, %d children", r.News, children)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("the second minute waited %v for a mount that it knows to hang", took)
	}
	marker := (&Options{LockFile: c.lockFile}).marker(h.dir)
	held := func() bool {
		busy, err := Holder(marker)
		return err == nil && busy != nil
	}
	waitFor(t, "the child to ask", held)
	if run(2); children != 1 {
		t.Errorf("%d children at once", children)
	}
	close(h.letGo)
	if err := child.Wait(); err != nil {
		t.Fatalf("the child: %v", err)
	}
	r, mounts = run(3)
	if len(mounts) != 2 || len(r.News) != 1 || !r.News[0].Ended {
		t.Errorf("it answers again: spaces of %v, news %+v", mounts, r.News)
	}
	if _, err := os.Stat(marker); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the marker %s is left: %v", filepath.Base(marker), err)
	}
}

// waitFor polls another process's state, which nothing announces.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
