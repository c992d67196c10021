package mapper

import (
	"cmp"
	"slices"
	"strings"
)

// identity is the identity that a device itself gives, or else its name.
func identity(l *LUN) ID {
	switch {
	case l.UUID != "":
		return ID(l.UUID)
	case l.DMName != "":
		return ID("name:" + l.DMName)
	case l.WWID != "":
		return ID(l.WWID)
	case l.Serial != "":
		return ID("serial:" + l.Serial)
	}
	return ID("kernel:" + l.Kernel)
}

// identify says who a device is, and before it those that it is known by. A path's
// identity is known already.
func (s *scan) identify(i int) {
	l := &s.devs[i]
	if l.ID != "" {
		return
	}
	l.ID = identity(l) // before going deeper: torn facts may make a ring
	if !l.ID.Local() || isDM(l.Kernel) || isNone(l.Kernel) {
		return
	}
	if id := s.byBacking(l); id != "" {
		l.ID = id
	} else if id := s.byUdev(l); id != "" {
		l.ID = id
	}
}

// byBacking is a device's identity by the one device that it is on: a partition by
// its disk and number, bcache0 as the bcache of its disk.
func (s *scan) byBacking(l *LUN) ID {
	if len(l.Slaves) != 1 || isMD(l.Kernel) {
		return ""
	}
	j, ok := s.at[l.Slaves[0]]
	if !ok {
		return ""
	}
	s.identify(j)
	below := s.devs[j].ID
	if below.Local() {
		return ""
	}
	if _, n, ok := partition(l); ok {
		return below + ID("-part"+n)
	}
	kind, _, _ := strings.Cut(strings.TrimRight(l.Kernel, "0123456789"), "/")
	return ID(kind+":") + below
}

// byUdev is who a device is by what udev found out about it.
func (s *scan) byUdev(l *LUN) ID {
	props, links := s.udev(l.Dev)
	if name := byID(links); name != "" {
		return ID("by-id:" + name)
	}
	if part := props["ID_PART_ENTRY_UUID"]; part != "" {
		return ID("partuuid:" + part)
	}
	if table := props["ID_PART_TABLE_UUID"]; table != "" {
		return ID("ptuuid:" + table)
	}
	fs := props["ID_FS_UUID"]
	if member := props["ID_FS_UUID_SUB"]; member != "" && fs != "" {
		fs += "/" + member // the filesystem's own is that of all its members
	}
	if fs != "" {
		return ID("fsuuid:" + fs)
	}
	return ""
}

// byID picks udev's name for what a device is: the shortest, which longer ones only
// repeat with more words. Names by path, number or label are none.
func byID(links []string) string {
	var names []string
	for _, link := range links {
		if name, ok := strings.CutPrefix(link, "disk/by-id/"); ok {
			names = append(names, name)
			continue
		}
		for _, p := range [...]string{"bcache/by-uuid/", "drbd/by-res/", "rbd/", "zvol/"} {
			if strings.HasPrefix(link, p) {
				names = append(names, link)
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	return slices.MinFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
}

// The kinds of identities, by how long they stay with a device: what is written
// on it can be written again.
const (
	rankName = iota
	rankContent
	rankUdevName
	rankOwn
)

func (id ID) rank() int {
	prefix, _, ok := strings.Cut(string(id), ":")
	if !ok {
		return rankOwn
	}
	switch prefix {
	case "kernel", "name":
		return rankName
	case "fsuuid", "partuuid", "ptuuid":
		return rankContent
	case "by-id":
		return rankUdevName
	}
	return rankOwn
}

// kind is what an identity is, in words.
func (id ID) kind() string {
	prefix, _, ok := strings.Cut(string(id), ":")
	switch prefix {
	case "kernel", "name":
		return "a mere name"
	case "serial":
		return "a serial"
	case "by-id":
		return "a name by udev"
	case "ptuuid":
		return "a partition table's UUID"
	case "partuuid":
		return "a partition's UUID"
	case "fsuuid":
		return "a filesystem's UUID"
	}
	switch {
	case strings.HasPrefix(prefix, "md-uuid-"):
		return "an md array's UUID"
	case ok && strings.Trim(prefix, "abcdefghijklmnopqrstuvwxyz") == "":
		return "the identity of the device below"
	}
	return "a WWID that is no SAN's"
}

// Continue compares the devices with those of the last run of the same boot. A device
// that has a better identity now than it had keeps the former one as Was: it was
// partitioned, or an older version knew only its name. One that udev has lost keeps the
// identity that it had.
func Continue(was, is []LUN) {
	before := make(map[string]*LUN, len(was))
	for i := range was {
		if was[i].ID.rank() < rankOwn || was[i].Was != "" {
			before[was[i].Kernel] = &was[i]
		}
	}
	for i := range is {
		l := &is[i]
		old, ok := before[l.Kernel]
		if !ok || isDM(l.Kernel) || old.Dev != l.Dev || old.DiskSeq != l.DiskSeq {
			continue
		}
		resized := old.SizeBytes != l.SizeBytes
		switch sure := l.DiskSeq != 0; {
		case old.ID == l.ID:
			l.Was = old.Was
		case l.ID.rank() < old.ID.rank():
			if sure || !resized {
				l.ID = old.ID
			}
		case sure || old.ID.Local() && !resized:
			l.Was = old.ID
		}
	}
}
