package hosttest

import (
	"slices"
	"time"
)

// Reboot starts the host again: it has been up for a while, and all counters have
// begun at zero. Renumber before or after it as the case may be.
func (h *Host) Reboot(up time.Duration) {
	h.boots++
	h.up, h.seq, h.uevents = up, 0, 0
	for _, r := range h.rows {
		r.io = IO{}
	}
	h.count()
	h.writeAll()
}

// Renumber gives the dm devices their minors in the order of these names, and
// then the others; without names in the opposite order. Their counters and
// diskseq stay: what stops and comes back is for [Host.Recreate].
func (h *Host) Renumber(names ...string) {
	h.t.Helper()
	if len(names) == 0 {
		for _, r := range slices.Backward(h.rows) {
			if r.Name != "" {
				names = append(names, r.Name)
			}
		}
	}
	rank := func(r *row) int {
		if i := slices.Index(names, r.Name); i >= 0 {
			return i
		}
		return len(names)
	}
	slices.SortStableFunc(h.rows, func(a, b *row) int { return rank(a) - rank(b) })
	seqs := make(map[*row]int)
	for _, r := range h.rows {
		seqs[r] = r.seq
	}
	last := h.seq
	h.count()
	h.seq = last
	for _, r := range h.rows {
		r.seq = seqs[r]
	}
	h.writeAll()
}

// Recreate makes a LUN again under its name, uuid and minor: its counters begin
// at zero and its diskseq is new.
func (h *Host) Recreate(name string) {
	h.t.Helper()
	r := h.row(name)
	h.seq++
	r.seq, r.io = h.seq, IO{}
	h.writeAll()
}

// Replace makes another LUN of the same name and minor.
func (h *Host) Replace(name string) {
	h.t.Helper()
	h.row(name).made++
	h.Recreate(name)
}

// Remove takes a LUN away.
func (h *Host) Remove(name string) {
	h.t.Helper()
	h.row(name).gone = true
	h.writeAll()
}

// Return brings a removed LUN back, made again.
func (h *Host) Return(name string) {
	h.t.Helper()
	h.row(name).gone = false
	h.Recreate(name)
}

// Rename gives a LUN another name; its uuid stays.
func (h *Host) Rename(name, to string) {
	h.t.Helper()
	r := h.row(name)
	r.UUID, r.made = r.uuid(), 0
	r.Name = to
	h.writeAll()
}

// Mount mounts a LUN, or unmounts it where the point is "".
func (h *Host) Mount(name, point string) {
	h.t.Helper()
	h.row(name).LUN.Mount = point
	h.writeUse()
}

// State sets the state of a path's SCSI device: running, offline, ….
func (h *Host) State(kernel, state string) {
	h.t.Helper()
	h.row(kernel).state = state
	h.writeAll()
}

// Uevent counts a change that the kernel announced.
func (h *Host) Uevent() {
	h.uevents++
	h.writeUevents()
}
