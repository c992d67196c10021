package mapper

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
)

// Absolute makes an absolute path from one that starts at the current folder: ".",
// "../..", "./x". Other tokens may be names, and stay as they are.
func Absolute(what string, p Paths) string {
	if p == (Paths{}) || what != "." && what != ".." && !strings.HasPrefix(what, "./") && !strings.HasPrefix(what, "../") {
		return what
	}
	if whole, err := filepath.Abs(what); err == nil {
		return whole
	}
	return what
}

// pathBelow gives the LUNs of the filesystem on which a path lies, or the mount on
// which it lies where that is of no LUN. It never goes on to the mount below that:
// the path is not on it.
func (x *index) pathBelow(what string, p Paths) (found []int, on *MountedDev) {
	if ownHost(p) {
		what = resolve(what)
	}
	return x.mountBelow(path.Clean(what), p)
}

// mountBelow is pathBelow for a path without links. It looks at no file below a mount,
// which may hang.
func (x *index) mountBelow(what string, p Paths) (found []int, on *MountedDev) {
	table := mountTable(p)
	for dir := what; ; dir = path.Dir(dir) {
		found, hidden := x.mountsAt(dir)
		top := topMount(table, dir)
		switch {
		case top == nil && len(found) == 0 && dir == what:
			found = hidden
		case top != nil && !top.isDevice():
			found = x.poolMembers(top)
		case top != nil && len(found) == 0:
			found = x.mounted(*top)
		}
		switch {
		case len(found) > 0:
			return found, nil
		case top != nil:
			return nil, top
		case dir == "/" || dir == ".":
			return nil, nil
		}
	}
}

// ownHost reports that the host looked at is this one: its files can be looked at.
func ownHost(p Paths) bool { return p.Dev == "/dev" }

// topMount is the mount that a path to a folder ends on; nil if nothing is mounted
// there.
func topMount(table []MountedDev, dir string) *MountedDev {
	for i := range slices.Backward(table) {
		if m := &table[i]; m.Point == dir && !m.Hidden {
			return m
		}
	}
	return nil
}

// mountPoint gives what is mounted there, and what that hides only where there
// is nothing else.
func (x *index) mountPoint(point string) []int {
	found, hidden := x.mountsAt(point)
	if len(found) == 0 {
		return hidden
	}
	return found
}

// mountsAt gives what is mounted on a folder, and what can't be reached there.
func (x *index) mountsAt(point string) (found, hidden []int) {
	for i := range x.devs {
		for _, m := range x.devs[i].Mounts {
			switch {
			case m.Point != point:
			case m.Hidden:
				hidden = append(hidden, i)
			case !slices.Contains(found, i):
				found = append(found, i)
			}
		}
	}
	return found, hidden
}

// poolMembers are the LUNs of a ZFS dataset's pool.
func (x *index) poolMembers(m *MountedDev) (found []int) {
	if m.FSType != "zfs" {
		return nil
	}
	pool, _, _ := strings.Cut(m.Source, "/")
	for i := range x.devs {
		if l := &x.devs[i]; l.Pool.Kind == "zfs" && l.Pool.Name == pool && (l.Layer == LayerLUN || l.Layer == "") {
			found = append(found, i)
		}
	}
	return found
}

// what says what a mount is that no LUN is known of.
func (m *MountedDev) what() string {
	kind, _, _ := strings.Cut(m.FSType, ".")
	switch {
	case m.FSType == "autofs":
		return "autofs: nothing is mounted there at the moment"
	case m.FSType == "overlay" && m.upper != "":
		return "an overlay, which writes to " + m.upper
	case m.FSType == "overlay":
		return "an overlay of other folders"
	case m.FSType == "tmpfs" || m.FSType == "ramfs" || m.FSType == "devtmpfs":
		return m.FSType + ", in memory"
	case m.FSType == "zfs":
		return "ZFS " + m.Source + ", but no disk of its pool is known"
	case m.isDevice() && m.Dev.Major == 0:
		return fmt.Sprintf("%s on %s, which the host does not have", m.FSType, m.Source)
	case m.isDevice():
		return fmt.Sprintf("%s on %s (%s), which the host no longer has", m.FSType, m.Source, m.Dev)
	case kind == "fuse":
		return fmt.Sprintf("%s: a program (%s) serves it", m.FSType, m.Source)
	case strings.Contains(m.Source, ":") || strings.HasPrefix(m.Source, "//"):
		return fmt.Sprintf("%s from %s, over the network", m.FSType, m.Source)
	}
	if m.FSType == m.Source {
		return m.FSType + ", no block device"
	}
	return fmt.Sprintf("%s (%s), no block device", m.FSType, m.Source)
}

// NoPathError says that a path does not exist.
type NoPathError struct {
	Path   string
	Exists string   // the nearest folder above it that does; "" where files can't be looked at
	Near   []string // paths like it, the nearest first
}

func (e *NoPathError) Error() string {
	s := "no such path: " + e.Path
	if e.Exists == "" {
		s = fmt.Sprintf("nothing is mounted on %s, and files of a captured host can't be looked at", e.Path)
	}
	if len(e.Near) > 0 {
		s += " (near: " + strings.Join(e.Near, ", ") + ")"
	}
	return s
}

