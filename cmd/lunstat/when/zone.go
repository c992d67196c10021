package when

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Localtime is where a host keeps its zone. Usually it is a link into zoneinfo.
const Localtime = "/etc/localtime"

// HostZone is the zone in which a process shows times: that of TZ, or the host's, like
// time.Local. If Go can't read the zone, it silently uses UTC. HostZone uses UTC too,
// but doubt says which zone could not be read, and why.
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
	// A container has the link but no zoneinfo; lunstat has its own.
	if _, name, ok := strings.Cut(filepath.ToSlash(target), "zoneinfo/"); ok {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	return time.UTC, fmt.Errorf("%s -> %s: %w", file, target, readable(file))
}

// readable reports why a value of TZ can't be read. The value is the name of a zone or
// the absolute path of its file.
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
		return errors.New("not a time zone file")
	}
	content, err := os.ReadFile(tz)
	if err != nil {
		return err
	}
	if _, err := time.LoadLocationFromTZData(tz, content); err != nil {
		return errors.New("not a time zone file")
	}
	return nil
}

// mostZone is far above the largest file of the tz database.
const mostZone = 1 << 20
