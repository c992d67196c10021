package blob

import (
	"encoding/binary"
	"fmt"
	"time"

	"lunstat/collector/series"
)

const spaceVersion = 1

// Filesystem is what rarely changes of a space. A journal stores it once, and the blobs
// store the difference from it. Reserved is what only root can still write.
type Filesystem struct {
	SizeBytes, ReservedBytes, Inodes int64
}

// FilesystemOf is the part of a space that rarely changes.
func FilesystemOf(s *series.Space) Filesystem {
	return Filesystem{SizeBytes: int64(s.SizeBytes), ReservedBytes: int64(s.FreeBytes - s.AvailBytes), Inodes: int64(s.Inodes)}
}

// NumberedSpace is a space with the number of its filesystem and what is known of it.
type NumberedSpace struct {
	ID int64
	Of Filesystem
	*series.Space
}

// Spaces writes the spaces of one run, in ascending order of their filesystems. It
// writes by column, and only the difference from the filesystem's own figures, which is
// nearly always 0. end is the Unix second that they are stored relative to.
func (e *Encoder) Spaces(all []NumberedSpace, end int64) []byte {
	b := binary.AppendUvarint([]byte{spaceVersion}, uint64(len(all)))
	last := int64(0)
	for _, s := range all {
		b = binary.AppendUvarint(b, uint64(s.ID-last))
		last = s.ID
	}
	for n := range spaceColumns {
		e.col = e.col[:0]
		for i := range all {
			s := &all[i]
			e.col = append(e.col, [spaceColumns]uint64{
				zigzag(s.At.UnixNano() - end*1e9),
				zigzag(int64(s.SizeBytes) - s.Of.SizeBytes),
				s.UsedBytes,
				zigzag(int64(s.SizeBytes - s.UsedBytes - s.FreeBytes)),
				zigzag(int64(s.FreeBytes-s.AvailBytes) - s.Of.ReservedBytes),
				zigzag(int64(s.Inodes) - s.Of.Inodes),
				s.InodesUsed,
			}[n])
		}
		b = appendColumn(b, e.col)
	}
	return b
}

const spaceColumns = 7

// longestAside is how far from its run's second a space may have been read.
const longestAside = 24 * time.Hour

// DecodeSpaces reads what [Encoder.Spaces] wrote. of gives the filesystem with a
// number; if its ok is false, fn does not get that filesystem's space.
func DecodeSpaces(b []byte, end int64, of func(id int64) (fs Filesystem, ok bool), fn func(id int64, s *series.Space) error) error {
	c := cursor{b: b}
	if v := c.byte(); c.err == nil && v != spaceVersion {
		return fmt.Errorf("space of version %d: %w", v, ErrMalformed)
	}
	n := c.count(spaceSize)
	ids := make([]int64, n)
	last := int64(0)
	for i := range ids {
		last += int64(c.uvarint())
		ids[i] = last
	}
	var cols [spaceColumns][]uint64
	for k := range cols {
		cols[k] = make([]uint64, n)
		c.column(cols[k])
	}
	if err := c.end(); err != nil {
		return err
	}
	for _, delta := range cols[0] {
		if d := unzigzag(delta); d < -int64(longestAside) || d > int64(longestAside) {
			return fmt.Errorf("a space of %d ns beside its run: %w", d, ErrMalformed)
		}
	}
	for i, id := range ids {
		fs, ok := of(id)
		if !ok {
			continue
		}
		s := series.Space{At: time.Unix(end, unzigzag(cols[0][i])).UTC(), UsedBytes: cols[2][i], InodesUsed: cols[6][i]}
		s.SizeBytes = uint64(fs.SizeBytes + unzigzag(cols[1][i]))
		s.FreeBytes = s.SizeBytes - s.UsedBytes - uint64(unzigzag(cols[3][i]))
		s.AvailBytes = s.FreeBytes - uint64(fs.ReservedBytes+unzigzag(cols[4][i]))
		s.Inodes = uint64(fs.Inodes + unzigzag(cols[5][i]))
		if err := fn(id, &s); err != nil {
			return err
		}
	}
	return nil
}
