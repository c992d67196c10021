package mapper

import (
	"fmt"
	"strings"
	"time"
)

// DevNo is a device number. It is valid only until the next reboot or re-creation.
// Minors go far above 255.
type DevNo struct {
	Major, Minor uint32
}

// String is the kernel's own form, "253:13".
func (d DevNo) String() string { return fmt.Sprintf("%d:%d", d.Major, d.Minor) }

// ID is a LUN's identity. It is, in this order:
//
//   - the dm uuid ("LVM-…", "mpath-3600…", "CRYPT-…");
//   - the disk's WWID as sysfs or udev has it ("naa.600508b4…", "nvme.…",
//     "3600…"; of md RAID "md-uuid-…");
//   - the disk's serial, as "serial:ZC123";
//   - for a partition its disk's identity and "-part3";
//   - for a path of a multipath map "WWID@0:0:1:7" (host:channel:target:LUN),
//     for one of NVMe's own multipath "WWID@c1" (the controller);
//   - for a bcache and the like the identity of the one device that it is on,
//     as "bcache:serial:ZC123";
//   - udev's name for it ("by-id:rbd/pool/image"), the UUID of its partition table
//     ("ptuuid:…"), of itself as a partition ("partuuid:…") or of its filesystem
//     ("fsuuid:…"; a member's of several, "fsuuid:…/…");
//   - else the dm name ("name:slow") or the kernel name ("kernel:sdb"): see
//     [ID.Local].
//
// Its [Reach] says how far it is unique.
type ID string

// Local reports whether the identity is only a name, which another device may have
// after the next boot.
func (id ID) Local() bool {
	return strings.HasPrefix(string(id), "name:") || strings.HasPrefix(string(id), "kernel:")
}

// Layer says where a device is in the stack of its host.
type Layer string

// The layers. Their figures are never added to each other, because the LV, the map and
// the path each count the same write.
const (
	LayerLUN    Layer = "lun"    // what the host uses as storage
	LayerHidden Layer = "hidden" // an LV's parts: _rimage_0, _tdata, -cow, -real
	LayerMap    Layer = "map"    // a multipath map below something
	LayerCrypt  Layer = "crypt"  // dm-crypt below something
	LayerPart   Layer = "part"   // a partition that is held or unused
	LayerDisk   Layer = "disk"   // a whole disk, unless it is a path
	LayerPath   Layer = "path"   // one way to a LUN of an array
	LayerOther  Layer = "other"  // loop, ram, zram, CD, floppy, size 0
)

// Mount is one place where a LUN's filesystem is mounted.
type Mount struct {
	Point  string `json:"point"`               // as the kernel has it, octal escapes undone
	FSType string `json:"fstype"`              // ext4, xfs, …
	Root   string `json:"root,omitempty"`      // which part of the filesystem; "/" but for binds and subvolumes
	Source string `json:"source,omitempty"`    // the mount's source, /dev/mapper/…
	Hidden bool   `json:"hidden,omitempty"`    // another filesystem is mounted over it
	RO     bool   `json:"read_only,omitempty"` // read-only
}

// Path is one way from the host to a multipath LUN.
type Path struct {
	Kernel string `json:"kernel"`          // "sdc"
	Dev    DevNo  `json:"dev"`             //
	HCTL   string `json:"hctl,omitempty"`  // "0:0:1:7"; NVMe: the controller, "c1"
	State  string `json:"state,omitempty"` // the device's state: running, offline, … (NVMe: live, …); "" is unknown
}

