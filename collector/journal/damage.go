package journal

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/dustin/go-humanize/english"

	"lunstat/collector/series"
)

// damage is what of a journal could not be decoded, and so was left out. SQLite
// finds nothing wrong with such a file: all else in it holds.
type damage struct {
	mu   sync.Mutex
	seen map[blobID]bool
	all  []damagedTable
}

type blobID struct {
	kind damagedKind
	id   int64
}

// damagedKind is a kind of blobs, in the singular, and what is done without them.
type damagedKind struct{ what, how string }

// damagedTable counts the blobs of one kind.
type damagedTable struct {
	kind  damagedKind
	n     int
	first time.Time // of the first that was met; zero is unknown
}

// mostDamaged bounds what is remembered: more blobs of a kind are not told apart.
const mostDamaged = 100_000

// The kinds of blobs.
func damagedSums() damagedKind   { return damagedKind{"block of intervals", "left out"} }
func damagedSpace() damagedKind  { return damagedKind{"row of filesystems' space", "left out"} }
func damagedPoints() damagedKind { return damagedKind{"set of refused points", "left out"} }
func damagedLedger() damagedKind {
	return damagedKind{"entry of the ledger", "replaced by an earlier or a later one"}
}

func damagedBins(w width, mended bool) damagedKind {
	if mended {
		return damagedKind{"block of bins of " + w.name, "computed again from its minutes"}
	}
	return damagedKind{"block of bins of " + w.name, "left out"}
}

// add takes note of a blob, once however often it is read.
func (d *damage) add(kind damagedKind, id int64, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := blobID{kind, id}
	if d.seen[b] || len(d.seen) >= mostDamaged {
		return
	}
	if d.seen == nil {
		d.seen = map[blobID]bool{}
	}
	d.seen[b] = true
	n := slices.IndexFunc(d.all, func(t damagedTable) bool { return t.kind == kind })
	if n < 0 {
		n = len(d.all)
		d.all = append(d.all, damagedTable{kind: kind, first: at})
	}
	d.all[n].n++
}

// warnings says what was left out.
func (d *damage) warnings(path string) []series.Warning {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []series.Warning
	for _, t := range d.all {
		is := "is"
		if t.n > 1 {
			is = "are"
		}
		text := fmt.Sprintf("%s in the journal %s %s damaged and %s", english.Plural(t.n, t.kind.what, pluralOf(t.kind.what)), path, is, t.kind.how)
		if !t.first.IsZero() {
			text += ": the first is of " + t.first.UTC().Format(time.RFC3339)
		}
		all = append(all, series.Warning{What: text, Hint: "everything else in the journal is sound; if this happens again, check this host's disk and memory"})
	}
	return all
}

// pluralOf puts the first word of a phrase into the plural.
func pluralOf(what string) string {
	for i := range len(what) {
		if what[i] == ' ' {
			return what[:i] + "s" + what[i:]
		}
	}
	return what + "s"
}

func second(s int64) time.Time { return time.Unix(s, 0).UTC() }
