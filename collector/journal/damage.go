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
	what string
	id   int64
}

// damagedTable counts the blobs of one kind.
type damagedTable struct {
	what  string // in the singular: "block of intervals"
	n     int
	first time.Time // of the first that was met; zero is unknown
}

// mostDamaged bounds what is remembered: more blobs of a kind are not told apart.
const mostDamaged = 100_000

// The kinds of blobs.
const (
	damagedSums   = "block of intervals"
	damagedSpace  = "row of filesystems' space"
	damagedLedger = "line of the ledger"
	damagedPoints = "set of refused points"
)

// add takes note of a blob, once however often it is read.
func (d *damage) add(what string, id int64, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := blobID{what, id}
	if d.seen[b] || len(d.seen) >= mostDamaged {
		return
	}
	if d.seen == nil {
		d.seen = map[blobID]bool{}
	}
	d.seen[b] = true
	n := slices.IndexFunc(d.all, func(t damagedTable) bool { return t.what == what })
	if n < 0 {
		n = len(d.all)
		d.all = append(d.all, damagedTable{what: what, first: at})
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
		text := fmt.Sprintf("%s in the journal %s %s damaged and left out", english.Plural(t.n, t.what, pluralOf(t.what)), path, is)
		if !t.first.IsZero() {
			text += ": the first is of " + t.first.UTC().Format(time.RFC3339)
		}
		all = append(all, series.Warning{What: text, Hint: "all else in the journal is whole; should this happen again, check the disk and the memory of this host"})
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
