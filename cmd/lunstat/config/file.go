package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// places are the files that are looked for where --config names none. The
// current folder is not among them: it may be anybody's.
func (w World) places() []string {
	var places []string
	if dir := w.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		places = append(places, filepath.Join(dir, "lunstat", "config.yaml"))
	} else if home := w.Getenv("HOME"); filepath.IsAbs(home) {
		places = append(places, filepath.Join(home, ".config", "lunstat", "config.yaml"))
	}
	return append(places, w.SystemFile)
}

// find reads the config file that counts. Without named, none at all is no
// error, and name is "" then.
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
		return name, text, err
	}
	return "", nil, nil
}

// read reads one config file, and refuses what root should not trust.
func (w World) read(name string) ([]byte, error) {
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

// trusted refuses a file that somebody other than root could have written. It
// asks the open file, not its name, so that what it judges is what is read.
func trusted(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("reading config: %w", err)
	}
	if info.Mode().Perm()&0o022 != 0 {
		err := fmt.Errorf("config %s: others may write it (mode %04o), refused as root", f.Name(), info.Mode().Perm())
		return series.WithHint(err, "chmod go-w "+mapper.ShellWord(f.Name()))
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 {
		err := fmt.Errorf("config %s: it belongs to user %d, refused as root", f.Name(), st.Uid)
		return series.WithHint(err, "chown root "+mapper.ShellWord(f.Name()))
	}
	return nil
}