// CheckPath says whether a token is a path that does not exist, with the paths and mount
// points like it. It gives nil for a token that isn't a path, and if it can't tell. On a
// captured host it can't look at files, so there it doubts a path only if the path is
// similar to a mount point.
func CheckPath(devs []LUN, what string, p Paths) *NoPathError {
	what = Absolute(strings.TrimSpace(what), p)
	if p == (Paths{}) || !strings.HasPrefix(what, "/") || strings.HasPrefix(what, "/dev/") || len(newIndex(devs).exact(what)) > 0 {
		return nil
	}
	what = path.Clean(what)
	e := &NoPathError{Path: what}
	points := mountPoints(devs, p)
	next := firstUnknown(what, points) // the first part of the path that does not exist
	if ownHost(p) {
		if e.Exists = existing(what); e.Exists == what || e.Exists == "" {
			return nil
		}
		rest := strings.TrimPrefix(strings.TrimPrefix(what, e.Exists), "/")
		first, _, _ := strings.Cut(rest, "/")
		next = path.Join(e.Exists, first)
	}
	e.Near = nearPaths(next, append(points, listed(e.Exists)...))
	if e.Exists == "" && (len(e.Near) == 0 || next == "") {
		return nil
	}
	return e
}

// firstUnknown is the shortest beginning of a path that is neither a mount point
// nor on the way to one; "" where there is none.
func firstUnknown(what string, points []string) string {
	for i := 1; i <= len(what); i++ {
		if i < len(what) && what[i] != '/' {
			continue
		}
		dir := what[:i]
		known := slices.ContainsFunc(points, func(p string) bool { return p == dir || strings.HasPrefix(p, dir+"/") })
		if !known {
			return dir
		}
	}
	return ""
}

// existing is the longest beginning of a path that exists; "" if that can't be told.
func existing(name string) string {
	return promptly("", func() string {
		for dir := name; ; dir = path.Dir(dir) {
			_, err := os.Stat(dir)
			switch {
			case err == nil || errors.Is(err, fs.ErrPermission):
				return dir
			case !errors.Is(err, fs.ErrNotExist) && !strings.Contains(err.Error(), "not a directory"):
				return ""
			case dir == "/":
				return ""
			}
		}
	})
}

// mostListed bounds how many names of a folder are compared with a path.
const mostListed = 5000

// listed are the paths of what a folder holds.
func listed(dir string) []string {
	if dir == "" {
		return nil
	}
	return promptly(nil, func() (names []string) {
		f, err := os.Open(dir)
		if err != nil {
			return nil
		}
		defer f.Close()
		names, _ = f.Readdirnames(mostListed)
		for i := range names {
			names[i] = path.Join(dir, names[i])
		}
		return names
	})
}

// mountPoints are those that can be reached.
func mountPoints(devs []LUN, p Paths) (points []string) {
	for _, m := range mountTable(p) {
		if !m.Hidden {
			points = append(points, m.Point)
		}
	}
	for i := range devs {
		points = append(points, devs[i].points()...)
	}
	return points
}

// nearPaths are the paths whose last parts are like that of a path in the same
// folder, and the mount points that are like the whole.
func nearPaths(name string, candidates []string) []string {
	type hit struct {
		path string
		far  int
	}
	var hits []hit
	dir, base := path.Split(name)
	for _, c := range candidates {
		far := tooFar
		if cDir, cBase := path.Split(c); cDir == dir {
			far = slips(base, cBase)
		} else if strings.Count(c, "/") == strings.Count(name, "/") {
			far = slips(name, c)
		}
		if far < tooFar && !slices.ContainsFunc(hits, func(h hit) bool { return h.path == c }) {
			hits = append(hits, hit{c, far})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(a.path, b.path))
	})
	var near []string
	for _, h := range hits[:min(len(hits), maxNear)] {
		near = append(near, h.path)
	}
	return near
}

// slips is how many slips of the finger make one name of another. Two letters that
// changed places are two slips, which a name of four may have.
func slips(a, b string) int {
	short := min(len(a), len(b))
	limit := max(1, min(short/2, short/4+1))
	if diff := len(a) - len(b); diff > limit || -diff > limit || short > 256 {
		return tooFar
	}
	if far := levenshtein.ComputeDistance(a, b); far <= limit {
		return far
	}
	return tooFar
}

// resolveWait bounds a look at a file: one whose LUN hangs would never answer.
const resolveWait = 300 * time.Millisecond

// promptly gives what look finds out, or the other value where that takes too long.
func promptly[T any](late T, look func() T) T {
	done := make(chan T, 1)
	go func() { done <- look() }()
	select {
	case got := <-done:
		return got
	case <-time.After(resolveWait):
		return late
	}
}

// resolve follows symbolic links as far as possible.
func resolve(name string) string {
	return promptly(name, func() string {
		for dir, rest := name, ""; ; dir, rest = filepath.Dir(dir), filepath.Join(filepath.Base(dir), rest) {
			if real, err := filepath.EvalSymlinks(dir); err == nil {
				return filepath.Join(real, rest)
			}
			if dir == filepath.Dir(dir) {
				return name
			}
		}
	})
}
