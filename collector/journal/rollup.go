package journal

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"lunstat/collector/journal/blob"
	"lunstat/collector/series"
)

// width is one of the bins that are kept.
type width struct {
	code int64 // its place in a row's number
	d    time.Duration
	name string // in the table progress
}

// widths are those of package series.
func widths() [2]width {
	d := series.Widths()
	return [2]width{{0, d[0], "15m"}, {1, d[1], "1h"}}
}

// The bits of a roll-up's row: width, bin, row of that bin, block.
const (
	seqBits = 16
	binBits = 28
)

func rollupID(w width, bin, seq, part int64) int64 {
	return ((w.code<<binBits+bin)<<seqBits|seq)<<partBits | part
}

func binOfID(id int64) int64 { return id >> (seqBits + partBits) & (1<<binBits - 1) }

// widthOfID is the width of a row's bin; false for one that nobody wrote.
func widthOfID(id int64) (width, bool) {
	code := id >> (binBits + seqBits + partBits)
	all := widths()
	if code < 0 || code >= int64(len(all)) {
		return width{}, false
	}
	return all[code], true
}

// lastBin is the last that can be numbered; the first is 0, of 1970. A clock that
// shows a time outside is wrong, and its intervals are in no bin.
const lastBin = 1<<binBits - 1

// binEnd is the Unix second at which a bin ends. Blocks are relative to it.
func (w width) binEnd(bin int64) int64 { return (bin + 1) * int64(w.d/time.Second) }

// numbered is an interval and the number of its series.
type numbered struct {
	id int64
	*series.Interval
}

// blocks sorts intervals into blocks and gives each to put.
func (b *batch) blocks(all []numbered, end int64, put func(part int64, data []byte) error) error {
	slices.SortStableFunc(all, func(a, b numbered) int { return cmp.Compare(a.id, b.id) })
	var ids []int64
	var in []series.Interval
	for from := 0; from < len(all); {
		part := blob.BlockOf(all[from].id)
		ids, in = ids[:0], in[:0]
		for ; from < len(all) && blob.BlockOf(all[from].id) == part; from++ {
			ids, in = append(ids, all[from].id), append(in, *all[from].Interval)
		}
		if err := put(part, b.j.enc.Block(nil, ids, in, end)); err != nil {
			return err
		}
	}
	return nil
}

// closeBins rolls up what came before this run, where the run closes bins: so a bin
// is written when it is over, whichever of the hosts ends it, and however long
// nothing ran.
func (b *batch) closeBins(_ *host, m *series.Minute) error {
	for _, w := range widths() {
		if b.last.id == 1 || !series.ClosesBins(time.Unix(b.last.end, 0), m.Run.At.Wall, w.d) {
			continue
		}
		if err := b.roll(w, b.last.id-1); err != nil {
			return fmt.Errorf("bins of %s: %w", w.name, err)
		}
	}
	return nil
}

// roll writes the bins of all raw intervals up to a run that are in none yet.
func (b *batch) roll(w width, upTo int64) error {
	from, err := progress(b.row, "rolled_"+w.name)
	if err != nil {
		return err
	}
	parts, err := b.parts(from, upTo)
	if err != nil {
		return err
	}
	seqs := map[int64]int64{} // which row of a bin this is
	var room spare
	for _, part := range parts {
		f, err := b.fold(w, part, from, upTo, &room)
		if err != nil {
			return err
		}
		for _, bin := range f.bins() {
			if bin < 0 || bin > lastBin {
				continue
			}
			if err := b.addBin(w, bin, part, seqs, f[bin]); err != nil {
				return err
			}
		}
		room.give(f)
	}
	return b.setProgress("rolled_"+w.name, upTo)
}

// parts are the blocks that runs above from, up to upTo, have.
func (b *batch) parts(from, upTo int64) ([]int64, error) {
	rows, err := b.rows(`SELECT DISTINCT id & ? FROM sums WHERE id >= ? AND id < ? ORDER BY 1`, 1<<partBits-1, sumsID(from+1, 0), sumsID(upTo+1, 0))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var parts []int64
	for rows.Next() {
		var p int64
		if err := rows.Scan(&p); err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, rows.Err()
}

// fold rolls up one block of all those runs, which bounds the memory it takes.
func (b *batch) fold(w width, part, from, upTo int64, room *spare) (folded, error) {
	rows, err := b.rows(`SELECT s.id, r.end, s.data FROM run r JOIN sums s ON s.id = (r.id << ?) | ? WHERE r.id > ? AND r.id <= ? ORDER BY r.id`, partBits, part, from, upTo)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	f := folded{}
	var d blob.Decoder
	for rows.Next() {
		var block, end int64
		var data []byte
		if err := rows.Scan(&block, &end, &data); err != nil {
			return nil, err
		}
		ids, in, err := d.Run(data, end)
		if err != nil {
			b.j.damage.add(damagedSums(), block, second(end))
			continue
		}
		for i, id := range ids {
			f.add(w, id, in[i], room)
		}
	}
	return f, rows.Err()
}

func (b *batch) addBin(w width, bin, part int64, seqs map[int64]int64, of map[int64][]series.Interval) error {
	seq, ok := seqs[bin]
	if !ok {
		err := b.row(`SELECT coalesce(max(id) >> ? & ?, -1) + 1 FROM rollup WHERE id >= ? AND id < ?`,
			partBits, 1<<seqBits-1, rollupID(w, bin, 0, 0), rollupID(w, bin+1, 0, 0)).Scan(&seq)
		if err != nil {
			return err
		}
		seqs[bin] = seq
		if err := b.exec(`INSERT INTO closing (run, bin) VALUES (?, ?)`, b.last.id, rollupID(w, bin, seq, 0)>>partBits); err != nil {
			return err
		}
	}
	var all []numbered
	for id, in := range of {
		for _, i := range series.Roll(in, w.d) {
			all = append(all, numbered{id, &i})
		}
	}
	return b.blocks(all, w.binEnd(bin), func(part int64, data []byte) error {
		return b.exec(`INSERT INTO rollup (id, data) VALUES (?, ?)`, rollupID(w, bin, seq, part), data)
	})
}

// folded is intervals by bin and series, rolled up as they come.
type folded map[int64]map[int64][]series.Interval

// foldAt is how many intervals may wait to be rolled up: it bounds memory.
const foldAt = 16

// add takes an interval. room may be nil.
func (f folded) add(w width, id int64, i series.Interval, room *spare) {
	bin := series.BinOf(i.End, w.d)
	if f[bin] == nil {
		f[bin] = map[int64][]series.Interval{}
	}
	in := f[bin][id]
	if in == nil {
		in = room.take()
	}
	in = append(in, i)
	if len(in)%foldAt == 0 {
		in = series.Roll(in, w.d)
	}
	f[bin][id] = in
}

// spare is what held the intervals of one block, for the next: at 10,000 LUNs each bin
// would leave 100 MB behind.
type spare [][]series.Interval

func (s *spare) take() (in []series.Interval) {
	if s == nil || len(*s) == 0 {
		return nil
	}
	last := len(*s) - 1
	in, *s = (*s)[last], (*s)[:last]
	return in
}

// give gives back the memory of f, which nobody may use any longer.
func (s *spare) give(f folded) {
	for _, bin := range f {
		for _, in := range bin {
			*s = append(*s, in[:0])
		}
	}
}

func (f folded) bins() []int64 {
	bins := make([]int64, 0, len(f))
	for b := range f {
		bins = append(bins, b)
	}
	slices.Sort(bins)
	return bins
}
