package mapper

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Counted is a block device that /proc/diskstats counts the I/O of.
type Counted struct {
	Kernel  string
	Dev     DevNo
	Written bool // it shows writes
}

func newScan(p Paths, counted []Counted) *scan {
	s := &scan{files: newFiles(), paths: p, number: make(map[string]DevNo, len(counted)), unread: make(map[string]bool), bare: make(map[string]bool)}
	for _, d := range counted {
		s.number[d.Kernel] = d.Dev
	}
	return s
}

func (s *scan) read(counted []Counted) {
	s.sysfs()
	s.addCounted(counted)
	s.link()
	s.pools()
	MarkWritten(s.devs, counted, nil)
}

// UeventSeq is the kernel's count of devices' comings, goings and changes: while
// it doesn't change within one boot, what [DevicesAfter] said is still true.
func UeventSeq(p Paths) (seq uint64, ok bool) {
	text, ok := newFiles().read(cwd, filepath.Join(p.Sys, "kernel/uevent_seqnum"))
	if !ok {
		return 0, false
	}
	seq, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
	return seq, err == nil
}

// scan is one reading of a host's devices.
type scan struct {
	files    *files
	paths    Paths
	number   map[string]DevNo // what diskstats said; saves reading dev
	devs     []LUN
	ways     []Path         // in the order of devs: its address and state, if it turns out to be a path
	at       map[string]int // kernel name → place in devs
	sizes    map[string]uint64
	problems []error

	unread map[string]bool // devices that could not be read completely at the moment
	bare   map[string]bool // devices that sysfs lacks
	blind  bool            // a list of devices could not be read
	why    error           // the last reason for either
}

func (s *scan) sysfs() {
	block := filepath.Join(s.paths.Sys, "block")
	names, err := s.files.names(cwd, block)
	if err != nil {
		s.problem(fmt.Errorf("read the block devices: %w", err))
	}
	s.missedAll()
	slices.SortFunc(names, compareNames)
	s.grow(len(names) + len(s.number))
	dir, err := s.files.dir(cwd, block)
	s.missedAll()
	if err != nil {
		return
	}
	defer s.files.close(dir)
	for _, name := range names {
		s.whole(dir, name)
	}
	s.partitions(dir, names)
}

func (s *scan) grow(n int) {
	s.devs = make([]LUN, 0, n)
	s.ways = make([]Path, 0, n)
	s.at = make(map[string]int, n)
}

// problem keeps what went wrong, unless it is said in one word of all devices.
func (s *scan) problem(err error) {
	if s.files.missed == nil {
		s.problems = append(s.problems, err)
	}
}

func (s *scan) add(l LUN, way Path) {
	s.missed(l.Kernel)
	way.Kernel, way.Dev = l.Kernel, l.Dev
	s.at[l.Kernel] = len(s.devs)
	s.devs = append(s.devs, l)
	s.ways = append(s.ways, way)
}

// kernelName undoes sysfs' spelling of "cciss/c0d0".
func kernelName(name string) string { return strings.ReplaceAll(name, "!", "/") }

func sysfsName(kernel string) string { return strings.ReplaceAll(kernel, "/", "!") }

// whole reads a device that isn't a partition.
func (s *scan) whole(block int, name string) {
	l := LUN{Kernel: kernelName(name)}
	var way Path
	dir, err := s.files.dir(block, name)
	if err != nil {
		s.problem(fmt.Errorf("read the facts of %s: %w", l.Kernel, err))
		s.bare[l.Kernel] = true
		l.Dev = s.number[l.Kernel]
		s.add(l, way)
		return
	}
	defer s.files.close(dir)
	s.common(dir, &l)
	l.DiskSeq = s.files.number(dir, "diskseq")
	stats, ok := s.files.read(dir, "queue/iostats")
	l.StatsOff = ok && stats == "0"
	if isDM(l.Kernel) {
		s.dm(dir, &l)
	} else if !isNone(l.Kernel) {
		way = s.disk(dir, &l)
	}
	if !isLeaf(l.Kernel) {
		l.Slaves, _ = s.files.names(dir, "slaves")
		for i := range l.Slaves {
			l.Slaves[i] = kernelName(l.Slaves[i])
		}
	}
	s.add(l, way)
}

