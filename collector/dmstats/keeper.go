package dmstats

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Messenger sends a message to a device and gives the answer: a [Control], or a test's.
type Messenger interface {
	Message(dev mapper.DevNo, text string) (string, error)
}

// Keeper keeps one region a device.
type Keeper struct {
	Messenger
	// Mono is CLOCK_MONOTONIC, by which a region is known again.
	Mono func() (time.Duration, error)
}

// NewKeeper is a Keeper with the host's clock.
func NewKeeper(m Messenger) Keeper {
	return Keeper{m, func() (time.Duration, error) {
		var ts unix.Timespec
		if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
			return 0, fmt.Errorf("reading the clock: %w", err)
		}
		return time.Duration(ts.Nano()), nil
	}}
}

// Latency reads the region of a device. last is what was read the last time, in this boot
// and of this device; nil is unknown. One message is enough if that region is still there.
//
// If there is no region, or none of the device's present size and of today's bounds,
// Latency makes one, but only if mayMake: the kernel then holds back new I/O until all I/O
// in flight has completed, and on a device that hangs the call would hang with it. Then it
// also removes other regions of lunstat.
//
// If none may be made, Latency changes nothing, and reads a region that is shorter than the
// device, too: the reading says so. The result is nil without an error if there is no region, or if the
// device is gone.
func (k Keeper) Latency(lun *mapper.LUN, last *series.LatencyReading, mayMake bool) (*series.LatencyReading, error) {
	r, err := k.latency(lun, last, mayMake)
	switch {
	case errors.Is(err, unix.ENXIO):
		return nil, nil // it went away since the counters were read
	case errors.Is(err, unix.EINVAL):
		return nil, fmt.Errorf("this kernel keeps no latency histograms (Linux 4.2 and later do): %w", err)
	}
	return r, err
}

func (k Keeper) latency(lun *mapper.LUN, last *series.LatencyReading, mayMake bool) (*series.LatencyReading, error) {
	if last != nil && last.Version == series.BoundsVersion {
		r, err := k.read(lun, last.Region, last.Made)
		if err == nil && !r.Short && grew(last, r) {
			return r, nil
		}
		if err != nil && !errors.Is(err, unix.ENOENT) && !errors.Is(err, errNotOurs) {
			return nil, err
		}
	}
	regions, err := k.ours(lun.Dev)
	if err != nil {
		return nil, err
	}
	keep, made := choose(regions, lun)
	if keep == nil && !mayMake {
		if keep, made = choose(regions, &mapper.LUN{}); keep != nil {
			return k.read(lun, keep.ID, made)
		}
		return nil, nil
	}
	if keep == nil {
		if err := k.make(lun.Dev); err != nil {
			return nil, err
		}
		// Another collector may have made one at the same time: both keep the same.
		if regions, err = k.ours(lun.Dev); err != nil {
			return nil, err
		}
		keep, made = choose(regions, lun)
	}
	if keep == nil {
		return nil, fmt.Errorf("the region that was made is not there: %d others are", len(regions))
	}
	for i := range regions {
		if mayMake && &regions[i] != keep {
			if err := k.delete(lun.Dev, regions[i].ID); err != nil {
				return nil, err
			}
		}
	}
	return k.read(lun, keep.ID, made)
}

// grew reports that no count fell: a region that was made again got the same number.
func grew(last, now *series.LatencyReading) bool {
	for i, n := range now.Counts {
		if n < last.Counts[i] {
			return false
		}
	}
	return true
}

// choose gives the region to read, and when it was made; of several, the one with the
// lowest number.
func choose(regions []Region, lun *mapper.LUN) (*Region, uint64) {
	for i := range regions {
		r := &regions[i]
		made, ok := r.made()
		if ok && r.Precise && r.Bounds == boundsText() && r.Start == 0 && r.Length == r.Step && r.covers(lun) {
			return r, made
		}
	}
	return nil, 0
}

// made is when it was made, on CLOCK_MONOTONIC in ns.
func (r *Region) made() (uint64, bool) {
	made, err := parseCount(r.Aux)
	return made, err == nil && made > 0
}

// covers reports that the region is as long as the device. The size of a device may be
// unknown.
func (r *Region) covers(lun *mapper.LUN) bool {
	return lun.SizeBytes == 0 || r.Length == lun.SizeBytes/sectorBytes
}

const sectorBytes = 512

// boundsText is the bounds as the kernel takes and lists them, in ns.
func boundsText() string {
	bounds := series.Bounds()
	words := make([]string, len(bounds))
	for i, b := range bounds {
		words[i] = strconv.FormatInt(b.Nanoseconds(), 10)
	}
	return strings.Join(words, ",")
}

// ours lists lunstat's regions of a device, the lowest number first.
func (k Keeper) ours(dev mapper.DevNo) ([]Region, error) {
	answer, err := k.Message(dev, "@stats_list "+program)
	if err != nil {
		return nil, err
	}
	regions, err := parseList(answer)
	if err != nil {
		return nil, err
	}
	for i := range regions {
		if regions[i].Program != program {
			return nil, fmt.Errorf("asked for its own regions, lunstat got one of %q", regions[i].Program)
		}
	}
	return regions, nil
}

// make makes a region of one area over the whole device. It may hang as long as I/O is in
// flight.
func (k Keeper) make(dev mapper.DevNo) error {
	now, err := k.Mono()
	if err != nil {
		return err
	}
	text := fmt.Sprintf("@stats_create - /1 2 precise_timestamps histogram:%s %s %d", boundsText(), program, now.Nanoseconds())
	if _, err := k.Message(dev, text); err != nil {
		return fmt.Errorf("making a region: %w", err)
	}
	return nil
}

// delete removes a region. If the region is already gone, that is not an error.
func (k Keeper) delete(dev mapper.DevNo, id uint64) error {
	if _, err := k.Message(dev, "@stats_delete "+strconv.FormatUint(id, 10)); err != nil && !errors.Is(err, unix.ENOENT) {
		return err
	}
	return nil
}

// errNotOurs: a region with the number of ours has other counters.
var errNotOurs = errors.New("it is not lunstat's region")

// read reads a region's counters.
func (k Keeper) read(lun *mapper.LUN, id, made uint64) (*series.LatencyReading, error) {
	answer, err := k.Message(lun.Dev, "@stats_print "+strconv.FormatUint(id, 10))
	if err != nil {
		return nil, err
	}
	c, err := parseCounted(answer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotOurs, err)
	}
	return &series.LatencyReading{
		Version: series.BoundsVersion, Region: id, Made: made,
		Short:  lun.SizeBytes != 0 && c.length != lun.SizeBytes/sectorBytes,
		Counts: c.counts, ReadNS: c.readNS, WriteNS: c.writeNS,
	}, nil
}

// Remove removes every region of lunstat from a device, and says how many there were. A
// device that is gone has none.
func (k Keeper) Remove(dev mapper.DevNo) (n int, err error) {
	regions, err := k.ours(dev)
	if errors.Is(err, unix.ENXIO) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	for i := range regions {
		if err := k.delete(dev, regions[i].ID); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
