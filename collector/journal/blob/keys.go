package blob

import (
	"encoding/binary"
	"fmt"

	"lunstat/collector/series"
	"lunstat/mapper"
)

const keysVersion = 1

// AppendKeys writes a host's series and their numbers. At 10,000 LUNs, reading them as
// rows of a table would cost more than everything else in a run.
func AppendKeys(b []byte, ids map[series.Key]int64, order []series.Key) []byte {
	b = append(b, keysVersion)
	b = binary.AppendUvarint(b, uint64(len(order)))
	for _, k := range order {
		b = binary.AppendUvarint(b, uint64(ids[k]))
		b = appendString(appendString(b, string(k.ID)), k.Source)
	}
	return b
}

// DecodeKeys reads what [AppendKeys] wrote for a host, and gives the keys in their
// order.
func DecodeKeys(b []byte, host string) (map[series.Key]int64, []series.Key, error) {
	c := cursor{b: b, text: string(b)}
	if v := c.byte(); c.err == nil && v != keysVersion {
		return nil, nil, fmt.Errorf("keys of version %d: %w", v, ErrMalformed)
	}
	n := c.count(keySize)
	ids, order := make(map[series.Key]int64, n), make([]series.Key, 0, n)
	for range n {
		id := int64(c.uvarint())
		k := series.Key{ID: mapper.ID(c.string()), Source: c.string(), Host: host}
		if c.err != nil {
			break
		}
		if _, twice := ids[k]; !twice {
			order = append(order, k)
		}
		ids[k] = id
	}
	return ids, order, c.end()
}
