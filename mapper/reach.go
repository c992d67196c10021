package mapper

import (
	"slices"
	"strings"
)

// Reach is how far an identity is unique. A report joins what two hosts saw only if the
// reach allows it.
type Reach string

// The reaches. "" is an entry of a ledger that didn't keep them yet: see
// [Reaches.Of].
const (
	// ReachGlobal: no other LUN has the identity. It is a SAN's WWID, or everything
	// below the LUN is a SAN LUN, or the config says so.
	ReachGlobal Reach = "global"
	// ReachMoving: a dm uuid belongs to the data, so a clone has it too. Two hosts that
	// had it one after the other may have passed the LUN on.
	ReachMoving Reach = "moving"
	// ReachHost: another host may give it to another LUN. Every hypervisor's first
	// disk has the serial drive-scsi0.
	ReachHost Reach = "host"
)

// mostSAN bounds how many WWIDs an LV of many physical volumes lists: they are there
// to compare two hosts', and the first few do that.
const mostSAN = 16

// SANWWID gives a WWID in multipath's spelling if its maker promises that it is unique.
// It is not ok for what only looks like one: the SCSI name that libata gives to a disk
// of the host's own, a guest's made-up serial, zeros.
func SANWWID(wwid string) (plain string, ok bool) {
	plain = PlainWWID(wwid)
	if uuid, isUUID := strings.CutPrefix(plain, "uuid."); isUUID { // an NVMe namespace's
		return plain, strings.Trim(uuid, "0-") != ""
	}
	if len(plain) < 2 {
		return plain, false
	}
	switch body := plain[1:]; plain[0] {
	case '3', '2': // NAA, EUI-64
		return plain, len(body) >= 4 && isHex(body) && strings.Trim(body, "0") != ""
	case '1': // T10: eight characters of the vendor, then its own
		return plain, sanVendor(body)
	}
	return plain, false
}

// sanVendor reports a T10 vendor that makes arrays. "ATA" means any disk on
// SATA; the others are hypervisors, whose guests' disks are numbered from 0 on.
func sanVendor(body string) bool {
	vendor, rest := body[:min(8, len(body))], ""
	if i := strings.IndexAny(vendor, " _"); i >= 0 {
		vendor = vendor[:i]
	}
	rest = strings.Trim(body[len(vendor):], " _0")
	switch vendor {
	case "", "ata", "qemu", "vbox":
		return false
	}
	return rest != ""
}

func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdef") == ""
}

// Reaches says how far identities reach, for LUNs that are on each other. It remembers
// what it found, so use it for one reading of a host only.
type Reaches struct {
	// Below gives a LUN that another one has among its Slaves, nil where it is
	// unknown.
	Below func(l *LUN, kernel string) *LUN
	found map[*LUN]basis
}

// basis is what a LUN rests on.
type basis struct {
	san []string // sorted
	all bool     // and on nothing else
}

// Of says how far a LUN's identity is unique, why, and which SAN LUNs (their WWIDs)
// hold all of it. It ignores the config; [Classify] takes care of that.
func (r *Reaches) Of(l *LUN) (reach Reach, why string, san []string) {
	switch {
	case strings.HasSuffix(string(l.ID), "#"+l.Kernel):
		return ReachHost, "another device of this host has the same identity", nil
	case l.ID.Local():
		return ReachHost, "a mere name", nil
	case l.UUID == "" && l.ID.isPath():
		return ReachHost, "a path of this host", nil
	}
	if b := r.basis(l, 0); b.all {
		if _, own := SANWWID(ownWWID(l)); own {
			return ReachGlobal, "the WWID of a SAN LUN", b.san
		}
		return ReachGlobal, "all of it is on SAN LUNs", b.san
	}
	if l.UUID != "" || isDMUUID(string(l.ID)) {
		return ReachMoving, "a dm uuid, which a clone has too", nil
	}
	return ReachHost, l.ID.kind() + ", which another host may have too", nil
}

// isPath reports the identity of a path, "WWID@0:0:1:7". A dm uuid, a serial or a
// snapshot's name ("zvol/tank/vm@monday") may have such a character, too.
func (id ID) isPath() bool {
	return id.rank() == rankOwn && !isDMUUID(string(id)) && !strings.HasPrefix(string(id), "serial:") && strings.Contains(string(id), "@")
}

// deepest is more than storage is ever stacked; torn facts may make a ring.
const deepest = 16

func (r *Reaches) basis(l *LUN, depth int) basis {
	if b, known := r.found[l]; known {
		return b
	}
	b := r.findBasis(l, depth)
	if r.found == nil {
		r.found = make(map[*LUN]basis)
	}
	r.found[l] = b
	return b
}

func (r *Reaches) findBasis(l *LUN, depth int) (b basis) {
	if wwid, ok := SANWWID(ownWWID(l)); ok {
		return basis{[]string{wwid}, true}
	}
	_, _, isPart := partition(l)
	if depth == deepest || len(l.Slaves) == 0 || !isDM(l.Kernel) && !isMD(l.Kernel) && !isPart {
		return basis{}
	}
	for _, kernel := range l.Slaves {
		below := r.Below(l, kernel)
		if below == nil {
			return basis{}
		}
		part := r.basis(below, depth+1)
		if !part.all {
			return basis{}
		}
		b.san = append(b.san, part.san...)
	}
	slices.Sort(b.san)
	b.san = slices.Compact(b.san)
	return basis{b.san[:min(len(b.san), mostSAN)], true}
}

// ownWWID is the WWID that a LUN has itself. Tags of InfluxDB keep only a LUN's identity,
// which has it too.
func ownWWID(l *LUN) string {
	if l.WWID != "" {
		return l.WWID
	}
	return strings.TrimPrefix(withoutPart(string(l.ID)), "mpath-")
}

// withoutPart is the identity of the disk that a partition is on.
func withoutPart(id string) string {
	base := strings.TrimRight(id, "0123456789")
	if disk, ok := strings.CutSuffix(base, "-part"); ok && base != id {
		return disk
	}
	return id
}

// isDMUUID tells a dm uuid from the other identities.
func isDMUUID(id string) bool {
	for _, p := range [...]string{"LVM-", "mpath-", "CRYPT-"} {
		if strings.HasPrefix(id, p) {
			return true
		}
	}
	part, _, ok := strings.Cut(id, "-mpath-")
	return ok && strings.HasPrefix(part, "part")
}

// reaches says how far each identity is unique; the config has the last word.
func (x *index) reaches(named map[int]Rule) {
	r := Reaches{Below: func(_ *LUN, kernel string) *LUN {
		if i, ok := x.kernel[kernel]; ok {
			return &x.devs[i]
		}
		return nil
	}}
	for i := range x.devs {
		l := &x.devs[i]
		l.Reach, l.ReachFrom, l.SAN = r.Of(l)
		if named[i].Shared {
			l.Reach, l.ReachFrom, l.SAN = ReachGlobal, "the config says that it is shared", nil
		}
	}
}