// LUN is one block device of one host at one moment: a LUN or a layer below one (see
// [Layer]). The zero value of a field means that it is unknown or that the device has
// none. As JSON it is in the journal's ledger and in InfluxDB's, so its keys are part
// of both schemas.
type LUN struct {
	Kernel string `json:"kernel"` // the kernel's name at this moment, "dm-13"
	Dev    DevNo  `json:"dev"`
	ID     ID     `json:"id"`
	UUID   string `json:"uuid,omitempty"`    // dm/uuid
	DMName string `json:"dm_name,omitempty"` // dm/name as the kernel has it, whose doubled hyphens and \x20 are not undone
	VG     string `json:"vg,omitempty"`      // LVM's names, hyphens undone
	LV     string `json:"lv,omitempty"`
	WWID   string `json:"wwid,omitempty"` // a disk's or map's
	Serial string `json:"serial,omitempty"`
	HCTL   string `json:"hctl,omitempty"` // a SCSI disk's address, "1:0:0:7"; a path's is in its map's Paths
	Pool   Pool   `json:"pool,omitzero"`  // what it belongs to that has no device of its own: a ZFS pool

	Reach     Reach    `json:"reach,omitempty"`      // how far ID is unique; "" in a ledger that is older than reaches
	ReachFrom string   `json:"reach_from,omitempty"` // why, in words
	SAN       []string `json:"san,omitempty"`        // WWIDs, in multipath's spelling, of the SAN LUNs that all of it rests on
	// Was is the identity that the same device had in the last run of this boot,
	// before a better one was known: a report goes on with one curve.
	Was ID `json:"was,omitempty"`

	SizeBytes uint64 `json:"size_bytes,omitempty"` // 512-byte sectors of /sys/block/*/size × 512
	DiskSeq   uint64 `json:"diskseq,omitempty"`    // /sys/block/*/diskseq, Linux 5.15 and later; 0 is unknown
	Suspended bool   `json:"suspended,omitempty"`  // dm/suspended: I/O is held back
	StatsOff  bool   `json:"stats_off,omitempty"`  // queue/iostats is 0
	Bare      bool   `json:"bare,omitempty"`       // a disk or partition without a partition table, a filesystem or anything else that udev knows
	Written   bool   `json:"written,omitempty"`    // something was written to it all the same: a raw database; see [MarkWritten]

	Layer    Layer  `json:"layer,omitempty"`
	Ignored  bool   `json:"ignored,omitempty"`   // the config says that it isn't a LUN
	Role     string `json:"role,omitempty"`      // mysql, primary, secondary, index, redo, log, backup, base, system, swap, …; "" is unknown
	RoleFrom string `json:"role_from,omitempty"` // "config", "mount", "name": a role from the latter two is a guess
	Label    string `json:"label,omitempty"`     // what people call it: "MySQL data"
	Group    string `json:"group,omitempty"`     // the mailstore or service it belongs to: "zimbra1"

	Colour  string   `json:"colour,omitempty"` // the config's, "#0072b2"; "": that of its role
	Limits  Limits   `json:"limits,omitzero"`  // the config's for this LUN alone
	Mounts  []Mount  `json:"mounts,omitempty"`
	Swap    bool     `json:"swap,omitempty"`
	Slaves  []string `json:"slaves,omitempty"`  // kernel names of what it is on
	Holders []string `json:"holders,omitempty"` // kernel names of what is on it
	Paths   []Path   `json:"paths,omitempty"`   // of a multipath map
}

// Name is the name to show with the label. It is the dm name, with LVM's and
// libdevmapper's escapes as the kernel has them, or else the kernel's name.
func (l *LUN) Name() string {
	if l.DMName != "" {
		return l.DMName
	}
	return l.Kernel
}

// Title is the LUN's name for people: "MySQL data of zimbra1", or else the label or the
// name.
func (l *LUN) Title() string {
	switch {
	case l.Label == "":
		return l.Name()
	case l.Group == "" || strings.Contains(l.Label, l.Group):
		return l.Label
	default:
		return l.Label + " of " + l.Group
	}
}

// Mounted is the LUN's first mount point, or "". It leaves out mounts that another
// mount hides, and binds of a single file.
func (l *LUN) Mounted() string {
	for i := range l.Mounts {
		if m := &l.Mounts[i]; !m.Hidden && m.names() {
			return m.Point
		}
	}
	return ""
}

// Reached is the first mount point at which the filesystem can be asked for its space,
// or "".
func (l *LUN) Reached() string {
	if point := l.Mounted(); point != "" {
		return point
	}
	for _, m := range l.Mounts {
		if !m.Hidden {
			return m.Point
		}
	}
	return ""
}

// Paths are the roots of a host's files. Pointing them at a
// captured tree puts the whole program on that host.
type Paths struct {
	Proc string // /proc
	Sys  string // /sys
	Dev  string // /dev
	Udev string // /run/udev/data
}

// Entry is one entry of the ledger: what a LUN was on one host, from when to when.
type Entry struct {
	Host   string
	BootID string
	Source string    // whose word it is: "host", "array", …
	From   time.Time // the reading in which it was first so
	To     time.Time // the reading in which it was first no longer so; zero: it is so still
	Colour int       // order of first sight within its role: the shade in every picture
	LUN    LUN
}
