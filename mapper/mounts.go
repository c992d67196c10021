package mapper

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/sys/mountinfo"
)

// Use says what of a host's storage is in use, and for what.
type Use struct {
	Mounts []MountedDev
	Swaps  []string // paths of swap devices as /proc/swaps has them, escapes undone
	Other  []string // mount points of tmpfs, NFS and other mounts without a block device
	// What could not be read though it is there; see [Use.FillIn].
	MountsUnread, SwapsUnread bool
}

// FillIn replaces what could not be read with what the last run of the same boot knew:
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

// MountedDev is a mount and the number of its device. Major 0 is not a block device:
// for example, only the source of the mount tells the devices of a btrfs.
type MountedDev struct {
	Mount
	Dev DevNo

	upper string   // of an overlay: where what is written lies
	links []string // what the source's names lead to, where they are links of udev's: "sdb"
}

// followSources follows the links that mounts of no number have for their sources:
// btrfs and bcachefs may show /dev/disk/by-id/….
func followSources(mounts []MountedDev, p Paths) {
	f := newFiles()
	for i := range mounts {
		m := &mounts[i]
		if m.Dev.Major != 0 || p.Dev == "" || !strings.Contains(m.Source, linkFolder) {
			continue
		}
		for _, name := range sourceNames(m.Source) {
			if rel, ok := f.follow(p.Dev, name); ok {
				m.links = append(m.links, rel)
			}
		}
	}
}

// linkFolder is where udev's links by what a device is are.
const linkFolder = "/dev/disk/"

// sourceNames takes a list of devices apart: bcachefs names all of its members,
// "/dev/sda:/dev/sdb". Links by path have colons, too.
func sourceNames(source string) (names []string) {
	for i, name := range strings.Split(source, ":") {
		if i > 0 && strings.HasPrefix(names[len(names)-1], linkFolder) && !strings.HasPrefix(name, "/") {
			names[len(names)-1] += ":" + name
			continue
		}
		names = append(names, name)
	}
	return names
}

// mostProblems bounds what is said of one file.
const mostProblems = 20

// parseMountinfo keeps the good lines where the whole can't be parsed. procfs' reader
// gives nothing after one spoiled line, and leaves escapes as they are: a mail folder
// "/srv/My Mail" would be "/srv/My\040Mail", which no statfs finds.
func parseMountinfo(text []byte) (infos []*mountinfo.Info, problems []error) {
	infos, err := mountinfo.GetMountsFromReader(bytes.NewReader(text), nil)
	if err == nil {
		return infos, nil
	}
	n, bad := 0, 0
	for line := range bytes.Lines(text) {
		n++
		one, err := mountinfo.GetMountsFromReader(bytes.NewReader(line), nil)
		if err != nil {
			if bad++; bad <= mostProblems {
				problems = append(problems, fmt.Errorf("mountinfo:%d: %w", n, err))
			}
			continue
		}
		infos = append(infos, one...)
	}
	if bad > mostProblems {
		problems = append(problems, fmt.Errorf("mountinfo: %d more lines can't be read", bad-mostProblems))
	}
	return infos, problems
}

// parseMounts reads /proc/mounts, which has no numbers, and doesn't say which mount is on
// which: each mount gets a parent of its own that is not in the list.
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
	for _, m := range mountsOf(infos) {
		switch {
		case m.isDevice():
			u.Mounts = append(u.Mounts, m)
		case !m.Hidden:
			u.Other = append(u.Other, m.Point)
		}
	}
}

// mountsOf gives all mounts, those without a block device included.
func mountsOf(infos []*mountinfo.Info) []MountedDev {
	tree := newMountTree(infos)
	all := make([]MountedDev, len(infos))
	for i, m := range infos {
		all[i] = MountedDev{
			Dev: DevNo{Major: uint32(m.Major), Minor: uint32(m.Minor)},
			Mount: Mount{
				Point: m.Mountpoint, FSType: m.FSType, Root: m.Root, Source: m.Source,
				Hidden: tree.hidden(i), RO: hasOption(m.Options, "ro") || hasOption(m.VFSOptions, "ro"),
			},
		}
		if m.FSType == "overlay" {
			all[i].upper = optionValue(m.VFSOptions, "upperdir")
		}
	}
	return all
}

