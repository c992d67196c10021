package collector

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/procfs/blockdevice"
	"golang.org/x/sys/unix"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// realProc is where clocks of this process and files of the host are one.
const realProc = "/proc"

// readDiskstats reads the clocks and diskstats at one instant. Bad lines come
// back as warnings; the others are kept.
func readDiskstats(proc string, wall time.Time) (series.Instant, []series.Reading, []series.Warning, error) {
	at, err := clocks(proc, wall)
	if err != nil {
		return series.Instant{}, nil, nil, err
	}
	path := filepath.Join(proc, "diskstats")
	text, err := mapper.ReadBounded(path)
	if err != nil {
		return series.Instant{}, nil, nil, fmt.Errorf("reading the counters: %w", err)
	}
	if after, err := clocks(proc, wall); err == nil {
		at = between(at, after)
	}
	if at.BootID, err = readLine(filepath.Join(proc, "sys/kernel/random/boot_id")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return series.Instant{}, nil, nil, fmt.Errorf("reading the boot id: %w", err)
	}
	readings, warnings := parseDiskstats(text)
	if len(readings) == 0 && len(warnings) > 0 {
		return at, nil, warnings, fmt.Errorf("%s: no line could be read: %s", path, warnings[0].What)
	}
	return at, readings, warnings, nil
}

// clocks reads the three clocks. On a captured host its uptime replaces the
// monotonic ones, and wall for the time of day.
func clocks(proc string, wall time.Time) (series.Instant, error) {
	at := series.Instant{Wall: wall}
	if wall.IsZero() {
		at.Wall = time.Now()
	}
	if filepath.Clean(proc) == realProc {
		var err error
		if at.Mono, err = clock(unix.CLOCK_MONOTONIC); err != nil {
			return at, err
		}
		at.Boot, err = clock(unix.CLOCK_BOOTTIME)
		return at, err
	}
	line, err := readLine(filepath.Join(proc, "uptime"))
	if err != nil {
		return at, fmt.Errorf("reading the uptime: %w", err)
	}
	first, _, _ := strings.Cut(line, " ")
	up, err := time.ParseDuration(first + "s")
	if err != nil {
		return at, fmt.Errorf("%s: %q is no number of seconds", filepath.Join(proc, "uptime"), first)
	}
	at.Mono, at.Boot = up, up
	return at, nil
}

func clock(id int32) (time.Duration, error) {
	var ts unix.Timespec
	if err := unix.ClockGettime(id, &ts); err != nil {
		return 0, fmt.Errorf("reading clock %d: %w", id, err)
	}
	return time.Duration(ts.Nano()), nil
}

// between is the middle of two instants: the kernel makes diskstats' text while
// it is read.
func between(a, b series.Instant) series.Instant {
	a.Wall = a.Wall.Add(b.Wall.Sub(a.Wall) / 2)
	a.Mono += (b.Mono - a.Mono) / 2
	a.Boot += (b.Boot - a.Boot) / 2
	return a
}

func readLine(path string) (string, error) {
	b, err := mapper.ReadBounded(path)
	if err != nil {
		return "", err
	}
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return string(bytes.TrimSpace(line)), nil
}

// parseDiskstats parses the whole file. A line is kept whatever is on the
// others; two lines of one name are a fault of the file, and the first is taken.
func parseDiskstats(text []byte) ([]series.Reading, []series.Warning) {
	readings := make([]series.Reading, 0, bytes.Count(text, []byte("\n")))
	var warnings []series.Warning
	bad := 0
	seen := make(map[string]struct{}, cap(readings))
	for n := 1; len(text) > 0; n++ {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		r, err := parseLine(line)
		if err == nil {
			if _, twice := seen[r.Kernel]; twice {
				err = fmt.Errorf("%q is here a second time", r.Kernel)
			}
		}
		if err != nil {
			if bad++; bad > mostAlike {
				continue
			}
			warnings = append(warnings, series.Warning{
				What: fmt.Sprintf("diskstats:%d: %v", n, err),
				// What changes from minute to minute is in the hint: by what is
				// wrong a condition is known.
				Hint: fmt.Sprintf("this minute lacks that line, but has all others; the line is %.200q", bytes.TrimSpace(line)),
			})
			continue
		}
		seen[r.Kernel] = struct{}{}
		readings = append(readings, r)
	}
	if bad > mostAlike {
		warnings = append(warnings, series.Warning{What: fmt.Sprintf("diskstats: %d more lines can't be read", bad-mostAlike)})
	}
	return readings, warnings
}

// The counts of fields in a line, device number and name included, after which
// the kernel added something (Documentation/admin-guide/iostats.rst).
const (
	fieldsOld      = 7  // partitions before 2.6.25: reads, sectors, writes, sectors
	fieldsClassic  = 14 // since 2.6
	fieldsDiscards = 18 // 4.18
	fieldsFlushes  = 20 // 5.5
)

// inflightField is the place of the I/Os in flight, from 0.
const inflightField = 11

