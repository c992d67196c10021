package influx

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// rows is whom an answer to a query is told to, as it arrives.
type rows struct {
	// series begins a group, or goes on with it in the next piece.
	series func(tags map[string]string, columns []string) error
	// row has one cell a column, which are its own only until it returns.
	row func(cells []cell) error
	// chunk is how many rows come in one piece; "" is as many as for numbers.
	chunk string
	// most bounds the whole answer, in bytes; 0: only its pieces are bounded.
	most int
}

// cell is a value as its JSON text: null, a number, a string with its quotes.
type cell []byte

func (c cell) absent() bool { return len(c) == 0 || c[0] == 'n' }

func (c cell) int() (int64, bool) {
	if c.absent() {
		return 0, false
	}
	v, err := strconv.ParseInt(string(c), 10, 64)
	if err != nil { // 1e+06, of a float field
		f, err := strconv.ParseFloat(string(c), 64)
		if err != nil || !(f >= math.MinInt64 && f < math.MaxInt64) { // what an int64 can't hold differs between CPUs
			return 0, false
		}
		return int64(f), true
	}
	return v, true
}

func (c cell) uint() (uint64, bool) {
	var v uint64
	if len(c) == 0 || len(c) > 18 {
		n, ok := c.int()
		return uint64(max(n, 0)), ok && n >= 0
	}
	for _, d := range c {
		if d < '0' || d > '9' {
			n, ok := c.int()
			return uint64(max(n, 0)), ok && n >= 0
		}
		v = v*10 + uint64(d-'0')
	}
	return v, true
}

func (c cell) float32() (float32, bool) {
	if c.absent() {
		return 0, false
	}
	v, err := strconv.ParseFloat(string(c), 32)
	return float32(v), err == nil
}

// text is a string's value, "" where it is absent.
func (c cell) text() string {
	if len(c) < 2 || c[0] != '"' {
		return ""
	}
	if in := c[1 : len(c)-1]; bytes.IndexByte(in, '\\') < 0 && utf8.Valid(in) {
		return string(in)
	}
	var s string
	if json.Unmarshal(c, &s) != nil {
		return ""
	}
	return s
}

// QueryError is the server's objection to a query; it comes with status 200.
type QueryError struct {
	Reason string
}

func (e *QueryError) Error() string { return e.Reason }

// Hint is what to do, or "". If a token may not read a bucket, 2.x says that the bucket
// doesn't exist.
func (e *QueryError) Hint() string {
	if strings.Contains(e.Reason, "not found") || strings.Contains(e.Reason, "default retention policy not set") {
		return "the bucket is missing, or the token may not read it: `lunstat setup influx` makes the bucket and prints how to make a token"
	}
	return ""
}

