package mapper

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// UnreadError says that a host could not be read completely, for a passing reason: no
// file descriptor or memory was left, or a device did not answer.
type UnreadError struct {
	Kernels []string // this run can't count them
	Err     error
}

// Error names no device, so that its text stays the same while devices come and go.
func (e *UnreadError) Error() string {
	return "some block devices could not be identified, because reading their names failed: " + e.Err.Error()
}

func (e *UnreadError) Unwrap() error { return e.Err }

// Hint says what happens to the counters.
func (e *UnreadError) Hint() string {
	if len(e.Kernels) == 0 {
		return "lunstat used what the last run knew about them"
	}
	list := e.Kernels
	if len(list) > 20 {
		list = append(slices.Clone(list[:20]), fmt.Sprintf("and %d more", len(e.Kernels)-20))
	}
	return "this minute lacks them, and their next interval will be longer: " + strings.Join(list, ", ")
}

// DevicesAfter reads the facts of every block device: those of sysfs with their
// partitions and hidden paths, and those of seen that sysfs lacks. Without any sysfs,
// the devices are those seen, known by their names only. [Classify] sets layer, role,
// label, group and mounts.
//
// last is what the last run of the same boot saw. If a device can't be read at the
// moment, its last values stay, provided that its diskseq, or what could be read,
// proves that it is still the same device. Otherwise unread has its kernel name, and
// its counters must not be used. A device that can't be read and was not known is left
// out.
func DevicesAfter(p Paths, counted []Counted, last []LUN) (devs []LUN, unread map[string]bool, problems []error) {
	s := newScan(p, counted)
	s.read(counted)
	unread = s.fillIn(last)
	if unread == nil {
		return s.devs, nil, s.problems
	}
	s.link()
	if s.why != nil {
		e := &UnreadError{Err: s.why}
		for _, d := range counted {
			if unread[d.Kernel] {
				e.Kernels = append(e.Kernels, d.Kernel)
			}
		}
		s.problems = append(s.problems, e)
	}
	return s.devs, unread, s.problems
}

// waysOf gives the address and state of each path that a mapping knows.
func waysOf(last []LUN) map[string]Path {
	ways := make(map[string]Path)
	for i := range last {
		for _, p := range last[i].Paths {
			ways[p.Kernel] = p
		}
	}
	return ways
}

// missed notes what could not be read of a device since it was last asked.
func (s *scan) missed(kernel string) {
	if err := s.files.missed; err != nil {
		s.unread[kernel], s.why, s.files.missed = true, err, nil
	}
}

// missedAll notes that a list could not be read: whatever is not on it is unread.
func (s *scan) missedAll() {
	if err := s.files.missed; err != nil {
		s.blind, s.why, s.files.missed = true, err, nil
	}
}

// fillIn replaces what could not be read by what was known, and says which devices'
// counters may be another device's. nil means that everything was read; otherwise the
// devices have to be linked again.
func (s *scan) fillIn(last []LUN) (unread map[string]bool) {
	place, ways := make(map[string]int, len(last)), waysOf(last)
	for i := range last {
		place[last[i].Kernel] = i
	}
	keep := s.devs[:0]
	for i := range s.devs {
		now := &s.devs[i]
		var was *LUN
		if n, ok := place[now.Kernel]; ok && last[n].Dev == now.Dev {
			was = &last[n]
		}
		how := s.judge(now, was)
		if how != asRead && unread == nil {
			unread = make(map[string]bool)
		}
		if how == leftOut || how == asKnownOnly {
			unread[now.Kernel] = true
		}
		switch {
		case how == asKnown || how == asKnownOnly:
			if way, is := ways[now.Kernel]; is || was.HCTL != "" {
				way.HCTL = cmp.Or(way.HCTL, was.HCTL)
				way.State = cmp.Or(s.ways[i].State, way.State)
				s.ways[i] = way
			}
			keep = append(keep, was.facts())
		case how != leftOut || was != nil:
			keep = append(keep, *now)
		}
	}
	if unread == nil {
		return nil
	}
	s.put(keep, place)
	for i := range s.devs {
		if disk, _, ok := partition(&s.devs[i]); ok && unread[disk] {
			unread[s.devs[i].Kernel] = true // it is known by its disk
		}
	}
	return unread
}

// belief is what becomes of a device in a scan.
type belief int

const (
	asRead      belief = iota
	asKnown            // it is the same as the last run's
	asKnownOnly        // it was the last run's; whose the counters are can't be told
	leftOut            // nothing is known of it that can be trusted
)

// judge says what to believe of a device: what was read now, or what was known.
func (s *scan) judge(now, was *LUN) belief {
	lost := s.unread[now.Kernel] || s.bare[now.Kernel] && s.blind
	if was == nil || was.DiskSeq != 0 && now.DiskSeq != 0 && was.DiskSeq != now.DiskSeq {
		if lost {
			return leftOut
		}
		return asRead
	}
	same := now.DiskSeq != 0 && now.DiskSeq == was.DiskSeq
	gone := s.bare[now.Kernel] && was.ID != now.ID
	if gone && s.why == nil {
		s.why = fs.ErrNotExist
	}
	switch poorer := now.ID.Local() && !was.ID.Local(); {
	case (lost || gone) && (same || was.ID == now.ID), poorer && same:
		return asKnown
	case lost || gone:
		return asKnownOnly
	case poorer:
		// Its identity is gone, and what it had may come back: if it doesn't, the
		// next run takes the device for a new one.
		return leftOut
	}
	return asRead
}

// facts are what was read of a device, without what was made of it.
func (l *LUN) facts() LUN {
	f := *l
	f.ID, f.Was, f.Layer, f.Role, f.RoleFrom, f.Label, f.Group, f.Ignored = "", "", "", "", "", "", "", false
	f.Mounts, f.Swap, f.Holders, f.Paths = nil, false, nil, nil
	f.Slaves = slices.Clone(f.Slaves)
	return f
}

// put takes these devices for those of the scan, known ones in the order in which
// they were known, and undoes what link made of them.
func (s *scan) put(devs []LUN, place map[string]int) {
	rank := func(l LUN) int {
		if n, ok := place[l.Kernel]; ok {
			return n
		}
		return len(place)
	}
	slices.SortStableFunc(devs, func(a, b LUN) int { return cmp.Compare(rank(a), rank(b)) })
	ways := make([]Path, len(devs))
	for i := range devs {
		devs[i].Holders, devs[i].Paths = nil, nil
		ways[i] = s.ways[s.at[devs[i].Kernel]]
	}
	clear(s.at)
	for i := range devs {
		s.at[devs[i].Kernel] = i
	}
	s.devs, s.ways = devs, ways
}
