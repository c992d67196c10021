package mapper

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Names are what the devices of one host are called at one moment. The nil Names
// know no device.
type Names struct {
	kernel map[string]string // by the kernel's name, "dm-13"
	node   map[string]string // by the kernel's name, what is in /dev/mapper
	dev    map[DevNo]string
	path   map[string]string // by the kernel's name of a path, its map's name
	dm     map[uint32]bool   // device-mapper's majors
	widest int               // of the names, in characters
}

// NewNames gives the names of devices. call gives the name of one; nil means its name
// in /dev/mapper. If call gives "", the device keeps the kernel's name.
func NewNames(devices []LUN, call func(*LUN) string) *Names {
	if call == nil {
		call = mapperName
	}
	n := &Names{
		kernel: make(map[string]string), node: make(map[string]string), dev: make(map[DevNo]string),
		path: make(map[string]string), dm: make(map[uint32]bool),
	}
	for i := range devices {
		l := &devices[i]
		if strings.HasPrefix(l.Kernel, "dm-") {
			n.dm[l.Dev.Major] = true
		}
		if l.DMName != "" {
			n.node[l.Kernel] = Mangle(l.DMName)
		}
		n.add(l.Kernel, l.Dev, call(l))
	}
	for i := range devices {
		n.addPaths(&devices[i], call)
	}
	return n
}

func mapperName(l *LUN) string { return Mangle(l.DMName) }

// addPaths names the paths of a map. Each keeps its own name in addition to the map's, or
// two paths of one map could not be told apart.
func (n *Names) addPaths(l *LUN, call func(*LUN) string) {
	name := call(l)
	if name == "" {
		return
	}
	for _, p := range l.Paths {
		n.add(p.Kernel, p.Dev, name+"("+p.Kernel+")")
		n.path[p.Kernel] = name
	}
}

func (n *Names) add(kernel string, dev DevNo, name string) {
	if name == "" {
		name = kernel
	} else {
		n.kernel[kernel] = name
	}
	if dev != (DevNo{}) { // hidden paths of NVMe have no number
		n.dev[dev] = name
	}
	n.widest = max(n.widest, utf8.RuneCountInString(name))
}

// Empty reports whether no device has another name than the kernel's.
func (n *Names) Empty() bool { return n == nil || len(n.kernel) == 0 }

// None reports whether there are no devices at all.
func (n *Names) None() bool { return n == nil || n.widest == 0 }

// Widest is how long the longest name is, in characters.
func (n *Names) Widest() int {
	if n == nil {
		return 0
	}
	return n.widest
}

// ByRole makes a function for [NewNames] that gives the names that people use: "MySQL
// data". It adds the group if two devices would have the same name, and the dm name if
// that is not enough. Devices without a label keep the dm name.
func ByRole(devices []LUN) func(*LUN) string {
	labels, titles := make(map[string]int), make(map[string]int)
	for i := range devices {
		if l := &devices[i]; l.Label != "" {
			labels[l.Label]++
			titles[l.Title()]++
		}
	}
	return func(l *LUN) string {
		switch {
		case l.Label == "":
			return mapperName(l)
		case labels[l.Label] == 1:
			return l.Label
		case titles[l.Title()] == 1:
			return l.Title()
		}
		return l.Title() + " (" + l.Name() + ")"
	}
}

// HeldAt gives a host's devices at a time in the past, from its ledger's entries. It
// gives none for a time before the ledger began. Of two entries for one LUN, which a clock
// that was ahead leaves, the one that began later counts.
func HeldAt(entries []Entry, host string, at time.Time) (devices []LUN) {
	place := make(map[ID]int) // in devices
	from := make(map[ID]time.Time)
	for i := range entries {
		e := &entries[i]
		if e.Host != host || e.Source != "host" || at.Before(e.From) || !e.To.IsZero() && !at.Before(e.To) {
			continue
		}
		if p, twice := place[e.LUN.ID]; !twice {
			place[e.LUN.ID], from[e.LUN.ID] = len(devices), e.From
			devices = append(devices, e.LUN)
		} else if !e.From.Before(from[e.LUN.ID]) {
			devices[p], from[e.LUN.ID] = e.LUN, e.From
		}
	}
	return devices
}

// Mangle writes a dm name as /dev/mapper has it: "my disk" is "my\x20disk" there. A
// name that has such escapes already keeps them.
func Mangle(name string) string {
	if !slices.ContainsFunc([]byte(name), func(c byte) bool { return !inDMName(c) }) {
		return name
	}
	const hex = "0123456789abcdef"
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		if inDMName(c) || c == '\\' && Unmangle(name[i:min(i+4, len(name))]) != name[i:min(i+4, len(name))] {
			b.WriteByte(c)
			continue
		}
		b.WriteString(`\x`)
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

// inDMName reports whether udev keeps a byte of a name as it is.
func inDMName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("#+-.:=@_", c) >= 0
}
