package dmstats

import (
	"fmt"
	"strconv"
	"strings"

	"lunstat/collector/series"
)

// program is the name by which lunstat finds its own regions among others'.
const program = "lunstat"

// Region is one region of a device, as the kernel lists it.
type Region struct {
	ID      uint64 // the kernel's number; it uses free numbers again
	Start   uint64 // in sectors
	Length  uint64 // in sectors
	Step    uint64 // the length of one of its areas, in sectors
	Program string // who made it
	Aux     string // what that program noted
	Precise bool   // it counts in ns
	Bounds  string // of the histogram, as they were given; "" is none
}

// parseList parses the answer to @stats_list, one region a line:
//
//	0: 0+1048576 1048576 lunstat 5012345678 precise_timestamps histogram:50000,100000
func parseList(text string) ([]Region, error) {
	var regions []Region
	for line := range strings.Lines(text) {
		r, err := parseRegion(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, fmt.Errorf("the region %.200q: %w", line, err)
		}
		regions = append(regions, r)
	}
	return regions, nil
}

func parseRegion(line string) (r Region, err error) {
	words := strings.Split(line, " ")
	if len(words) < 5 || len(words) > 7 {
		return r, fmt.Errorf("%d words, want 5 to 7", len(words))
	}
	id, ok := strings.CutSuffix(words[0], ":")
	if !ok {
		return r, fmt.Errorf("no number before a colon in %q", words[0])
	}
	if r.ID, err = parseCount(id); err != nil {
		return r, err
	}
	if r.Start, r.Length, err = parseRange(words[1]); err != nil {
		return r, err
	}
	if r.Step, err = parseCount(words[2]); err != nil {
		return r, err
	}
	r.Program, r.Aux = words[3], words[4]
	for _, option := range words[5:] {
		bounds, isBounds := strings.CutPrefix(option, "histogram:")
		switch {
		case option == "precise_timestamps" && !r.Precise:
			r.Precise = true
		case isBounds && r.Bounds == "":
			r.Bounds = bounds
		default:
			return r, fmt.Errorf("unknown word %q", option)
		}
	}
	return r, nil
}

// counted is a line of counters: an area of a region. Times are in ns.
type counted struct {
	start, length   uint64 // in sectors
	readIOs         uint64
	writeIOs        uint64 // with discards
	readNS, writeNS uint64
	counts          [series.NumBuckets]uint64
}

// The fields of a line of counters after start+length, from 0. Those of diskstats come
// first.
const (
	fieldReads    = 0
	fieldReadNS   = 3
	fieldWrites   = 4
	fieldWriteNS  = 7
	fieldInflight = 8
	numFields     = 13
)

// parseCounted parses the answer to @stats_print for a region of one area:
//
//	0+1048576 2643 0 84576 1251821344 3 2 24 900977 0 1194820760 1195079697 1194192201 628559 0:0:8:2087:…
func parseCounted(text string) (c counted, err error) {
	line, ok := strings.CutSuffix(text, "\n")
	if !ok || strings.Contains(line, "\n") || strings.Count(line, " ") != numFields+1 {
		return c, fmt.Errorf("the counters %.300q: want one line of %d words", text, 1+numFields+1)
	}
	if err := c.parse(line); err != nil {
		return counted{}, fmt.Errorf("the counters %.300q: %w", text, err)
	}
	return c, nil
}

// parse takes word after word from a line of as many as there must be. Every LUN has one a
// minute, so it makes no list of them.
func (c *counted) parse(line string) (err error) {
	word, rest, _ := strings.Cut(line, " ")
	if c.start, c.length, err = parseRange(word); err != nil {
		return err
	}
	var v [numFields]uint64
	for i := range v {
		word, rest, _ = strings.Cut(rest, " ")
		if i == fieldInflight {
			word = strings.TrimPrefix(word, "-") // a gauge that nobody uses
		}
		if v[i], err = parseCount(word); err != nil {
			return err
		}
	}
	c.readIOs, c.readNS, c.writeIOs, c.writeNS = v[fieldReads], v[fieldReadNS], v[fieldWrites], v[fieldWriteNS]
	if n := strings.Count(rest, ":") + 1; n != len(c.counts) {
		return fmt.Errorf("%d buckets, want %d", n, len(c.counts))
	}
	for i := range c.counts {
		word, rest, _ = strings.Cut(rest, ":")
		if c.counts[i], err = parseCount(word); err != nil {
			return err
		}
	}
	return nil
}

// parseRange parses "0+1048576".
func parseRange(word string) (start, length uint64, err error) {
	from, size, ok := strings.Cut(word, "+")
	if !ok {
		return 0, 0, fmt.Errorf("no range in %q", word)
	}
	if start, err = parseCount(from); err != nil {
		return 0, 0, err
	}
	length, err = parseCount(size)
	return start, length, err
}

// parseCount parses a number as the kernel prints it: digits and nothing else.
func parseCount(word string) (uint64, error) {
	v, err := strconv.ParseUint(word, 10, 64)
	if err != nil || word[0] == '+' || word[0] == '_' {
		return 0, fmt.Errorf("%q is not a count", word)
	}
	return v, nil
}
