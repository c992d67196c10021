package mapper

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What may never end, or never begin, is refused before it is opened: the test would
// hang otherwise.
func TestReadRegular(t *testing.T) {
	dir := t.TempDir()
	file, pipe, socket, link := filepath.Join(dir, "file"), filepath.Join(dir, "pipe"), filepath.Join(dir, "socket"), filepath.Join(dir, "link")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	err = errors.Join(os.WriteFile(file, []byte("12345678"), 0o644), syscall.Mkfifo(pipe, 0o600), os.Symlink(pipe, link))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		pipe: "a pipe", link: "a pipe", socket: "a socket", dir: "a folder", "/dev/zero": "a device",
	} {
		if _, err := ReadRegular(name, 8); !errors.Is(err, ErrNotRegular) || !strings.Contains(err.Error(), name+" is not a regular file but "+want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if text, err := ReadRegular(file, 8); err != nil || string(text) != "12345678" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := ReadRegular(file, 7); err == nil {
		t.Error("one byte too many is read")
	}
	if _, err := ReadRegular(filepath.Join(dir, "none"), 8); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that isn't there: %v", err)
	}
	if text, err := ReadRegular("/proc/self/mountinfo", LargestFile); err != nil || len(text) == 0 {
		t.Errorf("a file of the kernel's: %d bytes, %v", len(text), err)
	}
}

// What has no size before is bounded as it is read.
func TestReadAtMost(t *testing.T) {
	zero, err := os.Open("/dev/zero")
	if err != nil {
		t.Fatal(err)
	}
	defer zero.Close()
	if _, err := ReadAtMost(zero, "standard input", 1<<20); err == nil || err.Error() != "standard input: more than 1 MiB" {
		t.Error(err)
	}
	if text, err := ReadAtMost(strings.NewReader("abc"), "x", 3); err != nil || string(text) != "abc" {
		t.Errorf("%q, %v", text, err)
	}
}
