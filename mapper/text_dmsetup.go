package mapper

import (
	"cmp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// infoHeading begins the table of dmsetup info -c. Names may have blanks, so its columns
// count, not its words.
func (t *textHost) infoHeading(line string) bool {
	words := strings.Fields(line)
	if len(words) < 3 || words[0] != "Name" || words[1] != "Maj" || words[2] != "Min" {
		return false
	}
	maj := strings.Index(line, "Maj")
	t.table = func(line string) bool {
		if len(line) < maj+len("Maj") {
			return false
		}
		name, fields := strings.TrimRight(line[:maj], " "), strings.Fields(line[maj:])
		if len(fields) < 2 || name == "" {
			return false
		}
		dev, ok := devNo(fields[0], fields[1])
		if !ok {
			return false
		}
		d := t.isAt(t.named(name), dev)
		if len(fields) > 2 {
			d.Suspended = strings.Contains(fields[2], "s")
		}
		if uuid := fields[len(fields)-1]; len(fields) > 6 && strings.Contains(uuid, "-") {
			d.UUID = uuid
		}
		return true
	}
	return true
}

// longInfo reads dmsetup info: a line for each fact.
func (t *textHost) longInfo(line string) bool {
	line = strings.TrimLeft(line, " \t")
	what, value, ok := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	if !ok || t.info == nil && what != "Name" || what == "Name" && !strings.HasPrefix(line, "Name:  ") {
		return false
	}
	switch what {
	case "Name":
		t.info = t.named(value)
	case "State":
		t.info.Suspended = strings.HasPrefix(value, "SUSPENDED")
	case "Major, minor":
		if dev, ok := writtenDevNo(value); ok {
			t.info = t.isAt(t.info, dev)
		}
	case "UUID":
		t.info.UUID = value
	case "Read Ahead", "Tables present", "Open count", "Event number", "Number of targets":
	default:
		return false
	}
	return true
}

// bareInfoLine is a line of dmsetup info -c --noheadings: name, major, minor, state, open,
// targets, event, uuid.
var bareInfoLine = pattern{expr: `^(.+):(\d+):(\d+):([A-Za-z-]{4}):\d+:\d+:\d+:(\S*)$`}

func (t *textHost) bareInfo(line string) bool {
	m := bareInfoLine.compiled().FindStringSubmatch(line)
	if m == nil {
		return false
	}
	dev, ok := devNo(m[2], m[3])
	if !ok {
		return false
	}
	d := t.isAt(t.named(m[1]), dev)
	d.Suspended = strings.Contains(m[4], "s")
	d.UUID = cmp.Or(m[5], d.UUID)
	return true
}

// depsLine is "NAME: 2 dependencies	: (8, 64) (8, 0)".
var depsLine = pattern{expr: `^(.+): \d+ dependencies\s*:((?: ?\(\d+, ?\d+\))*)$`}

var inBrackets = pattern{expr: `\((\d+), ?(\d+)\)`}

func (t *textHost) deps(line string) bool {
	m := depsLine.compiled().FindStringSubmatch(line)
	if m == nil {
		return false
	}
	d := t.named(m[1])
	for _, n := range inBrackets.compiled().FindAllStringSubmatch(m[2], -1) {
		if dev, ok := devNo(n[1], n[2]); ok {
			d.stands(t.numbered(dev))
		}
	}
	return true
}

// targetLine is a line of dmsetup table or status: name, start, length, kind. A name may
// have colons and blanks: the last place that fits ends it.
var targetLine = pattern{expr: `^(.+): (\d+) (\d+) ([a-z][a-z0-9_-]*)(?: (.*))?$`}

// noTarget is a map without a table, or one whose kind the kernel doesn't say.
var noTarget = pattern{expr: `^(\S+):(?: \d+ \d+)?$`}

var wholeNumber = pattern{expr: `^\d+:\d+$`}

func (t *textHost) target(line string) bool {
	m := targetLine.compiled().FindStringSubmatch(line)
	if m == nil {
		if m = noTarget.compiled().FindStringSubmatch(line); m == nil || strings.HasPrefix(line, "sd") {
			return false
		}
		t.named(m[1])
		return true
	}
	d := t.named(m[1])
	start, err1 := strconv.ParseUint(m[2], 10, 64)
	length, err2 := strconv.ParseUint(m[3], 10, 64)
	if end := start + length; err1 == nil && err2 == nil && end >= start && end < 1<<54 {
		d.SizeBytes = max(d.SizeBytes, end*512)
	}
	args := strings.Fields(m[5])
	for i, arg := range args {
		if !wholeNumber.compiled().MatchString(arg) {
			continue
		}
		dev, ok := ParseDevNo(arg)
		if !ok {
			continue
		}
		below := t.numbered(dev)
		if m[4] != "multipath" {
			d.stands(below)
			continue
		}
		state := ""
		if i+1 < len(args) { // of status; table has a number there
			switch args[i+1] {
			case "A":
				state = "active"
			case "F":
				state = "failed"
			}
		}
		t.path(d, below, "", state)
	}
	return true
}

// listedLine is a line of dmsetup ls, or of its tree: "  |- name (253:1)".
// With -o blkdevname the tree also has "<dm-1>".
var listedLine = pattern{expr: "^([ |`├└─│-]*?(?:[|`├└][-─]+))?\\s?(.*?)(?:\\s*<(\\S+)>)?\\s*\\((\\d+)(?:, ?|:)(\\d+)\\)$"}

// kernelLine is a line of dmsetup ls -o blkdevname: "name (dm-1)".
var kernelLine = pattern{expr: `^(\S.*?)\s+\((dm-\d+)\)$`}

func (t *textHost) listed(line string) bool {
	if m := kernelLine.compiled().FindStringSubmatch(line); m != nil {
		t.isCalled(t.named(m[1]), m[2])
		return true
	}
	m := listedLine.compiled().FindStringSubmatch(line)
	if m == nil {
		return false
	}
	dev, ok := devNo(m[4], m[5])
	if !ok || m[1] == "" && m[2] == "" {
		return false
	}
	var d *textDevice
	if m[2] == "" {
		d = t.numbered(dev)
	} else {
		d = t.isAt(t.named(m[2]), dev)
	}
	d = t.isCalled(d, m[3])
	if m[1] == "" {
		t.tree = append(t.tree[:0], d)
		return true
	}
	depth := (utf8.RuneCountInString(m[1]) + 1) / 3
	if depth > len(t.tree) || depth == 0 || depth > deepest {
		t.tree = append(t.tree[:min(len(t.tree), deepest)], d)
		return true
	}
	t.tree[depth-1].root().stands(d)
	t.tree = append(t.tree[:depth], d)
	return true
}