// common reads what partitions have too.
func (s *scan) common(dir int, l *LUN) {
	var known bool
	if l.Dev, known = s.number[l.Kernel]; !known {
		text, _ := s.files.read(dir, "dev")
		l.Dev, _ = ParseDevNo(text)
	}
	if text, ok := s.files.read(dir, "size"); ok {
		sectors, _ := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
		l.SizeBytes = sectors * 512
	} else {
		l.SizeBytes = s.partitionsSize(l.Kernel)
	}
}

func (s *scan) dm(dir int, l *LUN) {
	var haveName, haveUUID bool
	l.DMName, haveName = s.files.read(dir, "dm/name")
	l.UUID, haveUUID = s.files.read(dir, "dm/uuid")
	suspended, _ := s.files.read(dir, "dm/suspended")
	l.Suspended = suspended == "1"
	s.bare[l.Kernel] = !haveName && !haveUUID
	if !haveName || !haveUUID {
		s.dmFromUdev(l, haveName, haveUUID)
	}
	if !haveUUID || strings.HasPrefix(l.UUID, "LVM-") {
		nameLV(l)
	}
	l.WWID = mapWWID(l.UUID)
}

// mapWWID is the WWID in a multipath map's uuid.
func mapWWID(uuid string) string {
	wwid, _ := strings.CutPrefix(uuid, "mpath-")
	if len(wwid) == len(uuid) {
		return ""
	}
	return wwid
}

// partitions reads them from class/block, which names all in one folder; where
// it is missing (Linux before 2.6.26, pruned captures), from each disk's folder.
func (s *scan) partitions(block int, wholes []string) {
	isWhole := func(name string) bool { _, ok := s.at[name]; return ok }
	names, err := s.files.names(cwd, filepath.Join(s.paths.Sys, "class/block"))
	if err != nil || len(names) == 0 {
		names = s.partitionFolders(block, wholes)
	}
	s.missedAll()
	slices.SortFunc(names, compareNames)
	for _, name := range names {
		kernel := kernelName(name)
		if isWhole(kernel) {
			continue
		}
		if disk, _, ok := splitPart(kernel, isWhole); ok {
			s.partition(block, disk, kernel)
		}
	}
}

func (s *scan) partitionFolders(block int, wholes []string) (parts []string) {
	for _, name := range wholes {
		if isDM(name) {
			continue
		}
		inside, _ := s.files.names(block, name)
		for _, sub := range inside {
			if _, _, ok := splitPart(sub, func(disk string) bool { return disk == name }); ok {
				parts = append(parts, sub)
			}
		}
	}
	return parts
}

func (s *scan) partition(block int, disk, kernel string) {
	l := LUN{Kernel: kernel, Slaves: []string{disk}}
	dir, err := s.files.below(block, sysfsName(disk), sysfsName(kernel))
	if err != nil {
		l.Dev = s.number[kernel]
		s.add(l, Path{})
		return
	}
	defer s.files.close(dir)
	s.common(dir, &l)
	s.add(l, Path{})
}

// addCounted appends what diskstats shows and sysfs does not.
func (s *scan) addCounted(counted []Counted) {
	if s.at == nil {
		s.grow(len(counted))
	}
	shown := make(map[string]bool, len(counted))
	for _, d := range counted {
		shown[d.Kernel] = true
	}
	for _, d := range counted {
		if _, ok := s.at[d.Kernel]; ok {
			continue
		}
		s.bare[d.Kernel] = true
		l := LUN{Kernel: d.Kernel, Dev: d.Dev, SizeBytes: s.partitionsSize(d.Kernel)}
		if disk, _, ok := splitPart(d.Kernel, func(name string) bool { return shown[name] }); ok {
			l.Slaves = []string{disk}
		}
		if isDM(l.Kernel) {
			s.dmFromUdev(&l, false, false)
			nameLV(&l)
			l.WWID = mapWWID(l.UUID)
		} else if len(l.Slaves) == 0 {
			s.diskFromUdev(&l)
		}
		s.add(l, Path{})
	}
}

// partitionsSize is a device's size in /proc/partitions, for want of sysfs'.
func (s *scan) partitionsSize(kernel string) uint64 {
	if s.sizes == nil {
		s.sizes = make(map[string]uint64)
		for line := range strings.Lines(s.files.all(filepath.Join(s.paths.Proc, "partitions"))) {
			if f := strings.Fields(line); len(f) == 4 {
				blocks, _ := strconv.ParseUint(f[2], 10, 64)
				s.sizes[f[3]] = blocks * 1024
			}
		}
	}
	return s.sizes[kernel]
}
