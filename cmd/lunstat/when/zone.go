package when

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Localtime is where a host keeps its zone; mostly it is a link into zoneinfo.
const Localtime = "/etc/localtime"

// HostZone is the zone that a process is to show times in: TZ's or the host's, as
// time.Local is. Go takes UTC without a word where it can't read that zone; here the
// zone is then UTC, too, and doubt says which one was meant and why it isn't.
func HostZone(environ []string, file string) (zone *time.Location, doubt error) {
	for _, pair := range environ {
		if tz, ok := strings.CutPrefix(pair, "TZ="); ok {
			if err := readable(strings.TrimPrefix(tz, ":")); err != nil {
				return time.UTC, fmt.Errorf("TZ=%s: %w", tz, err)
			}
			return time.Local, nil
		}
	}
	switch _, err := os.Lstat(file); {
	case errors.Is(err, os.ErrNotExist):
		return time.Local, nil // there is none: every program shows UTC
	case readable(file) == nil:
		return time.Local, nil
	}
	target, err := os.Readlink(file)
	if err != nil {
		return time.UTC, fmt.Errorf("%s: %w", file, readable(file))
	}
	// A container has the link, and no zoneinfo; lunstat brings its own.
	if _, name, ok := strings.Cut(filepath.ToSlash(target), "zoneinfo/"); ok {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	return time.UTC, fmt.Errorf("%s -> %s: %w", file, target, readable(file))
}

// readable reports why a value of TZ can't be read: a zone's name, or the absolute
// path of its file.
func readable(tz string) error {
	switch {
	case tz == "":
		return nil // UTC
	case tz == "Local": // LoadLocation's own name for the host's
		return errors.New("no such zone")
	case !filepath.IsAbs(tz):
		if _, err := time.LoadLocation(tz); err != nil {
			return errors.New("no such zone")
		}
		return nil
	}
	info, err := os.Stat(tz)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() > mostZone {
		return errors.New("no file of a zone")
	}
	content, err := os.ReadFile(tz)
	if err != nil {
		return err
	}
	if _, err := time.LoadLocationFromTZData(tz, content); err != nil {
		return errors.New("no file of a zone")
	}
	return nil
}

// mostZone is far above the largest file of the tz database.
const mostZone = 1 << 20
