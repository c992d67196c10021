package mapper

import (
	"bytes"
	"unicode/utf8"
)

// column is where the names are in a table of iostat's or sar's: from its heading to
// the next empty line. It grows by the same number of blanks in all lines, so that the
// figures behind it stay one below the other.
type column struct {
	in    bool
	right bool // sar: the name ends where its heading does
	grow  int
}

// take reads a line of a text and reports whether it belongs to such a table. widest is
// the longest name that can come.
func (c *column) take(line []byte, widest func() int) bool {
	text := visible(line)
	if len(text) == 0 {
		c.in = false
		return false
	}
	width, right, ok := heading(text)
	if ok {
		*c = column{in: true, right: right, grow: max(0, widest()-width)}
	}
	return c.in
}

// heading recognizes "Device   r/s …" and "12:00:01   DEV   tps …". width is how long a
// name may be.
func heading(text []byte) (width int, right, ok bool) {
	switch c := text[0]; {
	case c == 'D':
		words := bytes.Fields(text)
		ok = len(words) > 2 && (string(words[0]) == "Device" || string(words[0]) == "Device:")
		if ok {
			width = leftWidth(text, words)
		}
		return width, false, ok
	case c == 'A' || c >= '0' && c <= '9':
		at := bytes.Index(text, []byte(" DEV "))
		if at < 0 {
			return 0, false, false
		}
		time := bytes.TrimRight(text[:at], " ")
		return at + len(" DEV") - len(time) - 1, true, true
	}
	return 0, false, false
}

// leftWidth is how many characters the first column can hold: its figures are right-aligned
// below the second title, and mostly need no more than 8 characters.
func leftWidth(text []byte, words [][]byte) int {
	const figure = 8
	end := bytes.Index(text[len(words[0]):], words[1]) + len(words[0]) + len(words[1])
	return max(end-figure, len(words[0])+1)
}

// aligned writes a line of a table with its name replaced and its column grown.
func (r *Renamer) aligned(line []byte) {
	from, to := r.column.word(line)
	if from == to || !r.inColumn(from, to) {
		r.replace(line)
		return
	}
	name, rest := line[from:to], r.hits
	if len(r.hits) > 0 && r.hits[0].from < to {
		h := r.hits[0]
		name = append(append(append([]byte{}, line[from:h.from]...), h.name...), line[h.to:to]...)
		rest = r.hits[1:]
	}
	change := r.column.grow + utf8.RuneCount(line[from:to]) - utf8.RuneCount(name)
	if r.column.right {
		space := blanksBefore(line[:from])
		r.out = append(r.out, line[:from-space]...)
		if space > 0 {
			r.pad(space + change)
		}
		r.out = append(r.out, name...)
	} else {
		space := blanks(line[to:])
		r.out = append(append(r.out, line[:from]...), name...)
		if space > 0 {
			r.pad(space + change)
		}
		to += space
	}
	for i := range rest {
		rest[i].from -= to
		rest[i].to -= to
	}
	r.hits = rest
	r.replace(line[to:])
}

// inColumn reports whether a line of the table has its name where the others have theirs,
// and only one there. Anything may come between a heading and the next empty line.
func (r *Renamer) inColumn(from, to int) bool {
	for i, h := range r.hits {
		if h.from < from || h.from < to && (h.to > to || i > 0) {
			return false
		}
	}
	return true
}

// word is where the name is in a line of the table: its first word, or the first behind
// a time.
func (c *column) word(line []byte) (from, to int) {
	next := func(at int) (int, int) {
		from := at
		for from < len(line) && (line[from] == ' ' || line[from] == 0x1b) {
			from += max(1, escape(line[from:]))
		}
		to := from
		for to < len(line) && line[to] > ' ' {
			to++
		}
		return from, to
	}
	from, to = next(0)
	if !c.right {
		return from, to
	}
	from, to = next(to)
	if w := string(line[from:to]); w == "AM" || w == "PM" {
		from, to = next(to)
	}
	return from, to
}

// visible is a line without its end, its colours and the blanks at its end.
func visible(line []byte) []byte {
	line = bytes.TrimRight(line, " \t\r\n")
	if bytes.IndexByte(line, 0x1b) < 0 {
		return line
	}
	var text []byte
	for i := 0; i < len(line); {
		if n := escape(line[i:]); n > 0 {
			i += n
			continue
		}
		text = append(text, line[i])
		i++
	}
	return bytes.TrimRight(text, " \t")
}

// escape is the length of the terminal's sequence at the beginning of b, "ESC [ 1 m", or 0.
func escape(b []byte) int {
	if len(b) < 2 || b[0] != 0x1b || b[1] != '[' {
		return 0
	}
	for i := 2; i < len(b); i++ {
		if c := b[i]; c >= '@' && c <= '~' {
			return i + 1
		} else if c < ' ' || c > '~' {
			return 0
		}
	}
	return 0
}
