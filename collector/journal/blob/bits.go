package blob

import "math/bits"

// bitWriter appends numbers of known ranges to a blob, bit by bit.
type bitWriter struct {
	b    []byte
	bits uint64 // those of the last byte that is not full, from the lowest
	n    uint   // how many
}

// below writes v, which is at most max, with as few bits as a fixed table allows (a
// truncated binary code). Where max is 0 that is none.
func (w *bitWriter) below(v, max uint64) {
	short, long := shortCodes(max)
	if v < short {
		w.put(v, long-1)
		return
	}
	v += short
	w.put(v>>1, long-1)
	w.put(v&1, 1)
}

func (w *bitWriter) put(v uint64, n uint) {
	for n > 0 {
		take := min(n, 8-w.n)
		w.bits |= v & (1<<take - 1) << w.n
		v >>= take
		n -= take
		if w.n += take; w.n == 8 {
			w.b = append(w.b, byte(w.bits))
			w.bits, w.n = 0, 0
		}
	}
}

// end gives the blob, its last byte filled with zeros.
func (w *bitWriter) end() []byte {
	if w.n > 0 {
		w.b = append(w.b, byte(w.bits))
	}
	return w.b
}

// shortCodes: of max+1 numbers, the first short ones take long-1 bits, the others long.
// max is below 2⁶³.
func shortCodes(max uint64) (short uint64, long uint) {
	long = uint(bits.Len64(max + 1))
	return 1<<long - (max + 1), long
}

// bitReader undoes bitWriter on what is left of a cursor's blob.
type bitReader struct {
	c    *cursor
	bits uint64
	n    uint
}

func (r *bitReader) below(max uint64) uint64 {
	short, long := shortCodes(max)
	v := r.take(long - 1)
	if v >= short {
		v = v<<1 | r.take(1)
		v -= short
	}
	return v
}

func (r *bitReader) take(n uint) (v uint64) {
	for at := uint(0); n > 0; {
		if r.n == 0 {
			r.bits, r.n = uint64(r.c.byte()), 8
		}
		some := min(n, r.n)
		v |= r.bits & (1<<some - 1) << at
		r.bits >>= some
		r.n -= some
		at += some
		n -= some
	}
	return v
}

// end fails where the bits that fill the last byte are not zero.
func (r *bitReader) end() {
	if r.bits != 0 {
		r.c.fail()
	}
}