// readRows reads the answer to a chunked query: one JSON text after another, each
// with a piece of the rows. A week of minutes is five million cells, so they are
// scanned and not unmarshalled, a piece at a time: 250 MB/s against 30 MB/s of the json
// package on one core (BenchmarkRows).
func readRows(r io.Reader, to rows) error {
	in := bufio.NewReaderSize(r, 64<<10)
	more := false
	var text []byte
	size := 0
	for {
		var err error
		text, err = readLine(in, text[:0])
		if size += len(text); to.most > 0 && size > to.most {
			return tooMuch("it is longer than %d bytes", to.most)
		}
		if len(bytes.TrimSpace(text)) > 0 {
			s := scanner{b: text, rows: to}
			if e := s.answer(); e != nil {
				return e
			}
			more = s.more
		}
		switch {
		case err == io.EOF && more:
			return fmt.Errorf("the answer ends halfway: %w", io.ErrUnexpectedEOF)
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

func readLine(in *bufio.Reader, to []byte) ([]byte, error) {
	for {
		piece, err := in.ReadSlice('\n')
		if len(to)+len(piece) > longestLine {
			return nil, tooMuch("it has a line of more than %d bytes", longestLine)
		}
		to = append(to, piece...)
		if err != bufio.ErrBufferFull {
			return to, err
		}
	}
}

// scanner walks through one JSON text. It knows the form of an answer and skips
// what it doesn't know.
type scanner struct {
	b    []byte
	at   int
	rows rows
	more bool // the result goes on in the next text

	tags    map[string]string
	columns []string
	cells   []cell
}

var errForm = errors.New("not an answer of InfluxDB to a query")

func (s *scanner) answer() error {
	if s.peek() != '{' {
		return errForm
	}
	return s.object(func(key string) error {
		switch key {
		case "results":
			return s.array(s.result)
		case "error":
			return s.fail()
		}
		return s.skip(0)
	})
}

func (s *scanner) result() error {
	s.more = false
	return s.object(func(key string) error {
		switch key {
		case "series":
			return s.array(s.group)
		case "error":
			return s.fail()
		case "partial":
			s.more = s.peek() == 't'
		}
		return s.skip(0)
	})
}

func (s *scanner) fail() error {
	c, err := s.value()
	if err != nil {
		return err
	}
	return &QueryError{oneLine(c.text(), "")}
}

// group is one element of "series": name, tags and columns come before values.
func (s *scanner) group() error {
	s.tags, s.columns = nil, nil
	return s.object(func(key string) error {
		switch key {
		case "tags":
			s.tags = map[string]string{}
			return s.object(func(tag string) error {
				c, err := s.value()
				s.tags[tag] = c.text()
				return err
			})
		case "columns":
			return s.array(func() error {
				c, err := s.value()
				s.columns = append(s.columns, c.text())
				return err
			})
		case "values":
			if err := s.rows.series(s.tags, s.columns); err != nil {
				return err
			}
			return s.array(s.row)
		}
		return s.skip(0)
	})
}

func (s *scanner) row() error {
	s.cells = s.cells[:0]
	err := s.array(func() error {
		c, err := s.value()
		s.cells = append(s.cells, c)
		return err
	})
	if err != nil {
		return err
	}
	if len(s.cells) != len(s.columns) {
		return fmt.Errorf("%w: %d values for %d columns", errForm, len(s.cells), len(s.columns))
	}
	return s.rows.row(s.cells)
}

// peek skips white space and looks at what follows; 0 is the end.
func (s *scanner) peek() byte {
	for s.at < len(s.b) {
		switch c := s.b[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) expect(c byte) error {
	if s.peek() != c {
		return errForm
	}
	s.at++
	return nil
}

// object calls member for each key, with the value ahead.
func (s *scanner) object(member func(key string) error) error {
	return s.list('{', '}', func() error {
		key, err := s.value()
		if err != nil || len(key) == 0 || key[0] != '"' {
			return errForm
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		return member(key.text())
	})
}

// array calls element for each element, with it ahead.
func (s *scanner) array(element func() error) error { return s.list('[', ']', element) }

func (s *scanner) list(open, end byte, item func() error) error {
	if s.peek() == 'n' {
		return s.skip(0)
	}
	if err := s.expect(open); err != nil {
		return err
	}
	if s.peek() == end {
		s.at++
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if s.peek() != ',' {
			return s.expect(end)
		}
		s.at++
	}
}

// value is a string, a number or a word.
func (s *scanner) value() (cell, error) {
	first := s.peek()
	from := s.at
	if first == '"' {
		for s.at++; s.at < len(s.b); s.at++ {
			switch s.b[s.at] {
			case '\\':
				s.at++
			case '"':
				s.at++
				return s.b[from:s.at], nil
			}
		}
		return nil, errForm
	}
	for s.at < len(s.b) && !ends(s.b[s.at]) {
		s.at++
	}
	if s.at == from {
		return nil, errForm
	}
	return s.b[from:s.at], nil
}

// ends reports whether c may follow a number or a word.
func ends(c byte) bool {
	switch c {
	case ',', ']', '}', ':', '"', '[', '{', ' ', '\t', '\r', '\n':
		return true
	}
	return false
}

// deepest is how far values that nobody asked for may be nested.
const deepest = 100

// skip passes over any value.
func (s *scanner) skip(depth int) error {
	if depth > deepest {
		return errForm
	}
	switch s.peek() {
	case '{':
		return s.object(func(string) error { return s.skip(depth + 1) })
	case '[':
		return s.array(func() error { return s.skip(depth + 1) })
	}
	_, err := s.value()
	return err
}
