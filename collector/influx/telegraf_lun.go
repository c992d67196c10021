package influx

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"lunstat/mapper"
)

// telegrafHost is what tags say about one host's storage.
type telegrafHost struct {
	luns   []mapper.LUN
	use    mapper.Use
	places []diskPlace
	last   map[string]string // by a kernel's name that moved: the path that is on it now
}

// diskPlace is one filesystem as disk's tags had it, last at a time stamp.
type diskPlace struct {
	tags  map[string]string
	stamp int64
}

func (p *diskPlace) device() string { return strings.TrimPrefix(p.tags["device"], "/dev/") }

// LUNs makes entries from the tags of diskio and disk in the range: a name, where it is
// mounted, and what our own rules derive from these.
func (t *Telegraf) LUNs(ctx context.Context, from, to time.Time) ([]mapper.Entry, error) {
	hosts, err := t.devices(ctx, from, to)
	if err != nil {
		return nil, err
	}
	var out []mapper.Entry
	for _, host := range slices.Sorted(maps.Keys(hosts)) {
		colours := map[string]int{} // by role, in order of name
		for _, lun := range hosts[host].luns {
			lun.ID = telegrafKey(host, lun.Kernel).ID
			out = append(out, mapper.Entry{Host: host, Source: SourceTelegraf, From: from, Colour: colours[lun.Role], LUN: lun})
			colours[lun.Role]++
		}
	}
	return out, nil
}

// devices collects each host's names and mounts, and classifies them.
func (t *Telegraf) devices(ctx context.Context, from, to time.Time) (map[string]*telegrafHost, error) {
	hosts := map[string]*telegrafHost{}
	of := func(host string) *telegrafHost {
		if hosts[host] == nil {
			hosts[host] = &telegrafHost{last: map[string]string{}}
		}
		return hosts[host]
	}
	q := question{measurement: "diskio", columns: []string{"last(reads)"}, by: []string{"host", "name"},
		from: stampAfter(from), to: stampAfter(to)}
	err := t.selectFrom(ctx, q, func(tags map[string]string, _ []cell) error {
		h := of(tags["host"])
		h.luns = append(h.luns, telegrafLUN(tags["name"]))
		return nil
	})
	if err != nil {
		return nil, err
	}
	q.measurement, q.columns, q.by = "disk", []string{"last(total)"}, []string{"host", "device", "label", "path", "fstype", "mode"}
	err = t.selectFrom(ctx, q, func(tags map[string]string, c []cell) error {
		h := of(tags["host"])
		stamp, _ := c[0].int()
		h.places = append(h.places, diskPlace{maps.Clone(tags), stamp})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, h := range hosts {
		h.mountAll()
		// Its errors are of rules that match nothing here: they are for other hosts.
		_ = mapper.Classify(h.luns, h.use, t.rules)
	}
	return hosts, nil
}

// telegrafLUN knows a LUN by diskio's name, which by name_templates may be
// device-mapper's ("zimbra1_sqldb-data") or LVM's ("zimbra1_sqldb/data").
func telegrafLUN(name string) mapper.LUN {
	l := mapper.LUN{Kernel: name}
	if isKernelName(name) {
		return l
	}
	l.DMName = name
	if vg, lv, ok := strings.Cut(name, "/"); ok {
		l.VG, l.LV = vg, lv
	} else if vg, lv, _, ok := mapper.SplitName(name); ok {
		l.VG, l.LV = vg, lv
	}
	return l
}

// mountAll gives the LUNs the names that the disk measurement has, except for kernel
// names that moved: two LUNs that swapped theirs at a reboot would both have both names,
// and nobody could tell whose I/O it was. Their space is that of where they are now.
func (h *telegrafHost) mountAll() {
	slices.SortStableFunc(h.places, func(a, b diskPlace) int { return cmp.Compare(a.stamp, b.stamp) })
	moved := h.moved()
	for i := range h.places {
		p := &h.places[i]
		if !moved[p.device()] {
			h.mount(p.tags)
			continue
		}
		path := p.tags["path"]
		maps.DeleteFunc(h.last, func(_, on string) bool { return on == path })
		h.last[p.device()] = path
	}
}

// moved are the kernel names that meant more than one LUN: a path that was another LUN's
// before, or a changed dm name.
func (h *telegrafHost) moved() map[string]bool {
	moved, on, called := map[string]bool{}, map[string]string{}, map[string]string{}
	for i := range h.places {
		device, path, label := h.places[i].device(), h.places[i].tags["path"], h.places[i].tags["label"]
		if !isKernelName(device) {
			continue
		}
		if was := on[path]; was != "" && was != device {
			moved[was], moved[device] = true, true
		}
		on[path] = device
		if was := called[device]; was != "" && label != "" && was != label {
			moved[device] = true
		}
		if label != "" {
			called[device] = label
		}
	}
	return moved
}

// mount takes a filesystem of disk. Its device is dm-1, mapper/NAME or sda1; its
// label, where there is one, the name of a dm-1.
func (h *telegrafHost) mount(tags map[string]string) {
	device := strings.TrimPrefix(tags["device"], "/dev/")
	for i := range h.luns {
		l := &h.luns[i]
		if l.Kernel == device && tags["label"] != "" && strings.HasPrefix(device, "dm-") {
			l.DMName = tags["label"]
			l.VG, l.LV, _, _ = mapper.SplitName(l.DMName)
		}
		// A name from name_templates is not a kernel name: the mount is found by it.
		if name, ok := strings.CutPrefix(device, "mapper/"); ok && l.DMName != "" && mapper.JoinName(l.VG, l.LV) == name {
			device = l.Kernel
			break
		}
	}
	h.use.Mounts = append(h.use.Mounts, mapper.MountedDev{Mount: mapper.Mount{
		Point: tags["path"], FSType: tags["fstype"], Root: "/", Source: "/dev/" + device, RO: tags["mode"] == "ro",
	}})
}
