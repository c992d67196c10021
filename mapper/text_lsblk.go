package mapper

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// jsonText is the answer of lsblk, or of one of LVM's tools.
type jsonText struct {
	BlockDevices []lsblkRow  `json:"blockdevices"`
	Report       []lvmReport `json:"report"`
}

type lsblkRow struct {
	Name, KName, Type, FSType, UUID, WWN, Serial, HCTL, Vendor, Model, Rev, State, PKName *string

	MajMin      string    `json:"maj:min"`
	Size        any       `json:"size"`
	MountPoint  *string   `json:"mountpoint"`
	MountPoints []*string `json:"mountpoints"`
	Children    []lsblkRow
}

// json reads an object at the beginning of the text and returns how long it is.
func (t *textHost) json(text string) (end int) {
	t.line++
	d := json.NewDecoder(strings.NewReader(text))
	var answer jsonText
	if err := d.Decode(&answer); err != nil || answer.BlockDevices == nil && answer.Report == nil {
		if err == nil {
			err = errors.New("the JSON has neither blockdevices, as lsblk -J has, nor a report, as lvs --reportformat json has")
		} else {
			err = fmt.Errorf("reading the JSON of lsblk -J, lvs or pvs: %w", err)
		}
		t.problem(err)
		t.badJSON++
		if end = strings.Index(text, "\n}\n"); end >= 0 {
			end += len("\n}\n")
		} else if end = strings.IndexByte(text, '\n') + 1; end == 0 {
			end = len(text)
		}
		t.line += strings.Count(text[:end], "\n") - 1
		return end
	}
	end = int(d.InputOffset())
	for i := range answer.BlockDevices {
		t.block(&answer.BlockDevices[i], nil, 0)
	}
	for i := range answer.Report {
		t.lvm(&answer.Report[i])
	}
	t.line += strings.Count(text[:end], "\n") - 1
	return end
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return strings.TrimSpace(*s)
}

// block takes a device of lsblk, which is above the one that it is listed below.
func (t *textHost) block(r *lsblkRow, below *textDevice, depth int) *textDevice {
	if depth > deepest || text(r.Name) == "" && text(r.KName) == "" {
		return nil
	}
	kind := text(r.Type)
	d, mapped := t.blockDevice(r, below)
	if size, ok := sized(fmt.Sprint(r.Size)); ok && r.Size != nil {
		d.SizeBytes = size
	} else if f, ok := r.Size.(float64); ok && f >= 0 {
		d.SizeBytes = uint64(f)
	}
	if wwn := strings.TrimPrefix(text(r.WWN), "0x"); wwn != "" && !mapped && kind == "disk" {
		if wwn != text(r.WWN) {
			wwn = "naa." + wwn
		}
		d.WWID = cmp.Or(d.WWID, wwn)
	}
	d.Serial = cmp.Or(d.Serial, text(r.Serial))
	d.hardware = cmp.Or(d.hardware, Hardware{text(r.Vendor), text(r.Model), text(r.Rev)})
	for _, p := range append(r.MountPoints, r.MountPoint) {
		t.mounted(d, text(p), text(r.FSType))
	}
	if parent := strings.TrimPrefix(text(r.PKName), "/dev/"); below == nil && parent != "" { // a flat list
		below = t.kernel(parent)
	}
	if below != nil {
		d.stands(below)
		if kind == "mpath" {
			t.path(d, below, text(r.HCTL), "")
		}
	}
	for i := range r.Children {
		t.block(&r.Children[i], d, depth+1)
	}
	if kind == "disk" {
		d.HCTL, d.state = cmp.Or(text(r.HCTL), d.HCTL), cmp.Or(text(r.State), d.state)
	}
	return d
}

// blockDevice is the device that a row of lsblk is about. mapped reports that it is one of
// device-mapper, which old versions of lsblk only show by its type.
func (t *textHost) blockDevice(r *lsblkRow, below *textDevice) (d *textDevice, mapped bool) {
	dev, _ := ParseDevNo(strings.TrimSpace(r.MajMin))
	name, kernel := strings.TrimPrefix(text(r.Name), "/dev/mapper/"), strings.TrimPrefix(text(r.KName), "/dev/")
	mapped = isDM(kernel)
	switch text(r.Type) {
	case "lvm", "mpath", "crypt", "dm":
		mapped = mapped || kernel == ""
	case "part":
		mapped = mapped || kernel == "" && below != nil && below.DMName != ""
	}
	if mapped {
		d = t.isAt(t.named(name), dev)
	} else {
		kernel = cmp.Or(kernel, strings.TrimPrefix(name, "/dev/"))
		d = t.isAt(t.kernel(kernel), dev)
	}
	return t.isCalled(d, kernel), mapped
}

func (t *textHost) mounted(d *textDevice, point, fsType string) {
	source := "" // counts where no column has the number
	if d.Dev == (DevNo{}) {
		source = "/dev/" + d.Kernel
		if d.DMName != "" {
			source = "/dev/mapper/" + d.DMName
		}
	}
	switch {
	case point == "":
	case point == "[SWAP]":
		name := "/dev/" + d.Kernel
		if d.DMName != "" {
			name = "/dev/mapper/" + d.DMName
		}
		if !slices.Contains(t.swaps, name) {
			t.swaps = append(t.swaps, name)
		}
	case !slices.ContainsFunc(t.mounts, func(m MountedDev) bool { return m.Dev == d.Dev && m.Source == source && m.Point == point }):
		t.mounts = append(t.mounts, MountedDev{Dev: d.Dev, Mount: Mount{Point: point, FSType: fsType, Root: "/", Source: source}})
	}
}
