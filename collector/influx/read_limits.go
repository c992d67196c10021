package influx

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"time"
)

// Bounds of an answer. A server, or what answers in its place, may send
// without end, or a little text that unpacks to very much: each bound is far above
// what a site with thousands of hosts gets, and an answer beyond it is an error.
const (
	// longestLine is the longest piece of an answer to a query: the server is asked
	// for pieces of some 500 kB, and of texts for 12 MB at most.
	longestLine = 32 << 20
	// shortAnswer bounds the whole of an answer to anything but a SELECT.
	shortAnswer = 4 << 20
	// mostTags is how much the tags of the series in one answer are together:
	// half a million series.
	mostTags = 128 << 20
	// mostRows is how many rows a series may have: one a minute for 38 years.
	mostRows = 20_000_000
	// mostInSecond is how many of them may have one second.
	mostInSecond = 1000
	// mostText is how much text of ledger and runs is kept of one answer.
	mostText = 256 << 20
	// slowest is how many bytes a second an answer has to bring in the time that is
	// spent waiting for it.
	slowest = 10_000
	// mostHeader bounds the header of an answer.
	mostHeader = 256 << 10
)

// TooMuchError is an answer that no InfluxDB would give to the question.
type TooMuchError struct {
	What string // what there is too much of, or what is out of order
}

func (e *TooMuchError) Error() string { return "the answer can't be right: " + e.What }

// Hint is what to look at.
func (e *TooMuchError) Hint() string {
	return "is influx.url the URL of an InfluxDB? perhaps something else answers"
}

func tooMuch(format string, a ...any) error { return &TooMuchError{fmt.Sprintf(format, a...)} }

// limitedReader fails where io.LimitReader would end.
type limitedReader struct {
	r    io.Reader
	left int64
	what string
}

func (l *limitedReader) Read(b []byte) (int, error) {
	if l.left <= 0 {
		return 0, tooMuch("%s", l.what)
	}
	n, err := l.r.Read(b[:min(int64(len(b)), l.left)])
	l.left -= int64(n)
	return n, err
}

// limitBody bounds an answer that a library reads to its end.
func limitBody(r *http.Response) {
	r.Body = struct {
		io.Reader
		io.Closer
	}{&limitedReader{r.Body, shortAnswer, "it has more than 4 MiB"}, r.Body}
}

// allowance is how many bytes may still be kept.
type allowance int

func (a *allowance) take(n int) error {
	if *a -= allowance(n); *a < 0 {
		return tooMuch("there is more text in it than a site has")
	}
	return nil
}

// order checks that an answer is one to its question: each series comes once, and
// its rows are in order of time and within the range. So an answer that repeats
// itself for ever ends at its second round.
type order struct {
	from, to int64 // from ≤ time stamp < to
	tags     map[string]string
	seen     map[uint64]bool // hashes of the tags of series that came
	seed     maphash.Seed
	left     allowance
	begun    bool
	last     int64
	rows     int
	inSecond int
}

func newOrder(q *question) *order {
	from := q.from
	if every := int64(q.every); every > 0 { // a group has the time of its begin
		from = max(from, math.MinInt64+every) - every
	}
	return &order{from: from, to: q.to, seen: map[uint64]bool{}, seed: maphash.MakeSeed(), left: mostTags}
}

// series begins a series, or goes on with it in the next piece.
func (o *order) series(tags map[string]string) error {
	if o.begun && maps.Equal(tags, o.tags) {
		return nil
	}
	var h maphash.Hash
	h.SetSeed(o.seed)
	size := 0
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		h.WriteString(k)
		h.WriteByte(0)
		h.WriteString(tags[k])
		h.WriteByte(0)
		size += len(k) + len(tags[k])
	}
	if o.seen[h.Sum64()] {
		return tooMuch("it has a series twice")
	}
	o.seen[h.Sum64()] = true
	o.tags, o.begun, o.rows, o.inSecond = tags, true, 0, 0
	const perSeries = 64 // in seen and in the reader's own map
	return o.left.take(size + perSeries)
}

func (o *order) row(c cell) error {
	stamp, ok := c.int()
	switch {
	case !ok:
		return errForm
	case stamp < o.from || stamp >= o.to:
		return tooMuch("it has a time that was not asked for")
	case o.rows > 0 && stamp < o.last:
		return tooMuch("its times go back")
	case o.rows >= mostRows:
		return tooMuch("it has more than %d rows of a series", mostRows)
	}
	if o.rows == 0 || secondOf(stamp) != secondOf(o.last) {
		o.inSecond = 0
	}
	if o.inSecond++; o.inSecond > mostInSecond {
		return tooMuch("it has more than %d rows of a second", mostInSecond)
	}
	o.last = stamp
	o.rows++
	return nil
}

// Why an answer was given up.
var (
	errStalled = errors.New("the answer stopped halfway")
	errSlow    = errors.New("the answer comes too slowly")
)

// watched is an answer that is given up when it pauses too long, or comes so slowly
// that it would never end: a server that hangs keeps its connections alive. Only
// the time that is spent waiting counts, not what is done with what came.
type watched struct {
	io.Reader
	patience time.Duration // for one pause, and for all beyond what the bytes pay for
	cancel   context.CancelCauseFunc
	waited   time.Duration
	got      int64
}

func (w *watched) Read(b []byte) (int, error) {
	left := w.patience + time.Duration(w.got)*(time.Second/slowest) - w.waited
	if left <= 0 {
		w.cancel(errSlow)
		return 0, errSlow
	}
	why := errStalled
	if left < w.patience {
		why = errSlow
	}
	timer := time.AfterFunc(min(left, w.patience), func() { w.cancel(why) })
	defer timer.Stop()
	began := time.Now()
	n, err := w.Reader.Read(b)
	w.waited += time.Since(began)
	w.got += int64(n)
	return n, err
}
