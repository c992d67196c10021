package mapper

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Pool is what a device belongs to that has no block device of its own. The kernel
// shows no holder of such a member, and the pool has no other figures than its
// members'.
type Pool struct {
	Kind string `json:"kind"`           // zfs, btrfs, bcachefs, asm, ceph, journal
	Name string `json:"name,omitempty"` // the pool's name or the filesystem's label
	UUID string `json:"uuid,omitempty"`
}

// String is "ZFS pool tank"; "" for the zero Pool.
func (p Pool) String() string {
	s := ""
	switch p.Kind {
	case "":
		return ""
	case "zfs":
		s = "ZFS pool"
	case "asm":
		s = "ASM disk"
	case "ceph":
		s = "Ceph OSD"
	case "journal":
		s = "journal of a filesystem"
	default:
		s = p.Kind
	}
	if p.Name != "" {
		s += " " + p.Name
	}
	return s
}

// same reports two members of one pool.
func (p Pool) same(o Pool) bool {
	switch {
	case p.Kind == "" || p.Kind != o.Kind:
		return false
	case p.UUID != "" && o.UUID != "":
		return p.UUID == o.UUID
	}
	return p.Name != "" && p.Name == o.Name
}

// poolKind gives the kind of pool whose members udev's database calls so.
func poolKind(fsType string) string {
	switch fsType {
	case "zfs_member":
		return "zfs"
	case "oracleasm":
		return "asm"
	case "ceph_bluestore":
		return "ceph"
	case "jbd", "xfs_external_log":
		return "journal"
	case "btrfs", "bcachefs":
		return fsType
	}
	return ""
}

// pools finds the members of pools, and the devices on which udev found nothing
// at all. Paths, and what another device holds, are neither.
func (s *scan) pools() {
	known := s.poolsInSysfs()
	s.missedAll()
	paths := pathsOf(s.devs)
	for i := range s.devs {
		l := &s.devs[i]
		if isNone(l.Kernel) || strings.HasPrefix(l.UUID, "LVM-") || s.below(l, paths) {
			continue
		}
		props, _ := s.udev(l.Dev)
		s.missed(l.Kernel)
		l.Pool = known[l.Kernel]
		if kind := poolKind(props["ID_FS_TYPE"]); kind != "" && l.Pool.Kind == "" {
			l.Pool = Pool{Kind: kind, Name: props["ID_FS_LABEL"], UUID: props["ID_FS_UUID"]}
		}
		l.Bare = l.Pool.Kind == "" && s.nothingOn(l, props)
	}
}

// below reports a path, a partition of one, or a device that something other than a
// partition holds.
func (s *scan) below(l *LUN, paths map[string]string) bool {
	disk, _, isPart := partition(l)
	if paths[l.Kernel] != "" || isPart && paths[disk] != "" {
		return true
	}
	return slices.ContainsFunc(l.Holders, func(holder string) bool {
		j, ok := s.at[holder]
		if !ok {
			return true
		}
		_, _, isPart := partition(&s.devs[j])
		return !isPart
	})
}

// leastBare is the least size of a partition that may hold a raw database. Smaller
// ones are a boot loader's, an extended partition's frame, the end of a ZFS disk.
const leastBare = 16<<20 + 1

func (s *scan) nothingOn(l *LUN, props map[string]string) bool {
	_, _, isPart := partition(l)
	switch {
	case isDM(l.Kernel) || isMD(l.Kernel) || len(l.Holders) > 0:
		return false
	case isPart && l.SizeBytes < leastBare:
		return false
	case !isPart && props["ID_PART_TABLE_TYPE"] != "":
		return false
	}
	return props["ID_FS_TYPE"] == "" && props["ID_FS_USAGE"] == "" && props["DM_MULTIPATH_DEVICE_PATH"] != "1"
}

// poolsInSysfs asks the filesystems themselves, by kernel name of the member.
func (s *scan) poolsInSysfs() map[string]Pool {
	known := make(map[string]Pool)
	for _, kind := range [...]string{"btrfs", "bcachefs"} {
		all := filepath.Join(s.paths.Sys, "fs", kind)
		filesystems, _ := s.files.names(cwd, all)
		for _, uuid := range filesystems {
			if strings.Count(uuid, "-") != 4 { // features, debug
				continue
			}
			at := filepath.Join(all, uuid)
			label, _ := s.files.read(cwd, filepath.Join(at, "label"))
			for _, member := range s.membersAt(kind, at) {
				known[member] = Pool{Kind: kind, Name: strings.TrimSpace(label), UUID: uuid}
			}
		}
	}
	return known
}

// membersAt lists the kernel names of a filesystem's members: btrfs has a folder
// with a link to each, bcachefs a folder for each with a link "block".
func (s *scan) membersAt(kind, at string) (members []string) {
	if kind == "btrfs" {
		names, _ := s.files.names(cwd, filepath.Join(at, "devices"))
		for _, name := range names {
			members = append(members, kernelName(name))
		}
		return members
	}
	names, _ := s.files.names(cwd, at)
	for _, name := range names {
		if !strings.HasPrefix(name, "dev-") {
			continue
		}
		if target := s.files.link(cwd, filepath.Join(at, name, "block")); target != "" {
			members = append(members, kernelName(path.Base(target)))
		}
	}
	return members
}

// AnyBare reports whether there is a device that [MarkWritten] may mark.
func AnyBare(devs []LUN) bool {
	for i := range devs {
		if devs[i].Bare || devs[i].Written {
			return true
		}
	}
	return false
}

// MarkWritten marks the bare devices that were written to: since the boot, as diskstats
// shows, or earlier, as an earlier mapping of the same host shows.
func MarkWritten(devs []LUN, counted []Counted, was []LUN) {
	if !AnyBare(devs) {
		return
	}
	written := make(map[string]bool)
	for _, d := range counted {
		if d.Written {
			written[d.Kernel] = true
		}
	}
	before := make(map[ID]bool)
	for i := range was {
		if l := &was[i]; l.Written && !l.ID.Local() {
			before[l.ID] = true
		}
	}
	for i := range devs {
		l := &devs[i]
		l.Written = l.Bare && (written[l.Kernel] || before[l.ID])
	}
}
