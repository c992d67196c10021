package blob

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"lunstat/mapper"
)

// A mapping of the first version has no reaches and no pools. One of the second has no
// limits and colours of single LUNs. One of the third has no addresses of disks.
const (
	mappingVersion = 1
	reachVersion   = 2
	limitsVersion  = 3
	addressVersion = 4
)

// AppendMapping writes a host's devices. Every run reads them, even those of 10,000
// LUNs, so JSON would be too slow.
func AppendMapping(b []byte, luns []mapper.LUN) []byte {
	version := byte(mappingVersion)
	if slices.ContainsFunc(luns, func(l mapper.LUN) bool { return l.Reach != "" || l.Was != "" || l.Pool != mapper.Pool{} }) {
		version = reachVersion
	}
	if slices.ContainsFunc(luns, func(l mapper.LUN) bool { return l.Colour != "" || l.Limits != mapper.Limits{} }) {
		version = limitsVersion
	}
	if slices.ContainsFunc(luns, func(l mapper.LUN) bool { return l.HCTL != "" }) {
		version = addressVersion
	}
	b = append(b, version)
	b = binary.AppendUvarint(b, uint64(len(luns)))
	for i := range luns {
		b = appendLUN(b, &luns[i], version)
	}
	return b
}

func appendLUN(b []byte, l *mapper.LUN, version byte) []byte {
	for _, s := range lunStrings(l) {
		b = appendString(b, *s)
	}
	if version >= reachVersion {
		b = appendStrings(appendString(appendString(appendString(b, string(l.Reach)), l.ReachFrom), string(l.Was)), l.SAN)
		b = appendString(appendString(appendString(b, l.Pool.Kind), l.Pool.Name), l.Pool.UUID)
	}
	if version >= limitsVersion {
		b = appendString(b, l.Colour)
		for _, v := range [...]float64{l.Limits.AwaitMS, l.Limits.UtilPercent, l.Limits.FullPercent} {
			b = binary.AppendUvarint(b, uint64(math.Round(v*1000)))
		}
	}
	if version >= addressVersion {
		b = appendString(b, l.HCTL)
	}
	b = appendString(b, string(l.ID))
	b = appendString(b, string(l.Layer))
	b = appendDev(b, l.Dev)
	b = binary.AppendUvarint(b, l.SizeBytes)
	b = binary.AppendUvarint(b, l.DiskSeq)
	b = append(b, flags(l.Suspended, l.StatsOff, l.Swap, l.Bare, l.Written, l.Ignored))
	b = binary.AppendUvarint(b, uint64(len(l.Mounts)))
	for _, m := range l.Mounts {
		b = appendString(appendString(appendString(appendString(b, m.Point), m.FSType), m.Root), m.Source)
		b = append(b, flags(m.Hidden, m.RO))
	}
	b = appendStrings(appendStrings(b, l.Slaves), l.Holders)
	b = binary.AppendUvarint(b, uint64(len(l.Paths)))
	for _, p := range l.Paths {
		b = appendDev(b, p.Dev)
		b = appendString(appendString(appendString(b, p.Kernel), p.HCTL), p.State)
	}
	return b
}

func lunStrings(l *mapper.LUN) []*string {
	return []*string{&l.Kernel, &l.UUID, &l.DMName, &l.VG, &l.LV, &l.WWID, &l.Serial, &l.Role, &l.RoleFrom, &l.Label, &l.Group}
}

// DecodeMapping undoes [AppendMapping].
func DecodeMapping(b []byte) ([]mapper.LUN, error) {
	c := cursor{b: b, text: string(b)}
	v := c.byte()
	if c.err == nil && (v < mappingVersion || v > addressVersion) {
		return nil, fmt.Errorf("mapping of version %d: %w", v, ErrMalformed)
	}
	luns := make([]mapper.LUN, c.count(lunSize))
	for i := range luns {
		c.lun(&luns[i], v)
		if c.err != nil {
			break
		}
	}
	if len(luns) == 0 {
		luns = nil
	}
	return luns, c.end()
}

func (c *cursor) lun(l *mapper.LUN, version byte) {
	for _, s := range lunStrings(l) {
		*s = c.string()
	}
	if version >= reachVersion {
		l.Reach, l.ReachFrom, l.Was, l.SAN = mapper.Reach(c.string()), c.string(), mapper.ID(c.string()), c.strings()
		l.Pool = mapper.Pool{Kind: c.string(), Name: c.string(), UUID: c.string()}
	}
	if version >= limitsVersion {
		l.Colour = c.string()
		l.Limits = mapper.Limits{AwaitMS: c.thousandths(), UtilPercent: c.thousandths(), FullPercent: c.thousandths()}
	}
	if version >= addressVersion {
		l.HCTL = c.string()
	}
	l.ID, l.Layer, l.Dev = mapper.ID(c.string()), mapper.Layer(c.string()), c.dev()
	l.SizeBytes, l.DiskSeq = c.uvarint(), c.uvarint()
	f := c.byte()
	l.Suspended, l.StatsOff, l.Swap = f&1 != 0, f&2 != 0, f&4 != 0
	l.Bare, l.Written, l.Ignored = f&8 != 0, f&16 != 0, f&32 != 0
	for range c.count(mountSize) {
		m := mapper.Mount{Point: c.string(), FSType: c.string(), Root: c.string(), Source: c.string()}
		f := c.byte()
		m.Hidden, m.RO = f&1 != 0, f&2 != 0
		l.Mounts = append(l.Mounts, m)
	}
	l.Slaves, l.Holders = c.strings(), c.strings()
	for range c.count(pathSize) {
		l.Paths = append(l.Paths, mapper.Path{Dev: c.dev(), Kernel: c.string(), HCTL: c.string(), State: c.string()})
	}
}

// thousandths reads a limit. No config sets one of a million.
func (c *cursor) thousandths() float64 {
	n := c.uvarint()
	if n > 1e12 {
		c.fail()
	}
	return float64(n) / 1000
}

func flags(set ...bool) (b byte) {
	for i, s := range set {
		if s {
			b |= 1 << i
		}
	}
	return b
}

func appendDev(b []byte, d mapper.DevNo) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(d.Major)), uint64(d.Minor))
}

func (c *cursor) dev() mapper.DevNo {
	return mapper.DevNo{Major: uint32(c.uvarint()), Minor: uint32(c.uvarint())}
}

func appendStrings(b []byte, l []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(l)))
	for _, s := range l {
		b = appendString(b, s)
	}
	return b
}

func (c *cursor) strings() (l []string) {
	for range c.count(stringSize) {
		l = append(l, c.string())
	}
	return l
}
