package mapper

import (
	"path"

	"github.com/moby/sys/mountinfo"
)

// mountTree tells which mounts can still be reached by their mount points.
type mountTree struct {
	infos []*mountinfo.Info
	byID  map[int]int
	at    map[place]int // the last mount at a place
	open  []verdict
}

// place is a mount point as seen on the mount that carries it.
type place struct {
	parent int
	point  string
}

type verdict uint8

const (
	unknown verdict = iota
	asking          // met again while it is asked for: a torn table's ring
	yes
	no
)

func newMountTree(infos []*mountinfo.Info) *mountTree {
	t := &mountTree{
		infos: infos,
		byID:  make(map[int]int, len(infos)),
		at:    make(map[place]int, len(infos)),
		open:  make([]verdict, len(infos)),
	}
	for i, m := range infos {
		t.byID[m.ID] = i
		if m.Parent != m.ID { // the first root of all carries itself
			t.at[place{m.Parent, m.Mountpoint}] = i
		}
	}
	return t
}

// hidden reports that a path to the mount point ends elsewhere: another mount
// lies over it, or over something on the way.
func (t *mountTree) hidden(i int) bool { return t.topped(i) || !t.reached(i) }

// topped reports that another mount lies exactly over this one.
func (t *mountTree) topped(i int) bool {
	m := t.infos[i]
	_, ok := t.at[place{m.ID, m.Mountpoint}]
	return ok
}

// reached reports that the way to the mount is open, whatever lies over it.
func (t *mountTree) reached(i int) bool {
	if t.open[i] == unknown {
		t.open[i] = asking
		if t.wayOpen(i) {
			t.open[i] = yes
		} else {
			t.open[i] = no
		}
	}
	return t.open[i] != no
}

func (t *mountTree) wayOpen(i int) bool {
	m := t.infos[i]
	if last, ok := t.at[place{m.Parent, m.Mountpoint}]; ok && last != i && m.Parent != m.ID {
		return false
	}
	for dir := m.Mountpoint; dir != path.Dir(dir); {
		dir = path.Dir(dir)
		if _, ok := t.at[place{m.Parent, dir}]; ok {
			return false
		}
	}
	up, ok := t.byID[m.Parent]
	if !ok || up == i {
		return true
	}
	if t.infos[up].Mountpoint != m.Mountpoint && t.topped(up) {
		return false
	}
	return t.reached(up)
}
