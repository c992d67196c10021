package blob

import (
	"encoding/binary"
	"fmt"

	"lunstat/collector/series"
	"lunstat/mapper"
)

const lastStoredVersion = 1

// keySpaceSize is about how many bytes one takes that is decoded.
const keySpaceSize = 200

// AppendLastStored writes the spaces that a host stored last. Every run reads and writes
// them, and JSON takes five times as long: more than all else in a run of 1,000 mounted
// LUNs.
func AppendLastStored(b []byte, spaces []series.KeySpace) []byte {
	b = binary.AppendUvarint(append(b, lastStoredVersion), uint64(len(spaces)))
	var last series.KeySpace
	for i := range spaces {
		s := &spaces[i]
		b = appendString(b, string(s.Key.ID))
		b = appendAgain(appendAgain(b, s.Key.Host, last.Key.Host), s.Key.Source, last.Key.Source)
		b = appendString(b, s.Mount)
		b = binary.AppendVarint(b, int64(stamp(s.At)-stamp(last.At)))
		for _, p := range figures(&s.Space) {
			b = binary.AppendUvarint(b, *p)
		}
		last = *s
	}
	return b
}

// DecodeLastStored undoes [AppendLastStored].
func DecodeLastStored(b []byte) ([]series.KeySpace, error) {
	c := cursor{b: b, text: string(b)}
	if v := c.byte(); c.err == nil && v != lastStoredVersion {
		return nil, fmt.Errorf("spaces of version %d: %w", v, ErrMalformed)
	}
	spaces := make([]series.KeySpace, c.count(keySpaceSize))
	var last series.KeySpace
	for i := range spaces {
		s := &spaces[i]
		s.Key.ID = mapper.ID(c.string())
		s.Key.Host, s.Key.Source = c.again(last.Key.Host), c.again(last.Key.Source)
		s.Mount = c.string()
		s.At = unstamp(stamp(last.At) + uint64(c.varint()))
		for _, p := range figures(&s.Space) {
			*p = c.uvarint()
		}
		if c.err != nil {
			break
		}
		last = *s
	}
	return spaces, c.end()
}

func figures(s *series.Space) [6]*uint64 {
	return [...]*uint64{&s.SizeBytes, &s.UsedBytes, &s.AvailBytes, &s.FreeBytes, &s.Inodes, &s.InodesUsed}
}

// appendAgain writes a string that mostly is the same as the last one: then 0 is all.
func appendAgain(b []byte, s, last string) []byte {
	if s == last {
		return append(b, 0)
	}
	return appendString(append(b, 1), s)
}

func (c *cursor) again(last string) string {
	if c.byte() == 0 {
		return last
	}
	return c.string()
}
