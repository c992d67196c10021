package mapper_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"lunstat/mapper"
)

// edge says that a device rests on another one, by their numbers.
type edge struct{ upper, lower mapper.DevNo }

func (e edge) String() string { return fmt.Sprintf("%s on %s", e.upper, e.lower) }

// chainEdges are all edges that [mapper.Chain] has for any device of a host.
func (h *host) chainEdges() map[edge]bool {
	edges := make(map[edge]bool)
	var walk func(l *mapper.Level)
	walk = func(l *mapper.Level) {
		for i := range l.Below {
			edges[edge{l.LUN.Dev, l.Below[i].LUN.Dev}] = true
			walk(&l.Below[i])
		}
	}
	for i := range h.devs {
		for _, tree := range mapper.Chain(h.devs, i, nil) {
			walk(&tree)
		}
	}
	return edges
}

// treeEdges are those of `dmsetup ls --tree`.
func (h *host) treeEdges() map[edge]bool {
	edges := make(map[edge]bool)
	type at struct {
		column int
		dev    mapper.DevNo
	}
	var above []at
	for _, line := range h.lines("dmsetup-ls-tree.txt") {
		open := strings.LastIndexByte(line, '(')
		if open < 0 {
			continue // dmsetup cut the line of a long name
		}
		column := -1 // of the dash before the name
		if rest := strings.TrimLeft(line, " |`"); strings.HasPrefix(rest, "-") {
			column = len(line) - len(rest)
		}
		is := at{column, number(h.t, strings.Trim(line[open:], "()"))}
		for len(above) > 0 && above[len(above)-1].column >= column {
			above = above[:len(above)-1]
		}
		if len(above) > 0 {
			edges[edge{above[len(above)-1].dev, is.dev}] = true
		}
		above = append(above, is)
	}
	return edges
}

// lsblkEdges are those of `lsblk --json`.
func (h *host) lsblkEdges() map[edge]bool {
	var all struct{ BlockDevices []lsblk }
	if err := json.Unmarshal([]byte(strings.Join(h.lines("lsblk.json"), "\n")), &all); err != nil {
		h.t.Fatal(err)
	}
	edges := make(map[edge]bool)
	var walk func(d lsblk)
	walk = func(d lsblk) {
		for _, child := range d.Children {
			edges[edge{number(h.t, child.MajMin), number(h.t, d.MajMin)}] = true
			walk(child)
		}
	}
	for _, d := range all.BlockDevices {
		walk(d)
	}
	return edges
}

// lvsEdges are those of `lvs -a -o +devices`: an LV on its devices, on its pool and on its
// origin.
func (h *host) lvsEdges() map[edge]bool {
	lines := h.lines("lvs.txt")
	if len(lines) == 0 {
		return nil
	}
	column := func(line, name, next string) string {
		from := strings.Index(lines[0], name)
		to := len(line)
		if next != "" {
			to = min(to, strings.Index(lines[0], next))
		}
		return strings.TrimSpace(line[min(from, len(line)):to])
	}
	lvs := make(map[string]mapper.DevNo) // "vg/lv"
	for _, line := range lines[1:] {
		f := strings.Fields(line)
		if dev, ok := mapper.ParseDevNo(f[len(f)-2] + ":" + f[len(f)-1]); ok {
			lvs[f[1]+"/"+strings.Trim(f[0], "[]")] = dev
		}
	}
	edges := make(map[edge]bool)
	for _, line := range lines[1:] {
		f := strings.Fields(line)
		upper, ok := lvs[f[1]+"/"+strings.Trim(f[0], "[]")]
		if !ok {
			continue // not active
		}
		for _, lv := range []string{column(line, "Pool", "Origin"), column(line, "Origin", "Data%")} {
			if dev, ok := lvs[f[1]+"/"+lv]; ok {
				edges[edge{upper, dev}] = true
			}
		}
		for name := range strings.SplitSeq(column(line, "Devices", "KMaj"), ",") {
			name, _, _ = strings.Cut(name, "(")
			if dev, ok := lvs[f[1]+"/"+name]; ok {
				edges[edge{upper, dev}] = true
			} else if found, err := mapper.Find(h.devs, name, mapper.Paths{}); err == nil {
				edges[edge{upper, found[0].Dev}] = true
			} else if name != "" {
				h.t.Errorf("lvs: no device %q", name)
			}
		}
	}
	return edges
}