// parseLine parses one line into a reading. It takes 20 times less time than
// procfs' reader, which also drops every line after a bad one.
func parseLine(line []byte) (series.Reading, error) {
	var d blockdevice.Diskstats
	var v [fieldsFlushes]uint64
	n := 0
	for rest := line; ; n++ {
		var word []byte
		if word, rest = nextWord(rest); word == nil {
			break
		}
		if n == 2 {
			d.DeviceName = string(word)
			continue
		}
		if n >= len(v) {
			continue // of a newer kernel
		}
		var err error
		if v[n], err = parseCount(word); err != nil && n == inflightField {
			v[n], err = parseBelow0(word)
		}
		if err != nil {
			return series.Reading{}, fmt.Errorf("field %d %w", n+1, err)
		}
	}
	switch {
	case n == fieldsOld:
		return oldPartition(d.DeviceName, v), nil
	case n < fieldsClassic:
		return series.Reading{}, fmt.Errorf("%d fields, want %d or more", n, fieldsClassic)
	case v[0] > 1<<32-1 || v[1] > 1<<32-1:
		return series.Reading{}, fmt.Errorf("device number %d:%d is out of range", v[0], v[1])
	}
	d.MajorNumber, d.MinorNumber = uint32(v[0]), uint32(v[1])
	d.IoStatsCount = n
	d.ReadIOs, d.ReadMerges, d.ReadSectors, d.ReadTicks = v[3], v[4], v[5], v[6]
	d.WriteIOs, d.WriteMerges, d.WriteSectors, d.WriteTicks = v[7], v[8], v[9], v[10]
	d.IOsInProgress, d.IOsTotalTicks, d.WeightedIOTicks = v[11], v[12], v[13]
	d.DiscardIOs, d.DiscardMerges, d.DiscardSectors, d.DiscardTicks = v[14], v[15], v[16], v[17]
	d.FlushRequestsCompleted, d.TimeSpentFlushing = v[18], v[19]
	return reading(&d), nil
}

// nextWord cuts the next word off; nil means that there is none.
func nextWord(b []byte) (word, rest []byte) {
	i := 0
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	if i == len(b) {
		return nil, nil
	}
	b = b[i:]
	for i = 0; i < len(b) && b[i] != ' ' && b[i] != '\t' && b[i] != '\r'; i++ {
	}
	return b[:i], b[i:]
}

// errNoCount: the line shows what it says instead.
var errNoCount = errors.New("is not a count")

// parseCount parses a decimal number. A sum over CPUs that came out below 0 and is
// printed unsigned is none.
func parseCount(word []byte) (uint64, error) {
	var v uint64
	for _, c := range word {
		if c < '0' || c > '9' || v > (1<<63-1-uint64(c-'0'))/10 {
			return 0, errNoCount
		}
		v = v*10 + uint64(c-'0')
	}
	return v, nil
}

// parseBelow0 takes a number of I/Os in flight that is below 0, as kernels of 2009
// print it, for 0.
func parseBelow0(word []byte) (uint64, error) {
	if _, err := strconv.ParseInt(string(word), 10, 64); err == nil {
		return 0, nil
	}
	if _, err := strconv.ParseUint(string(word), 10, 64); err == nil {
		return 0, nil
	}
	return 0, errNoCount
}

// reading narrows procfs' fields to the kernel's own widths.
func reading(d *blockdevice.Diskstats) series.Reading {
	r := series.Reading{
		Kernel: d.DeviceName,
		Dev:    mapper.DevNo{Major: d.MajorNumber, Minor: d.MinorNumber},
		Counters: series.Counters{
			ReadIOs: d.ReadIOs, ReadMerges: d.ReadMerges, ReadSectors: d.ReadSectors, ReadMS: uint32(d.ReadTicks),
			WriteIOs: d.WriteIOs, WriteMerges: d.WriteMerges, WriteSectors: d.WriteSectors, WriteMS: uint32(d.WriteTicks),
			Inflight: inflight(d.IOsInProgress), BusyMS: uint32(d.IOsTotalTicks), QueueMS: uint32(d.WeightedIOTicks),
		},
	}
	if d.IoStatsCount >= fieldsDiscards {
		r.Given |= series.GivenDiscards
		r.DiscardIOs, r.DiscardMerges, r.DiscardSectors, r.DiscardMS = d.DiscardIOs, d.DiscardMerges, d.DiscardSectors, uint32(d.DiscardTicks)
	}
	if d.IoStatsCount >= fieldsFlushes {
		r.Given |= series.GivenFlushes
		r.FlushIOs, r.FlushMS = d.FlushRequestsCompleted, uint32(d.TimeSpentFlushing)
	}
	return r
}

// inflight is 0 where the kernel prints a number below 0 as an unsigned one.
func inflight(n uint64) uint32 {
	if n > 1<<31-1 {
		return 0
	}
	return uint32(n)
}

func oldPartition(name string, v [fieldsFlushes]uint64) series.Reading {
	return series.Reading{
		Kernel: name,
		Dev:    mapper.DevNo{Major: uint32(v[0]), Minor: uint32(v[1])},
		Counters: series.Counters{
			ReadIOs: v[3], ReadSectors: v[4], WriteIOs: v[5], WriteSectors: v[6],
			Given: series.OnlyCounts,
		},
	}
}
