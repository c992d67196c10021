package mapper

import (
	"path/filepath"
	"slices"
	"time"
)

// Refresh reads again what changes without a uevent: whether a map is suspended,
// whether counters are off, the states of paths. Everything else in devs is still true
// while [UeventSeq] stays the same. If something can't be read any more, its last value
// stays. which says which devices to read, by their index in devs: see [Turn]. If
// nothing changed, it returns devs, and otherwise a copy, so that the last run's
// devices don't change.
func Refresh(p Paths, devs []LUN, which []int) []LUN {
	f := newFiles()
	block, err := f.dir(cwd, filepath.Join(p.Sys, "block"))
	if err != nil {
		return devs
	}
	defer f.close(block)
	copied := false
	for _, i := range which {
		now := devs[i]
		if !f.refresh(block, &now) {
			continue
		}
		if !copied {
			devs, copied = slices.Clone(devs), true
		}
		devs[i] = now
	}
	return devs
}

// refresh reads one device, and reports a change.
func (f *files) refresh(block int, l *LUN) bool {
	was := *l
	dir := sysfsName(l.Kernel)
	if isDM(l.Kernel) {
		if text, ok := f.read(block, dir+"/dm/suspended"); ok {
			l.Suspended = text == "1"
		}
	}
	if text, ok := f.read(block, dir+"/queue/iostats"); ok {
		l.StatsOff = text == "0"
	}
	l.Paths = slices.Clone(l.Paths)
	for i := range l.Paths {
		if text, ok := f.read(block, sysfsName(l.Paths[i].Kernel)+"/device/state"); ok {
			l.Paths[i].State = text
		}
	}
	return l.Suspended != was.Suspended || l.StatsOff != was.StatsOff || !slices.Equal(l.Paths, was.Paths)
}

// refreshAtMost bounds how many devices of a kind one minute reads again. A host with
// fewer reads all of them; of 1,000 maps with paths each has its turn within 10 minutes.
//
// That suffices: device-mapper announces a path that fails under I/O, and then all is
// read. Lookup and status read all of it, too.
const refreshAtMost = 100

// Turn says which devices [Refresh] reads now; last is the time of the last run. Each
// of three kinds has its own rotation, so that the many don't delay the few: devices in
// trouble, maps with paths, all others.
func Turn(devs []LUN, last, now time.Time) (which []int) {
	var kinds [3][]int
	for i := range devs {
		kind := 2
		switch l := &devs[i]; {
		case l.Suspended || slices.ContainsFunc(l.Paths, Path.Down):
			kind = 0
		case len(l.Paths) > 0:
			kind = 1
		}
		kinds[kind] = append(kinds[kind], i)
	}
	for _, kind := range kinds {
		which = appendTurn(which, kind, last, now)
	}
	return which
}

// Down reports whether the path's state is known and not good. A ghost is a good path to
// the controller that doesn't serve the LUN at the moment.
func (p Path) Down() bool {
	return p.State != "" && p.State != "running" && p.State != "live" && p.State != "ghost"
}

// appendTurn gives those whose turn it is in this minute or was in one since the last
// run: cron may call less often.
func appendTurn(which, all []int, last, now time.Time) []int {
	turns := (len(all) + refreshAtMost - 1) / refreshAtMost
	if turns == 0 {
		return which
	}
	minute := now.Unix() / 60
	missed := max(1, min(minute-last.Unix()/60, int64(turns)))
	for m := minute - missed + 1; m <= minute; m++ {
		n := (int(m%int64(turns)) + turns) % turns // before 1970, too
		which = append(which, all[n*refreshAtMost:min((n+1)*refreshAtMost, len(all))]...)
	}
	return which
}