// mountEdges are the mounts that findmnt has, and those that the devices have: "/ of 253:0".
func (h *host) mountEdges() (said, ours map[string]bool) {
	said, ours = make(map[string]bool), make(map[string]bool)
	lines := h.lines("findmnt.txt")
	source := strings.Index(lines[0], "SOURCE")
	unescape := strings.NewReplacer(`\x09`, "\t", `\x20`, " ")
	for _, line := range lines[1:] {
		target := line[strings.IndexByte(line, '/'):source]
		name, _, _ := strings.Cut(strings.Fields(line[source:])[0], "[")
		found, err := mapper.Find(h.devs, name, mapper.Paths{})
		if err != nil {
			h.t.Errorf("findmnt: %v", err)
			continue
		}
		said[unescape.Replace(strings.TrimSpace(target))+" of "+found[0].Dev.String()] = true
	}
	for i := range h.devs {
		for _, m := range h.devs[i].Mounts {
			ours[m.Point+" of "+h.devs[i].Dev.String()] = true
		}
	}
	return said, ours
}

// unsaid are the edges of the chain that a tool can't know, and why.
func (h *host) unsaid(tool string, e edge) string {
	upper, lower := h.byDev(e.upper), h.byDev(e.lower)
	_, hidden := strings.CutPrefix(lower.Kernel, "nvme0c")
	switch {
	case hidden:
		return "a path of NVMe's own multipath has no device node"
	case tool == "dmsetup" && upper.DMName == "":
		return "dmsetup looks below its own devices only"
	case tool == "lvs" && upper.LV == "":
		return "not an LV"
	case tool == "lvs" && lvmInner(lower):
		return "lvs doesn't list the devices that LVM puts between an LV and its parts"
	case tool == "lvs" && strings.Contains(lower.LV, "_rmeta_"):
		return "lvs has a RAID's metadata in a column of its own, metadata_devices"
	case tool == "lvs" && lvmInner(upper):
		return "lvs has the LV instead"
	}
	return ""
}

// lvmInner reports the devices that LVM makes for itself: uuids that end in -real, -cow,
// -tpool.
func lvmInner(l *mapper.LUN) bool {
	for _, end := range []string{"-real", "-cow", "-tpool"} {
		if strings.HasPrefix(l.UUID, "LVM-") && strings.HasSuffix(l.UUID, end) {
			return true
		}
	}
	return false
}

// untrue are the edges that a tool says and that the chain has in another way, and why.
func (h *host) untrue(tool string, e edge, ours map[edge]bool) string {
	if tool != "lvs" {
		return ""
	}
	for inner := range ours {
		if inner.upper == e.upper && lvmInner(h.byDev(inner.lower)) {
			if ours[edge{inner.lower, e.lower}] {
				return "one of LVM's own devices is between the two"
			}
			if ours[edge{e.lower, inner.lower}] {
				return "snapshot and origin both rest on what they share: writes to the snapshot don't reach the origin's device"
			}
		}
	}
	return ""
}

// What the host's own tools say of what rests on what, and the chain that lookup prints,
// are the same edge by edge, both ways.
func TestEdgesOfHosts(t *testing.T) {
	for snapshot := range snapshots {
		t.Run(snapshot, func(t *testing.T) {
			h := captured(t, snapshot)
			ours := h.chainEdges()
			for tool, said := range map[string]map[edge]bool{"dmsetup": h.treeEdges(), "lsblk": h.lsblkEdges(), "lvs": h.lvsEdges()} {
				least := 14 // the mail host's LVs
				if strings.HasPrefix(snapshot, "host-plain") {
					least = 0 // one disk, and nothing on it but a filesystem
				}
				if len(said) < least {
					t.Errorf("%s has only %d edges", tool, len(said))
				}
				h.compareEdges(tool, said, ours)
			}
			said, have := h.mountEdges()
			if len(said) == 0 || !maps.Equal(said, have) {
				t.Errorf("findmnt has %v, the devices have %v", slices.Sorted(maps.Keys(said)), slices.Sorted(maps.Keys(have)))
			}
		})
	}
}

func (h *host) compareEdges(tool string, said, ours map[edge]bool) {
	h.t.Helper()
	compared := 0
	for e := range said {
		compared++
		if why := h.untrue(tool, e, ours); !ours[e] && why == "" {
			h.t.Errorf("%s: %s (%s on %s) is not in the chain", tool, e, h.byDev(e.upper).Name(), h.byDev(e.lower).Name())
		}
	}
	for e := range ours {
		if why := h.unsaid(tool, e); why == "" {
			compared++
			if !said[e] {
				h.t.Errorf("%s (%s on %s) is in the chain, and %s doesn't say so", e, h.byDev(e.upper).Name(), h.byDev(e.lower).Name(), tool)
			}
		}
	}
	if compared < len(said) || len(said) > 0 && compared == len(said) {
		h.t.Errorf("%s: only %d edges were compared", tool, compared)
	}
}
