package main

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func texts(text string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}

// A reader sees the old file until the new one is complete, and for good if it never is.
func TestOutIsWhole(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "out.csv")
	if err := os.WriteFile(name, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the source broke")
	err := writeOut(t.Context(), name, func(w io.Writer) error {
		io.WriteString(w, "half")
		if got := contents(t, name); got != "old" {
			t.Errorf("while it is written there is %q", got)
		}
		return broken
	})
	if !errors.Is(err, broken) || contents(t, name) != "old" {
		t.Errorf("after a failure: %v, %q", err, contents(t, name))
	}
	if err := writeOut(t.Context(), name, texts("new")); err != nil || contents(t, name) != "new" {
		t.Errorf("%v, %q", err, contents(t, name))
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v; want the old one's", info.Mode(), err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A link stays a link, however many there are and whether its file is there or not.
func TestOutFollowsLinks(t *testing.T) {
	for _, there := range []bool{true, false} {
		dir := t.TempDir()
		for _, sub := range []string{"real", "links"} {
			if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		target := filepath.Join(dir, "real", "out.csv")
		if there {
			if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		link(t, "../real/out.csv", filepath.Join(dir, "links", "near"))
		link(t, "links", filepath.Join(dir, "folder"))
		link(t, filepath.Join(dir, "folder", "near"), filepath.Join(dir, "far"))
		if err := writeOut(t.Context(), filepath.Join(dir, "far"), texts("new")); err != nil {
			t.Fatal(err)
		}
		if got := contents(t, target); got != "new" {
			t.Errorf("the target has %q", got)
		}
		for _, l := range []string{"far", "folder", "links/near"} {
			if info, err := os.Lstat(filepath.Join(dir, l)); err != nil || info.Mode()&fs.ModeSymlink == 0 {
				t.Errorf("%s is a link no more: %v, %v", l, info, err)
			}
		}
	}
}

// A device and a pipe are written to, and are still there afterwards.
func TestOutIntoDevice(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	link(t, pipe, filepath.Join(dir, "to-pipe"))
	link(t, "/dev/null", filepath.Join(dir, "to-null"))
	got := make(chan string)
	go func() {
		text, _ := os.ReadFile(pipe)
		got <- string(text)
	}()
	if err := writeOut(t.Context(), filepath.Join(dir, "to-pipe"), texts("through")); err != nil {
		t.Fatal(err)
	}
	if text := <-got; text != "through" {
		t.Errorf("through the pipe came %q", text)
	}
	if err := writeOut(t.Context(), filepath.Join(dir, "to-null"), texts("gone")); err != nil {
		t.Error(err)
	}
	if err := writeOut(t.Context(), "/dev/full", texts("no")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a device that takes nothing: %v", err)
	}
	for name, want := range map[string]fs.FileMode{"/dev/null": fs.ModeDevice | fs.ModeCharDevice, pipe: fs.ModeNamedPipe, filepath.Join(dir, "to-null"): fs.ModeSymlink} {
		if info, err := os.Lstat(name); err != nil || info.Mode().Type() != want {
			t.Errorf("%s is now %v, %v", name, info, err)
		}
	}
}

// What can't be written to is refused with a word.
func TestOutRefused(t *testing.T) {
	dir := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	link(t, "loop", filepath.Join(dir, "loop"))
	for name, want := range map[string]string{
		dir:                                 "it is a folder",
		filepath.Join(dir, "socket"):        "it is a socket",
		filepath.Join(dir, "loop"):          "too many levels of symbolic links",
		filepath.Join(dir, "none", "x"):     "no such file or directory",
		filepath.Join(dir, "socket", "x"):   "not a directory",
		filepath.Join(dir, "loop", "x.csv"): "too many levels of symbolic links",
	} {
		if err := writeOut(t.Context(), name, texts("x")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

// The file that standard output is already going to is not replaced under the shell.
func TestOutIsStdout(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	stdout := &output{file: f}
	for name, want := range map[string]bool{"-": true, name: true, name + "2": false, "/dev/null": false} {
		if got := isStdout(stdout, name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func contents(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err)
	}
}