// isDevice reports a mount of a block device, be it one that is gone.
func (m *MountedDev) isDevice() bool {
	isDev := strings.HasPrefix(m.Source, "/dev/") && m.Source != "/dev/fuse" && m.FSType != "devtmpfs" && m.FSType != "autofs"
	return m.Dev.Major != 0 || isDev
}

// mountTable gives all mounts of a host; none without a /proc.
func mountTable(p Paths) []MountedDev {
	if p.Proc == "" {
		return nil
	}
	var infos []*mountinfo.Info
	if text, err := ReadBounded(filepath.Join(p.Proc, "self/mountinfo")); err == nil {
		infos, _ = parseMountinfo(text)
	} else {
		text, _ := ReadBounded(filepath.Join(p.Proc, "mounts"))
		infos = parseMounts(string(text))
	}
	table := mountsOf(infos)
	followSources(table, p)
	return table
}

// optionValue gives the value of "name=value" among a mount's options.
func optionValue(options, name string) string {
	for option := range strings.SplitSeq(options, ",") {
		if value, ok := strings.CutPrefix(option, name+"="); ok {
			return unescape(value)
		}
	}
	return ""
}

func hasOption(options, want string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option == want {
			return true
		}
	}
	return false
}

// parseSwaps gives the swap devices; swap files are on LUNs that are mounted. procfs'
// reader gives none of them after one line that it can't read, and keeps the escapes.
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

// Orphans are the mounts of block devices that are not among devs: the device
// disappeared while its filesystem was mounted. A source that names no device
// (/dev/root, a link of udev's) proves nothing.
func (u *Use) Orphans(devs []LUN) (orphans []MountedDev) {
	x := newIndex(devs)
	for _, m := range u.Mounts {
		vague := m.Dev.Major == 0 && (m.Source == "/dev/root" || strings.Contains(m.Source, linkFolder))
		if len(x.mounted(m)) == 0 && !vague {
			orphans = append(orphans, m)
		}
	}
	return orphans
}

// apply marks the LUNs that are in use.
func (u *Use) apply(x *index) {
	for _, m := range u.Mounts {
		for _, i := range x.mounted(m) {
			x.devs[i].Mounts = append(x.devs[i].Mounts, m.Mount)
		}
	}
	for _, swap := range u.Swaps {
		for _, i := range x.devPath(swap) {
			x.devs[i].Swap = true
		}
	}
}

// mounted finds the devices of a mount: by its number, where it has one, else by the
// mount's source. A number that no device has belongs to one that is gone: a device that
// has its name now is another.
func (x *index) mounted(m MountedDev) []int {
	bySource := x.sources(m.Source)
	if m.Dev.Major == 0 {
		for _, kernel := range m.links {
			if i, ok := x.kernel[kernel]; ok && !slices.Contains(bySource, i) {
				bySource = append(bySource, i)
			}
		}
		return x.poolOf(bySource)
	}
	byNumber := x.dev[m.Dev]
	for _, i := range byNumber {
		if len(byNumber) == 1 || slices.Contains(bySource, i) {
			return []int{i}
		}
	}
	if len(byNumber) > 0 {
		return byNumber[:1]
	}
	return slices.DeleteFunc(bySource, func(i int) bool { return x.devs[i].Dev != DevNo{} })
}

// sources finds the devices that a mount's source names.
func (x *index) sources(source string) []int {
	if found := x.devPath(source); len(found) > 0 {
		return slices.Clone(found)[:1]
	}
	var found []int
	if list := sourceNames(source); len(list) > 1 && strings.HasPrefix(source, "/dev/") {
		for _, name := range list {
			for _, i := range x.devPath("/dev/" + strings.TrimPrefix(name, "/dev/")) {
				if !slices.Contains(found, i) {
					found = append(found, i)
				}
			}
		}
	}
	return found
}

// poolOf adds the other members of the pool to some of them.
func (x *index) poolOf(some []int) []int {
	all := slices.Clone(some)
	for i := range x.devs {
		mate := slices.ContainsFunc(some, func(j int) bool { return x.devs[i].Pool.same(x.devs[j].Pool) })
		if mate && !slices.ContainsFunc(all, func(j int) bool { return i == j || x.overlap(i, j) }) {
			all = append(all, i)
		}
	}
	return all
}

// overlap reports a disk and a partition of it.
func (x *index) overlap(i, j int) bool {
	a, b := &x.devs[i], &x.devs[j]
	diskA, _, okA := partition(a)
	diskB, _, okB := partition(b)
	return okA && diskA == b.Kernel || okB && diskB == a.Kernel
}
