package mapper

import (
	"path/filepath"
	"slices"
)

// Refresh reads anew what changes without a uevent: whether a map is suspended,
// whether counters are off, the states of paths. All else in devs holds while
// [UeventSeq] stands still. Where something can't be read any more, what was
// known stays.
func Refresh(p Paths, devs []LUN) {
	f := newFiles()
	block, err := f.dir(cwd, filepath.Join(p.Sys, "block"))
	if err != nil {
		return
	}
	defer f.close(block)
	for i := range devs {
		f.refresh(block, &devs[i])
	}
}

func (f *files) refresh(block int, l *LUN) {
	dir := sysfsName(l.Kernel)
	if isDM(l.Kernel) {
		if text, ok := f.read(block, dir+"/dm/suspended"); ok {
			l.Suspended = text == "1"
		}
	}
	if text, ok := f.read(block, dir+"/queue/iostats"); ok {
		l.StatsOff = text == "0"
	}
	l.Paths = slices.Clone(l.Paths) // the last run's is to stay as it was
	for i := range l.Paths {
		if text, ok := f.read(block, sysfsName(l.Paths[i].Kernel)+"/device/state"); ok {
			l.Paths[i].State = text
		}
	}
}
