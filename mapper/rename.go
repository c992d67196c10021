package mapper

import (
	"bytes"
	"errors"
	"io"
	"time"
	"unicode/utf8"
)

// Renamer is a filter that writes names instead of dm-13, 253:13, (253:13), 253,13 and
// dev253-13 into any text. It changes nothing else.
type Renamer struct {
	// Names gives the names as of a time; the zero time is now. nil: they are not known.
	Names func(at time.Time) *Names
	// Day gives the names as of a day of the past whose text has no times; nil: Names
	// does, as of noon.
	Day func(noon time.Time) *Names
	// Widest is the longest name that a table which begins at a time can have, in
	// characters, if the names may change while it lasts; nil: that of the time's names.
	Widest func(at time.Time) int
	// Zone is the zone of the times in a heading of sar; nil: they do not count, and
	// all names are as of now.
	Zone *time.Location
	// Now is the time of the call: a heading of that day without times below it means now.
	Now time.Time
	// Knows reports whether the names are those of the host in a heading of sar or
	// iostat; nil: they are.
	Knows func(host string) bool
	// Mark leaves the text and adds the name behind it: dm-13{zimbra1_sqldb-data}.
	Mark bool

	names   *Names
	at      time.Time // of the names; zero: now
	foreign bool      // the text is of another host
	clock   sarClock
	column  column
	out     []byte
	hits    []hit
	last    byte // the last byte of the line's earlier part
	inLine  bool // the line's earlier part is written
}

// hit is one place in a line that has a name.
type hit struct {
	from, to int
	name     string
	comma    bool // 253,13, which may be a decimal number
}

// longestPart bounds what is kept of a line: one that has no end passes in parts.
const longestPart = 64 << 10

// Copy filters in to its end. What could be read is written before Copy waits for
// more. An error of in or out ends it.
func (r *Renamer) Copy(out io.Writer, in io.Reader) error {
	buf := make([]byte, 0, 2*longestPart)
	for {
		n, err := in.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if r.at.IsZero() { // a text can go on for days, in which LUNs come and go
			r.names = r.Names(r.at)
		}
		done := r.lines(buf, err != nil)
		if len(r.out) > 0 {
			if _, err := out.Write(r.out); err != nil {
				return err
			}
			r.out = r.out[:0]
		}
		buf = buf[:copy(buf, buf[done:])]
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// lines filters the whole lines of a text, and the rest if it is the last of all or too
// long to wait for its end. It returns how much of the text it took.
func (r *Renamer) lines(text []byte, last bool) (done int) {
	for done < len(text) {
		rest := text[done:]
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 {
			if !last && len(rest) < longestPart {
				return done
			}
			end = len(rest)
			if !last {
				end = cutAtWord(rest)
			}
		}
		r.line(rest[:end])
		done += end
	}
	return done
}

// cutAtWord is where a long part can be cut without cutting a word.
func cutAtWord(part []byte) int {
	for i := len(part); i > len(part)/2; i-- {
		if c := part[i-1]; !inWord[c] && c != ':' && c != ',' && c != 0x1b {
			return i
		}
	}
	return len(part)
}

// line filters a line, or a part of one.
func (r *Renamer) line(line []byte) {
	whole := !r.inLine && line[len(line)-1] == '\n'
	if !r.inLine {
		r.setTime(line)
	}
	r.hits = r.hits[:0]
	if !r.foreign && !r.names.Empty() {
		r.find(line)
	}
	inTable := !r.foreign && whole && !r.Mark && r.column.take(line, r.widest)
	if inTable && (r.column.grow > 0 || len(r.hits) > 0) {
		r.aligned(line)
		return
	}
	r.replace(line)
	r.last, r.inLine = line[len(line)-1], line[len(line)-1] != '\n'
}

// widest is the longest name that can come in a table that begins now.
func (r *Renamer) widest() int {
	widest := r.names.Widest()
	if r.Widest != nil && !r.at.IsZero() {
		widest = max(widest, r.Widest(r.at))
	}
	return widest
}

// setTime takes the time from a line of sar's, and the names of that time.
func (r *Renamer) setTime(line []byte) {
	if line[0] == 'L' {
		if host, ok := headingHost(line); ok {
			r.foreign = r.Knows != nil && !r.Knows(host)
		}
	}
	if r.Zone == nil {
		return
	}
	at, changed := r.clock.read(line, r.Zone)
	if !changed {
		return
	}
	names := r.Names
	if r.clock.text == nil { // a heading
		if at.Format(time.DateOnly) == r.Now.In(r.Zone).Format(time.DateOnly) {
			at = time.Time{}
		} else if r.Day != nil {
			names = r.Day
		}
	}
	r.at, r.names = at, names(at)
}

// replace writes a line with its hits replaced. Blanks next to a hit, as in a table, give
// way.
func (r *Renamer) replace(line []byte) {
	at := 0
	for _, h := range r.hits {
		switch {
		case r.Mark:
			r.out = append(r.out, line[at:h.to]...)
			r.out = append(append(append(r.out, '{'), h.name...), '}')
			at = h.to
			continue
		case blanks(line[h.to:]) > 1 && line[h.to+blanks(line[h.to:])] != '\n':
			r.out = append(append(r.out, line[at:h.from]...), h.name...)
			at = h.to + blanks(line[h.to:])
			r.pad(at - h.from - utf8.RuneCountInString(h.name))
		default:
			before := blanksBefore(line[at:h.from])
			r.out = append(r.out, line[at:h.from-before]...)
			if before > 1 && before < h.from { // not a line's indentation
				r.pad(h.to - h.from + before - utf8.RuneCountInString(h.name))
			} else {
				r.out = append(r.out, line[h.from-before:h.from]...)
			}
			r.out = append(r.out, h.name...)
			at = h.to
		}
	}
	r.out = append(r.out, line[at:]...)
}

// pad writes n blanks, at least one.
func (r *Renamer) pad(n int) {
	for range max(n, 1) {
		r.out = append(r.out, ' ')
	}
}

func blanks(b []byte) (n int) {
	for n < len(b) && b[n] == ' ' {
		n++
	}
	if n == len(b) {
		return 0 // the end of a part: nothing is known of what follows
	}
	return n
}

func blanksBefore(b []byte) (n int) {
	for n < len(b) && b[len(b)-1-n] == ' ' {
		n++
	}
	return n
}
