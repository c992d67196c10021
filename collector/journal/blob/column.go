package blob

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// A column is n numbers. Its first byte says how they are written: the lower two bits
// are the layout, the upper six the number of zero bits that all of them end in
// (bytes are multiples of 512 or 4096), which are left out. The layouts are worth their
// code: with varints alone a journal takes 44.9 bytes for each LUN and minute, with
// them 37.8 (TestBytesPerLUNMinute).
const (
	columnSame   = iota // one varint for all
	columnEach          // a varint each
	columnSparse        // a bitmap of those that are not 0, and their varints
	columnFixed         // a byte says how many bytes each takes
)

// allZero as the shift says that there is nothing but 0, and nothing follows.
const allZero = 63

// ErrMalformed: this package can't have written the blob.
var ErrMalformed = errors.New("malformed blob")

func uvarintLen(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }

// appendColumn takes the layout that is shortest; of two, the first above.
func appendColumn(b []byte, col []uint64) []byte {
	var all, most uint64
	same := true
	for _, v := range col {
		all |= v
		most = max(most, v)
		same = same && v == col[0]
	}
	if all == 0 {
		return append(b, columnSame|allZero<<2)
	}
	shift := min(bits.TrailingZeros64(all), allZero-1)
	each, some := 0, (len(col)+7)/8
	for _, v := range col {
		n := uvarintLen(v >> shift)
		each += n
		if v != 0 {
			some += n
		}
	}
	head, width := byte(shift<<2), (bits.Len64(most>>shift)+7)/8
	switch {
	case same:
		return binary.AppendUvarint(append(b, head) /* columnSame */, col[0]>>shift)
	case 1+width*len(col) < min(each, some):
		b = append(b, head|columnFixed, byte(width))
		for _, v := range col {
			v >>= shift
			for range width {
				b = append(b, byte(v))
				v >>= 8
			}
		}
	case some < each:
		b = appendSparse(append(b, head|columnSparse), col, shift)
	default:
		b = append(b, head|columnEach)
		for _, v := range col {
			b = binary.AppendUvarint(b, v>>shift)
		}
	}
	return b
}

func appendSparse(b []byte, col []uint64, shift int) []byte {
	at := len(b)
	b = append(b, make([]byte, (len(col)+7)/8)...)
	for i, v := range col {
		if v != 0 {
			b[at+i/8] |= 1 << (i % 8)
			b = binary.AppendUvarint(b, v>>shift)
		}
	}
	return b
}

// cursor reads a blob from front to back. After the first thing that is not as
// it should be, err is set and everything reads as 0.
type cursor struct {
	b    []byte
	text string // all of the blob, if its strings are to share one piece of memory
	took uint64 // bytes of memory for what was counted so far, about
	err  error
}

// maxDecoded bounds the memory that a blob may ask for: that of half a million LUNs.
const maxDecoded = 256 << 20

// About how many bytes things take that are decoded.
const (
	intervalSize = 560 // with a histogram
	lastSize     = 680
	instantSize  = 64
	lunSize      = 800
	mountSize    = 80
	pathSize     = 64
	stringSize   = 16
	keySize      = 160
	spaceSize    = 64
)

func (c *cursor) fail() {
	c.b = nil
	if c.err == nil {
		c.err = ErrMalformed
	}
}

func (c *cursor) uvarint() uint64 {
	if len(c.b) > 0 && c.b[0] < 0x80 {
		v := uint64(c.b[0])
		c.b = c.b[1:]
		return v
	}
	v, n := binary.Uvarint(c.b)
	if n <= 0 {
		c.fail()
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) varint() int64 { return unzigzag(c.uvarint()) }

func (c *cursor) byte() byte {
	b := c.bytes(1)
	if b == nil {
		return 0
	}
	return b[0]
}

func (c *cursor) bytes(n int) []byte {
	if n < 0 || n > len(c.b) {
		c.fail()
		return nil
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

func (c *cursor) string() string {
	n := c.uvarint()
	if n > uint64(len(c.b)) {
		c.fail()
		return ""
	}
	at := len(c.text) - len(c.b)
	b := c.bytes(int(n))
	if c.text != "" {
		return c.text[at : at+len(b)]
	}
	return string(b)
}

// count reads how many things follow, each of at least one byte and size bytes of
// memory: so nothing is allocated for a number that the blob can't hold or that no
// host has.
func (c *cursor) count(size uint64) int {
	n := c.uvarint()
	if n <= uint64(len(c.b)) {
		c.took += n * size
	}
	if n > uint64(len(c.b)) || c.took > maxDecoded {
		c.fail()
		return 0
	}
	return int(n)
}

// column fills col.
func (c *cursor) column(col []uint64) {
	head := c.byte()
	shift := head >> 2
	if shift == allZero || c.err != nil {
		clear(col)
		return
	}
	switch head & 3 {
	case columnSame:
		v := c.uvarint() << shift
		for i := range col {
			col[i] = v
		}
	case columnEach:
		for i := range col {
			col[i] = c.uvarint() << shift
		}
	case columnSparse:
		set := c.bytes((len(col) + 7) / 8)
		for i := range col {
			col[i] = 0
			if set != nil && set[i/8]&(1<<(i%8)) != 0 {
				col[i] = c.uvarint() << shift
			}
		}
	case columnFixed:
		width := int(c.byte())
		if width > 8 {
			c.fail()
		}
		for i := range col {
			var v [8]byte
			copy(v[:], c.bytes(width))
			col[i] = binary.LittleEndian.Uint64(v[:]) << shift
		}
	}
}

// end reports what went wrong; bytes left over are wrong, too.
func (c *cursor) end() error {
	if c.err == nil && len(c.b) > 0 {
		c.fail()
	}
	return c.err
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// zigzag makes small numbers of either sign short.
func zigzag(v int64) uint64   { return uint64(v<<1) ^ uint64(v>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }
