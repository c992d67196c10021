package dmstats_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// kernel answers as device-mapper does: see testdata/answers.txt.
type kernel struct {
	devices map[mapper.DevNo]*device
	sent    []string
	refuse  map[string]error // by the first word of a message
	before  func(text string)
}

type device struct {
	sectors uint64
	regions []*made
}

type made struct {
	id      int
	length  uint64
	options string // as they are listed
	program string
	aux     string
	reads   uint64
	readNS  uint64
	counts  [series.NumBuckets]uint64
}

func (k *kernel) Message(dev mapper.DevNo, text string) (string, error) {
	k.sent = append(k.sent, text)
	if k.before != nil {
		k.before(text)
	}
	words := strings.Fields(text)
	if err := k.refuse[words[0]]; err != nil {
		return "", err
	}
	d := k.devices[dev]
	if d == nil {
		return "", unix.ENXIO
	}
	switch words[0] {
	case "@stats_list":
		return d.list(words[1]), nil
	case "@stats_create":
		return d.create(words[1:])
	}
	id, err := strconv.Atoi(words[1])
	if err != nil {
		return "", unix.EINVAL
	}
	at := slices.IndexFunc(d.regions, func(m *made) bool { return m.id == id })
	switch {
	case at < 0:
		return "", unix.ENOENT
	case words[0] == "@stats_print":
		return d.regions[at].print(), nil
	case words[0] == "@stats_delete":
		d.regions = slices.Delete(d.regions, at, at+1)
		return "", nil
	}
	return "", unix.EINVAL
}

func (d *device) list(program string) string {
	var b strings.Builder
	for _, m := range d.regions {
		if m.program == program {
			fmt.Fprintf(&b, "%d: 0+%d %d %s %s%s\n", m.id, m.length, m.length, m.program, m.aux, m.options)
		}
	}
	return b.String()
}

func (d *device) create(words []string) (string, error) {
	if len(words) != 7 || words[0] != "-" || words[1] != "/1" || words[2] != "2" {
		return "", unix.EINVAL
	}
	m := &made{length: d.sectors, options: " " + words[3] + " " + words[4], program: words[5], aux: words[6]}
	d.add(m)
	return strconv.Itoa(m.id), nil
}

// add gives a region the lowest free number.
func (d *device) add(m *made) {
	m.id = 0
	for slices.ContainsFunc(d.regions, func(o *made) bool { return o.id == m.id }) {
		m.id++
	}
	d.regions = append(d.regions, m)
	slices.SortFunc(d.regions, func(a, b *made) int { return a.id - b.id })
}

func (m *made) print() string {
	counts := make([]string, len(m.counts))
	for i, n := range m.counts {
		counts[i] = strconv.FormatUint(n, 10)
	}
	return fmt.Sprintf("0+%d %d 0 %d %d 0 0 0 0 0 %d %d %d 0 %s\n", m.length, m.reads, 8*m.reads, m.readNS, m.readNS, m.readNS, m.readNS, strings.Join(counts, ":"))
}

// read adds reads of one latency.
func (d *device) read(n uint64, took time.Duration) {
	for _, m := range d.regions {
		m.reads += n
		m.readNS += n * uint64(took)
		m.counts[series.BucketOf(took)] += n
	}
}

// canned gives one answer to all messages.
type canned string

func (c canned) Message(mapper.DevNo, string) (string, error) { return string(c), nil }
