package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// places are the files to look for without --config. The current folder is not one of
// them: anybody may have written there.
func (w World) places() []string {
	var places []string
	if dir := w.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		places = append(places, filepath.Join(dir, "lunstat", "config.yaml"))
	} else if home := w.Getenv("HOME"); filepath.IsAbs(home) {
		places = append(places, filepath.Join(home, ".config", "lunstat", "config.yaml"))
	}
	return append(places, w.SystemFile)
}

// OthersHome reports that the path is $HOME or below it, and that this user may not even
// enter $HOME. A daemon that root started, such as Icinga, gives its plugins root's HOME.
func (w World) OthersHome(path string) bool {
	home := w.Getenv("HOME")
	if !filepath.IsAbs(home) || !strings.HasPrefix(path+"/", filepath.Clean(home)+"/") {
		return false
	}
	return errors.Is(unix.Faccessat(unix.AT_FDCWD, home, unix.X_OK, unix.AT_EACCESS), fs.ErrPermission)
}

// find reads the config file: the named one, or else the first that exists. If named is
// "" and there is no file, name is "" too, and that isn't an error.
func (w World) find(named string) (name string, text []byte, err error) {
	if named != "" {
		text, err = w.read(named)
		return named, text, err
	}
	for _, name := range w.places() {
		text, err := w.read(name)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
			continue
		}
		if errors.Is(err, fs.ErrPermission) && w.OthersHome(name) {
			continue
		}
		return name, text, err
	}
	return "", nil, nil
}

// read reads one config file. It refuses a file that root should not trust. /dev/null
// is an empty one.
func (w World) read(name string) ([]byte, error) {
	if isNull(name) {
		return nil, nil
	}
	f, err := mapper.OpenRegular(name)
	if err != nil {
		return nil, fmt.Errorf("reading config: %w", err)
	}
	defer f.Close()
	if w.Root {
		if err := trusted(f); err != nil {
			return nil, err
		}
	}
	text, err := mapper.ReadAtMost(f, name, mapper.MostConfig)
	if err != nil {
		return nil, fmt.Errorf("reading config: %w", err)
	}
	return text, nil
}

// isNull reports the kernel's null device, under whatever name. Everybody may write to it,
// but nobody can leave anything there.
func isNull(name string) bool {
	var st unix.Stat_t
	return unix.Stat(name, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == unix.Mkdev(1, 3)
}

// trusted refuses a file that somebody other than root could have written. It checks
// the open file and not the name, so that nobody can exchange the file in between.
func trusted(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("reading config: %w", err)
	}
	if info.Mode().Perm()&0o022 != 0 {
		err := fmt.Errorf("config %s: others can write to it (mode %04o), so root does not read it", f.Name(), info.Mode().Perm())
		return series.WithHint(err, "chmod go-w "+mapper.ShellWord(f.Name()))
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 {
		err := fmt.Errorf("config %s: it belongs to user %d, so root does not read it", f.Name(), st.Uid)
		return series.WithHint(err, "chown root "+mapper.ShellWord(f.Name()))
	}
	return nil
}
