package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
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
		e, _, _ := world(t, vars)
		e.SystemConfig = filepath.Join(dir, "etc/config.yaml")
		if tt.named != "" {
			e.configFile = filepath.Join(dir, tt.named)
		}
		c, err := e.Config()
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if want := filepath.Join(dir, tt.want); c.File != want || c.Host != want {
			t.Errorf("%s: read %s (host %s), want %s", tt.name, c.File, c.Host, want)
		}
	}
	e, _, _ := world(t, map[string]string{"XDG_CONFIG_HOME": "xdg", "HOME": "."})
	t.Chdir(dir)
	if c, err := e.Config(); err != nil || c.File != "" {
		t.Errorf("relative folders and no file: read %v, %v", c, err)
	}
	e, _, _ = world(t, nil)
	e.configFile = filepath.Join(dir, "none.yaml")
	if _, err := e.Config(); err == nil {
		t.Error("a named file that is not there is no error")
	}
}

// TestConfigOfOthers is about files that root must not read. It gives files away
// where it may.
func TestConfigOfOthers(t *testing.T) {
	e, _, _ := world(t, nil)
	e.Geteuid = func() int { return 0 }
	e.configFile = filepath.Join(t.TempDir(), "my config.yaml")
	if err := os.WriteFile(e.configFile, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o602, 0o660, 0o666} {
		if err := os.Chmod(e.configFile, mode); err != nil {
			t.Fatal(err)
		}
		_, err := e.Config()
		if want := "hint: chmod go-w '" + e.configFile + "'"; !strings.Contains(lines(err), want) {
			t.Errorf("mode %o: %q, want %q", mode, lines(err), want)
		}
	}
	if err := os.Chmod(e.configFile, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(e.configFile, 65534, -1); err != nil {
		t.Skipf("can't give a file away: %v", err)
	}
	_, err := e.Config()
	if want := "hint: chown root '" + e.configFile + "'"; !strings.Contains(lines(err), want) {
		t.Errorf("another's file: %q, want %q", lines(err), want)
	}
	if err := os.Chown(e.configFile, 0, -1); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Config(); err != nil {
		t.Errorf("root's own file: %v", err)
	}
}
