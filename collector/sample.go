package collector

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// ReadSample reads the clocks, the counters and the mapping, but no space.
func ReadSample(o Options, state series.State) (s series.Sample, err error) {
	s.Host, s.Source, s.Version = o.Host, series.SourceHost, o.Version
	// Before the counters: what changes afterwards changes the count, and is read
	// in the next run.
	s.UeventSeq, _ = mapper.UeventSeq(o.Paths)
	s.At, s.Readings, s.Warnings, err = readDiskstats(o.Paths.Proc, o.ReadingTime)
	if err != nil {
		return s, err
	}
	s.Partial = len(s.Warnings) > 0 || len(s.Readings) == 0
	readPressure(o.Paths.Proc, &s)
	s.Kernel, _ = readLine(filepath.Join(o.Paths.Proc, "sys/kernel/osrelease"))
	problems, whole := mapping(o, &s, state)
	if !whole {
		s.Partial, s.UeventSeq = true, 0 // the next run reads all of it again
	}
	s.Warnings = append(s.Warnings, said(problems)...)
	return s, nil
}

// mapping says which reading is which LUN, and leaves out the readings for which that
// can't be told for the moment. At many LUNs the names cost, not the counters: where
// the kernel announced no change since the last run of this boot, last run's
// devices still hold, unless another version of lunstat read them: it may have known less
// of them. whole: all could be told.
func mapping(o Options, s *series.Sample, state series.State) (problems []error, whole bool) {
	var known []mapper.LUN // of this boot
	if s.At.BootID == state.BootID {
		known = state.Mapping
	}
	counted := make([]mapper.Counted, len(s.Readings))
	for i := range s.Readings {
		r := &s.Readings[i]
		counted[i] = mapper.Counted{Kernel: r.Kernel, Dev: r.Dev, Written: r.WriteIOs > 0}
	}
	files := mapper.ReadUseFiles(o.Paths)
	mark := files.Mark(o.LUNs, o.Version)
	var unread map[string]bool
	if s.UeventSeq != 0 && s.UeventSeq == state.UeventSeq && s.At.BootID != "" && covers(known, s.Readings) && !mapper.OtherVersion(mark, state.Classified) {
		s.LUNs = mapper.Refresh(o.Paths, known, mapper.Turn(known, lastRun(state), s.At.Wall))
		same := mark != "" && mark == state.Classified && len(s.Readings) == len(known)
		if !same || mapper.AnyBare(s.LUNs) {
			s.LUNs = slices.Clone(s.LUNs) // the last run's stay as they were
			mapper.MarkWritten(s.LUNs, counted, state.Mapping)
		}
		if same && sameWritten(s.LUNs, known) {
			s.Classified = mark
			return nil, true
		}
	} else {
		s.LUNs, unread, problems = mapper.DevicesAfter(o.Paths, counted, known)
		s.Readings = slices.DeleteFunc(s.Readings, func(r series.Reading) bool { return unread[r.Kernel] })
		mapper.Continue(known, s.LUNs)
		mapper.MarkWritten(s.LUNs, counted, state.Mapping)
	}
	use, more := files.Use()
	use.FillIn(known)
	problems = append(problems, more...)
	problems = append(problems, mapper.Classify(s.LUNs, use, o.LUNs)...)
	keepIdentity(s.LUNs, known)
	lost := unmeasured(s, &use, known, state.Conditions, unread)
	s.Warnings = append(s.Warnings, lost...)
	if len(problems) == 0 && len(lost) == 0 && unread == nil && !use.ByLink() {
		s.Classified = mark
	}
	return problems, unread == nil
}

func sameWritten(a, b []mapper.LUN) bool {
	for i := range a {
		if a[i].Written != b[i].Written {
			return false
		}
	}
	return true
}

// lastRun is when the last run read its counters; zero if it read none.
func lastRun(state series.State) (at time.Time) {
	if len(state.Last) > 0 {
		at = state.Last[0].At.Wall // what was not there comes last
	}
	return at
}

// keepIdentity lets a LUN that has nothing but a name keep its identity when it
// is renamed: within one boot, diskseq says that it is the same.
func keepIdentity(luns, was []mapper.LUN) {
	bySeq := make(map[uint64]mapper.ID)
	for i := range was {
		if was[i].ID.Local() && was[i].DiskSeq != 0 {
			bySeq[was[i].DiskSeq] = was[i].ID
		}
	}
	for i := range luns {
		if id, ok := bySeq[luns[i].DiskSeq]; ok && luns[i].ID.Local() {
			luns[i].ID = id
		}
	}
}

// covers reports whether each reading is of a device in the mapping. One that an
// older version left, which knew less of devices, covers none.
func covers(luns []mapper.LUN, readings []series.Reading) bool {
	known := inOrder[string]{n: len(luns), key: func(i int) string { return luns[i].Kernel }}
	for i := range readings {
		if at, ok := known.find(readings[i].Kernel); !ok || luns[at].Dev != readings[i].Dev {
			return false
		}
	}
	return len(luns) > 0 && luns[0].Reach != ""
}

// HostName is the kernel's name of the host, "unknown" on a capture without one.
func HostName(proc string) (string, error) {
	name, err := readLine(filepath.Join(proc, "sys/kernel/hostname"))
	if errors.Is(err, os.ErrNotExist) && filepath.Clean(proc) != realProc {
		return "unknown", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the host's name: %w", err)
	}
	return name, nil
}
