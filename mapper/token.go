package mapper

import (
	"bytes"
	"strconv"
)

// inWord are the bytes of words. A colon and a comma are between two
// words, or in a device number.
var inWord = wordBytes()

func wordBytes() (in [256]bool) {
	for c := range in {
		in[c] = c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	for _, c := range `_-@+\%/.#~` {
		in[c] = true
	}
	return in
}

// find notes what in a line has a name.
func (r *Renamer) find(line []byte) {
	before := r.last
	if !r.inLine {
		before = 0
	}
	decimals := 0
	for i := 0; i < len(line); {
		c := line[i]
		if !inWord[c] {
			if n := escape(line[i:]); c == 0x1b && n > 0 {
				before, i = 0, i+n
				continue
			}
			before, i = c, i+1
			continue
		}
		from := i
		for i++; i < len(line) && inWord[line[i]]; i++ {
		}
		if from == 0 && r.inLine && inWord[before] {
			continue // the rest of a word whose beginning is written
		}
		if c >= '0' && c <= '9' {
			if i < len(line) && (line[i] == ':' || line[i] == ',') {
				i, decimals = r.number(line, from, i, before, decimals)
			}
		} else {
			r.word(line, from, i, before)
		}
		before = line[i-1]
	}
	if decimals > 0 {
		r.dropCommas()
	}
}

// dropCommas forgets the numbers with a comma: the line has decimal numbers, as a
// locale writes them.
func (r *Renamer) dropCommas() {
	kept := r.hits[:0]
	for _, h := range r.hits {
		if !h.comma {
			kept = append(kept, h)
		}
	}
	r.hits = kept
}

// word notes a kernel name, sar's name or a path in /dev.
func (r *Renamer) word(line []byte, from, to int, before byte) {
	for line[to-1] == '.' && to > from+1 { // the end of a sentence
		to--
	}
	w := line[from:to]
	if before == ':' && from > 1 && inWord[line[from-2]] {
		return // a part of another name: "pool:dm-3"
	}
	if name, ok := r.names.kernel[string(w)]; ok {
		if name != string(w) {
			r.hits = append(r.hits, hit{from: from, to: to, name: name})
		}
		return
	}
	if r.ofJournal(w, from) {
		return
	}
	switch w[0] {
	case '/':
		if rest, ok := bytes.CutPrefix(w, []byte("/dev/")); ok {
			if node, ok := r.names.node[string(rest)]; ok {
				r.hits = append(r.hits, hit{from: from, to: to, name: "/dev/mapper/" + node})
			}
		}
	case 'd':
		if dev, ok := sarNumber(w); ok {
			if name, ok := r.names.dev[dev]; ok {
				r.hits = append(r.hits, hit{from: from, to: to, name: name})
			}
		}
	}
	if len(r.names.path) > 0 {
		disk := bytes.TrimRight(w, "0123456789")
		if name, ok := r.names.path[string(disk)]; ok && len(disk) < len(w) {
			r.hits = append(r.hits, hit{from: from, to: to, name: name + "(" + string(w) + ")"})
		}
	}
}

// ofJournal notes the device in the names that ext4's journal has in the kernel's
// messages: dm-13-8, and its thread jbd2/dm-13-8.
func (r *Renamer) ofJournal(w []byte, from int) bool {
	device, ok := bytes.CutSuffix(w, []byte("-8"))
	if !ok {
		return false
	}
	if thread, is := bytes.CutPrefix(device, []byte("jbd2/")); is {
		device, from = thread, from+len("jbd2/")
	}
	name, ok := r.names.kernel[string(device)]
	if ok && name != string(device) {
		r.hits = append(r.hits, hit{from: from, to: from + len(device), name: name})
	}
	return ok
}

// sarNumber reads dev253-13.
func sarNumber(w []byte) (DevNo, bool) {
	rest, ok := bytes.CutPrefix(w, []byte("dev"))
	if !ok {
		return DevNo{}, false
	}
	major, minor, ok := bytes.Cut(rest, []byte("-"))
	if !ok {
		return DevNo{}, false
	}
	return digits(major, minor)
}

func digits(major, minor []byte) (DevNo, bool) {
	a, err1 := strconv.ParseUint(string(major), 10, 32)
	b, err2 := strconv.ParseUint(string(minor), 10, 32)
	return DevNo{uint32(a), uint32(b)}, err1 == nil && err2 == nil
}

// number notes 253:13 or 253,13 where the major is device-mapper's, or where the line says
// that it is a path: else 8:16 may be a time of day. The first part is line[from:at]. It
// returns where the token ends, and counts what must be a decimal number.
func (r *Renamer) number(line []byte, from, at int, before byte, decimals int) (end, count int) {
	sep, minor := line[at], at+1
	if sep == ',' && minor < len(line) && line[minor] == ' ' && line[0] == 'b' {
		minor++ // ls -l: "brw-rw---- 1 root disk 253, 13 …"
	}
	end = minor
	for end < len(line) && inWord[line[end]] {
		end++
	}
	stop := end
	if end > minor && line[end-1] == '.' { // the end of a sentence
		stop--
	}
	if stop == minor || before == ':' || before == ',' || joined(line, end) {
		return end, decimals
	}
	dev, ok := digits(line[from:at], line[minor:stop])
	if !ok {
		return end, decimals
	}
	name, known := r.names.dev[dev]
	if sep == ',' && !known {
		decimals++
	}
	if known && (r.names.dm[dev.Major] || sep == ':' && saysPath(line[:from])) {
		r.hits = append(r.hits, hit{from: from, to: stop, name: name, comma: sep == ','})
	}
	return end, decimals
}

// saysPath reports that a device's number follows: the kernel writes "Failing path 65:0.",
// and multipathd "65:0: mark as failed".
func saysPath(before []byte) bool {
	if bytes.HasSuffix(before, []byte(" path ")) {
		return true
	}
	sender, ok := bytes.CutSuffix(before, []byte(": "))
	if i := bytes.LastIndexByte(sender, '['); i >= 0 && bytes.HasSuffix(sender, []byte("]")) {
		sender = sender[:i]
	}
	return ok && bytes.HasSuffix(sender, []byte("multipathd"))
}

// joined reports that a number goes on behind a colon or comma: 253:13:05.
func joined(line []byte, at int) bool {
	return at+1 < len(line) && (line[at] == ':' || line[at] == ',') && inWord[line[at+1]]
}
