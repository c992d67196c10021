package mapper

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/sys/mountinfo"
)

// Use says what of a host's storage is in use, and for what.
type Use struct {
	Mounts []MountedDev
	Swaps  []string // paths of swap devices as /proc/swaps has them, escapes undone
	Other  []string // mount points of what is no block device: tmpfs, NFS
	// What could not be read though it is there; see [Use.FillIn].
	MountsUnread, SwapsUnread bool
}

// FillIn takes what the last run of the same boot knew for what could not be read:
// a run that had no file descriptor left must not take every LUN for unmounted.
func (u *Use) FillIn(last []LUN) {
	for i := range last {
		if u.MountsUnread {
			for _, m := range last[i].Mounts {
				u.Mounts = append(u.Mounts, MountedDev{Dev: last[i].Dev, Mount: m})
			}
		}
		if u.SwapsUnread && last[i].Swap {
			u.Swaps = append(u.Swaps, "/dev/"+last[i].Kernel)
		}
	}
}

// MountedDev is a mount and the number of the device it is of. Major 0 is no
// block device's: btrfs, say, is known by the mount's source alone.
type MountedDev struct {
	Mount
	Dev DevNo
}

// ReadUse reads mountinfo (/proc/mounts where the kernel has none, before
// 2.6.26) and swaps. A line that can't be read is named among the problems.
func ReadUse(p Paths) (Use, []error) {
	var use Use
	problems := use.readMounts(p)
	text, err := os.ReadFile(filepath.Join(p.Proc, "swaps"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		problems = append(problems, fmt.Errorf("read the swaps: %w", err))
		use.SwapsUnread = true
	}
	use.Swaps = parseSwaps(string(text))
	return use, problems
}

func (u *Use) readMounts(p Paths) (problems []error) {
	text, err := os.ReadFile(filepath.Join(p.Proc, "self/mountinfo"))
	if err == nil {
		infos, problems := parseMountinfo(text)
		u.keep(infos)
		return problems
	}
	if !errors.Is(err, fs.ErrNotExist) {
		u.MountsUnread = true
		return []error{fmt.Errorf("read the mounts: %w", err)}
	}
	if text, err2 := os.ReadFile(filepath.Join(p.Proc, "mounts")); err2 == nil {
		u.keep(parseMounts(string(text)))
		return nil
	}
	return []error{fmt.Errorf("read the mounts: %w", err)}
}

// parseMountinfo keeps the good lines where the whole can't be parsed.
func parseMountinfo(text []byte) (infos []*mountinfo.Info, problems []error) {
	infos, err := mountinfo.GetMountsFromReader(bytes.NewReader(text), nil)
	if err == nil {
		return infos, nil
	}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		one, err := mountinfo.GetMountsFromReader(bytes.NewReader(line), nil)
		if err != nil {
			problems = append(problems, fmt.Errorf("mountinfo:%d: %w", n, err))
			continue
		}
		infos = append(infos, one...)
	}
	return infos, problems
}

// parseMounts reads /proc/mounts, which knows no numbers, nor what lies on what:
// each mount gets a parent of its own that is not in the list.
func parseMounts(text string) (infos []*mountinfo.Info) {
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) >= 4 {
			infos = append(infos, &mountinfo.Info{
				ID: len(infos) + 1, Parent: -len(infos) - 1, Source: unescape(f[0]), Mountpoint: unescape(f[1]), FSType: f[2], Options: f[3],
			})
		}
	}
	return infos
}

func (u *Use) keep(infos []*mountinfo.Info) {
	tree := newMountTree(infos)
	for i, m := range infos {
		isDev := strings.HasPrefix(m.Source, "/dev/") && m.FSType != "devtmpfs"
		if m.Major == 0 && !isDev {
			if !tree.hidden(i) {
				u.Other = append(u.Other, m.Mountpoint)
			}
			continue
		}
		u.Mounts = append(u.Mounts, MountedDev{
			Dev: DevNo{Major: uint32(m.Major), Minor: uint32(m.Minor)},
			Mount: Mount{
				Point: m.Mountpoint, FSType: m.FSType, Root: m.Root, Source: m.Source,
				Hidden: tree.hidden(i), RO: hasOption(m.Options, "ro") || hasOption(m.VFSOptions, "ro"),
			},
		})
	}
}

func hasOption(options, want string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option == want {
			return true
		}
	}
	return false
}

// parseSwaps gives the swap devices; swap files lie on LUNs that are mounted.
func parseSwaps(text string) (swaps []string) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) >= 5 && f[1] == "partition" {
			swaps = append(swaps, unescape(f[0]))
		}
	}
	return swaps
}

// unescape undoes the kernel's octal escapes: `\040` is a space.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if i+3 < len(s) && s[i] == '\\' && isOctal(s[i+1]) && isOctal(s[i+2]) && isOctal(s[i+3]) {
			out = append(out, (s[i+1]-'0')<<6|(s[i+2]-'0')<<3|(s[i+3]-'0'))
			i += 3
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
}

func isOctal(c byte) bool { return '0' <= c && c <= '7' }

// apply marks the LUNs that are in use.
func (u *Use) apply(x *index) {
	for _, m := range u.Mounts {
		if i, ok := x.mounted(m); ok {
			x.devs[i].Mounts = append(x.devs[i].Mounts, m.Mount)
		}
	}
	for _, swap := range u.Swaps {
		for _, i := range x.devPath(swap) {
			x.devs[i].Swap = true
		}
	}
}

// mounted finds the device of a mount: by its number, where that is one device's
// alone, and by the mount's source.
func (x *index) mounted(m MountedDev) (int, bool) {
	byNumber := x.dev[m.Dev]
	if m.Dev.Major == 0 {
		byNumber = nil
	}
	bySource := x.devPath(m.Source)
	for _, i := range byNumber {
		if len(byNumber) == 1 || slices.Contains(bySource, i) {
			return i, true
		}
	}
	switch {
	case len(byNumber) > 0:
		return byNumber[0], true
	case len(bySource) > 0:
		return bySource[0], true
	}
	return 0, false
}
