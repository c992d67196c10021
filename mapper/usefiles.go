package mapper

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// UseFiles are the contents of the files that say which storage of a host is in use.
// They rarely change, and parsing them takes longer than reading them.
type UseFiles struct {
	paths     Paths
	mountinfo []byte
	mounts    []byte // where the kernel has no mountinfo
	swaps     []byte
	problems  []error
	use       Use // what could not be read
}

// ReadUseFiles reads mountinfo (/proc/mounts where the kernel has none, before 2.6.26)
// and swaps.
func ReadUseFiles(p Paths) UseFiles {
	f := UseFiles{paths: p}
	f.readMounts()
	var err error
	if f.swaps, err = ReadBounded(filepath.Join(p.Proc, "swaps")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.problems = append(f.problems, fmt.Errorf("read the swaps: %w", err))
		f.use.SwapsUnread = true
	}
	return f
}

func (f *UseFiles) readMounts() {
	var err error
	if f.mountinfo, err = ReadBounded(filepath.Join(f.paths.Proc, "self/mountinfo")); err == nil {
		return
	}
	f.use.MountsUnread = !errors.Is(err, fs.ErrNotExist)
	if !f.use.MountsUnread {
		var err2 error
		if f.mounts, err2 = ReadBounded(filepath.Join(f.paths.Proc, "mounts")); err2 == nil {
			return
		}
	}
	f.problems = append(f.problems, fmt.Errorf("read the mounts: %w", err))
}

// Use parses the files. A line that can't be read is among the problems.
func (f *UseFiles) Use() (use Use, problems []error) {
	use = f.use
	if f.mountinfo != nil {
		infos, bad := parseMountinfo(f.mountinfo)
		problems = bad
		use.keep(infos)
	} else {
		use.keep(parseMounts(string(f.mounts)))
	}
	use.Swaps = parseSwaps(string(f.swaps))
	followSources(use.Mounts, f.paths)
	return use, append(problems, f.problems...)
}

// Mark stays the same while the files and the rules do. Then the result of [Classify]
// for the same devices is still right. version is the program's, because another
// version may classify differently; see [OtherVersion]. Mark is "" if a file could not be read.
func (f *UseFiles) Mark(rules []Rule, version string) string {
	if len(f.problems) > 0 {
		return ""
	}
	h := sha256.New()
	for _, part := range [][]byte{f.mountinfo, f.mounts, f.swaps, []byte(version), fmt.Appendf(nil, "%#v", rules)} {
		fmt.Fprintf(h, "%d ", len(part))
		h.Write(part) // never fails
	}
	program := sha256.Sum256([]byte(version))
	return base64.RawStdEncoding.EncodeToString(program[:3]) + base64.RawStdEncoding.EncodeToString(h.Sum(nil)[:12])
}

// markedVersion is how much of a mark is the version's.
const markedVersion = 4

// OtherVersion reports that another version of the program made a mark: it may have known
// less of the devices. Nothing is known of the mark "".
func OtherVersion(mark, was string) bool {
	return mark != "" && was != "" && mark[:markedVersion] != was[:min(markedVersion, len(was))]
}

// ByLink reports whether the device of some mount is known only by one of udev's links,
// which may later lead elsewhere although no file changes.
func (u *Use) ByLink() bool {
	for i := range u.Mounts {
		if m := &u.Mounts[i]; m.Dev.Major == 0 && strings.Contains(m.Source, linkFolder) {
			return true
		}
	}
	return false
}
