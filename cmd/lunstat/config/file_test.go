package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestConfigPlaces(t *testing.T) {
	dir := t.TempDir()
	write := func(path string) {
		t.Helper()
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("host: "+path+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("named.yaml")
	write("xdg/lunstat/config.yaml")
	write("home/.config/lunstat/config.yaml")
	write("etc/config.yaml")
	for _, tt := range []struct{ name, named, xdg, home, want string }{
		{"named", "named.yaml", "xdg", "home", "named.yaml"},
		{"XDG", "", "xdg", "home", "xdg/lunstat/config.yaml"},
		{"home", "", "", "home", "home/.config/lunstat/config.yaml"},
		{"XDG without a file", "", "empty", "home", "etc/config.yaml"},
		{"a file in the way", "", "named.yaml", "home", "etc/config.yaml"},
		{"no home", "", "", "", "etc/config.yaml"},
	} {
		vars := make(map[string]string)
		for name, value := range map[string]string{"XDG_CONFIG_HOME": tt.xdg, "HOME": tt.home} {
			if value != "" {
				vars[name] = filepath.Join(dir, value)
			}
		}
		w := world(t, vars)
		w.SystemFile = filepath.Join(dir, "etc/config.yaml")
		named := ""
		if tt.named != "" {
			named = filepath.Join(dir, tt.named)
		}
		c, _, err := Load(w, named)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if want := filepath.Join(dir, tt.want); c.File != want || c.Host != want {
			t.Errorf("%s: read %s (host %s), want %s", tt.name, c.File, c.Host, want)
		}
	}
	w := world(t, map[string]string{"XDG_CONFIG_HOME": "xdg", "HOME": "."})
	t.Chdir(dir)
	if c, _, err := Load(w, ""); err != nil || c.File != "" {
		t.Errorf("relative folders and no file: read %v, %v", c, err)
	}
	if _, _, err := Load(world(t, nil), filepath.Join(dir, "none.yaml")); err == nil {
		t.Error("a named file that is not there is no error")
	}
}

// TestConfigOfOthers is about files that root must not read. It gives files away
// where it may.
// A daemon that root started gives its plugins root's HOME, which they may not enter: it
// is not theirs, and the host's config counts. A file that the user may only not read
// stays an error.
func TestConfigInAnotherUsersHome(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be another user for a moment")
	}
	dir := t.TempDir()
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range map[string]os.FileMode{"closed/.config/lunstat/config.yaml": 0o600, "open/.config/lunstat/config.yaml": 0o600, "etc.yaml": 0o644} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("host: "+name+"\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "closed"), 0o700); err != nil {
		t.Fatal(err)
	}
	w := world(t, map[string]string{"HOME": filepath.Join(dir, "closed")})
	w.SystemFile = filepath.Join(dir, "etc.yaml")
	other := world(t, map[string]string{"HOME": filepath.Join(dir, "open")})
	// The identity for files belongs to the thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Setfsuid(65534); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Setfsuid(0) }()
	if c, _, err := Load(w, ""); err != nil || c.Host != "etc.yaml" {
		t.Errorf("HOME is closed: %+v, %v", c, err)
	}
	if _, _, err := Load(other, ""); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("the file is closed: %v", err)
	}
}

func TestConfigOfOthers(t *testing.T) {
	w := world(t, nil)
	w.Root = true
	file := filepath.Join(t.TempDir(), "my config.yaml")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o602, 0o660, 0o666} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		_, _, err := Load(w, file)
		if want := "hint: chmod go-w '" + file + "'"; !strings.Contains(lines(err), want) {
			t.Errorf("mode %o: %q, want %q", mode, lines(err), want)
		}
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(file, 65534, -1); err != nil {
		t.Skipf("can't give a file away: %v", err)
	}
	_, _, err := Load(w, file)
	if want := "hint: chown root '" + file + "'"; !strings.Contains(lines(err), want) {
		t.Errorf("another's file: %q, want %q", lines(err), want)
	}
	if err := os.Chown(file, 0, -1); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(w, file); err != nil {
		t.Errorf("root's own file: %v", err)
	}
}
