package hosttest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lunstat/mapper"
)

// SharedDir finds a folder or file of the shared material: in $LUNSTAT_SHARED, else in a
// folder "shared" next to one of the folders above the working one. If there is none, the
// test is skipped.
func SharedDir(t testing.TB, rel string) string {
	t.Helper()
	if root := os.Getenv("LUNSTAT_SHARED"); root != "" {
		path := filepath.Join(root, rel)
		if _, err := os.Stat(path); err != nil {
			t.Skipf("no shared material: %v", err)
		}
		return path
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		up := filepath.Dir(dir)
		path := filepath.Join(up, "shared", rel)
		if _, err := os.Stat(path); err == nil {
			return path
		}
		if up == dir {
			t.Skipf("no shared material: shared/%s is beside no folder above this one", rel)
		}
		dir = up
	}
}

// Shared copies a captured host ("hosts/mail-load/before") into a folder of the
// test's own and gives its roots. What the capture's way here has turned from a
// symbolic link into a file that holds the link's target becomes a link again.
func Shared(t testing.TB, rel string) mapper.Paths {
	t.Helper()
	from, to := SharedDir(t, rel), t.TempDir()
	for _, top := range []string{"proc", "sys", "dev", "run"} {
		if err := copyTree(filepath.Join(from, top), filepath.Join(to, top), top); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return PathsAt(to)
}

// PathsAt gives the roots of a host whose tree is below dir.
func PathsAt(dir string) mapper.Paths {
	return mapper.Paths{
		Proc: filepath.Join(dir, "proc"),
		Sys:  filepath.Join(dir, "sys"),
		Dev:  filepath.Join(dir, "dev"),
		Udev: filepath.Join(dir, "run/udev/data"),
	}
}

func copyTree(from, to, top string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		at := to + strings.TrimPrefix(path, from)
		switch {
		case d.IsDir():
			return os.MkdirAll(at, 0o755)
		case d.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(target, at)
		case !d.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if isFlatLink(top, text) {
			return os.Symlink(string(text), at)
		}
		return os.WriteFile(at, text, 0o644)
	})
}

// isFlatLink tells a flattened link from a file. Links of sysfs all climb; in
// /dev there are no other files at all; in /proc only mounts is one.
func isFlatLink(top string, text []byte) bool {
	if len(text) == 0 || len(text) > 4096 || bytes.ContainsAny(text, "\n\x00") {
		return false
	}
	switch top {
	case "sys":
		return bytes.HasPrefix(text, []byte("../"))
	case "dev":
		return text[0] != '/'
	}
	return string(text) == "self/mounts"
}
