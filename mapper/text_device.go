package mapper

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// textDevice is a device, with those below it as far as they are known yet.
type textDevice struct {
	LUN
	below    []*textDevice
	hardware Hardware
	pathOf   *textDevice
	state    string // of a disk

	// What counts where nothing better is known: lvs gives a thin pool the number of its
	// hidden part, and rounds sizes, as multipath does.
	weakDev   DevNo
	weakSize  uint64
	weakBelow []*textDevice

	same *textDevice // the one that it turned out to be
}

// root is the device itself, or the one that it turned out to be.
func (d *textDevice) root() *textDevice {
	for d != nil && d.same != nil {
		d = d.same
	}
	return d
}

// What a line calls a device by, in addition to its DevNo.
type (
	calledDM     string
	calledKernel string
)

// device is what is called so: known already, or new with what that says.
func (t *textHost) device(call any, says LUN) *textDevice {
	d := t.known[call].root()
	if d == nil {
		d = &textDevice{LUN: says}
		t.devices, t.known[call] = append(t.devices, d), d
	}
	return d
}

func (t *textHost) named(name string) *textDevice  { return t.device(calledDM(name), LUN{DMName: name}) }
func (t *textHost) numbered(dev DevNo) *textDevice { return t.device(dev, LUN{Dev: dev}) }
func (t *textHost) kernel(name string) *textDevice {
	return t.device(calledKernel(name), LUN{Kernel: name})
}

// isAt gives a device its number, and makes it one with what is known of that number.
func (t *textHost) isAt(d *textDevice, dev DevNo) *textDevice {
	if dev == (DevNo{}) || d.Dev == dev {
		return d
	}
	if other := t.known[dev].root(); other != nil && other != d && (d.DMName == "" || other.DMName == "" || d.DMName == other.DMName) {
		return join(d, other)
	}
	d.Dev, t.known[dev] = dev, d
	return d
}

// isCalled gives a device its kernel's name, and makes it one with what is known by it.
func (t *textHost) isCalled(d *textDevice, kernel string) *textDevice {
	if kernel == "" || d.Kernel == kernel {
		return d
	}
	if other := t.known[calledKernel(kernel)].root(); other != nil && other != d {
		return join(d, other)
	}
	d.Kernel, t.known[calledKernel(kernel)] = kernel, d
	return d
}

// join makes one device of two that turned out to be the same.
func join(d, other *textDevice) *textDevice {
	if d, other = d.root(), other.root(); d == other {
		return d
	}
	d.Dev = cmp.Or(d.Dev, other.Dev, DevNo{})
	d.Kernel, d.DMName = cmp.Or(d.Kernel, other.Kernel), cmp.Or(d.DMName, other.DMName)
	d.UUID, d.WWID, d.Serial = cmp.Or(d.UUID, other.UUID), cmp.Or(d.WWID, other.WWID), cmp.Or(d.Serial, other.Serial)
	d.HCTL, d.state = cmp.Or(d.HCTL, other.HCTL), cmp.Or(d.state, other.state)
	d.VG, d.LV, d.SizeBytes = cmp.Or(d.VG, other.VG), cmp.Or(d.LV, other.LV), cmp.Or(d.SizeBytes, other.SizeBytes)
	d.Paths, d.below = append(d.Paths, other.Paths...), append(d.below, other.below...)
	d.weakDev, d.weakSize, d.weakBelow = cmp.Or(d.weakDev, other.weakDev), cmp.Or(d.weakSize, other.weakSize), append(d.weakBelow, other.weakBelow...)
	d.Suspended = d.Suspended || other.Suspended
	d.hardware, d.pathOf = cmp.Or(d.hardware, other.hardware), cmp.Or(d.pathOf, other.pathOf)
	other.same = d
	return d
}

func (d *textDevice) stands(on *textDevice) {
	if on != nil && on != d && !slices.Contains(d.below, on) {
		d.below = append(d.below, on)
	}
}

// path makes a disk a path of a map.
func (t *textHost) path(d, disk *textDevice, hctl, state string) {
	d.stands(disk)
	disk.pathOf = d
	if d.WWID == "" {
		d.WWID = disk.WWID
	}
	for i := range d.Paths {
		if p := &d.Paths[i]; p.Kernel == disk.Kernel && disk.Kernel != "" || p.Dev == disk.Dev && disk.Dev != (DevNo{}) {
			p.Kernel, p.Dev, p.HCTL, p.State = cmp.Or(p.Kernel, disk.Kernel), cmp.Or(p.Dev, disk.Dev), cmp.Or(p.HCTL, hctl), cmp.Or(p.State, state)
			return
		}
	}
	d.Paths = append(d.Paths, Path{Kernel: cmp.Or(disk.Kernel, numberName(disk.Dev, false)), Dev: disk.Dev, HCTL: hctl, State: state})
}

// numberName is the kernel's name for a number, if the number alone says it.
func numberName(dev DevNo, isDM bool) string {
	if isDM {
		return "dm-" + strconv.FormatUint(uint64(dev.Minor), 10)
	}
	first := map[uint32]uint32{8: 0, 65: 16, 66: 32, 67: 48, 68: 64, 69: 80, 70: 96, 71: 112,
		128: 128, 129: 144, 130: 160, 131: 176, 132: 192, 133: 208, 134: 224, 135: 240}
	disk, isSD := first[dev.Major]
	if !isSD || dev.Minor > 255 {
		return dev.String()
	}
	disk += dev.Minor / 16
	letters := ""
	for n := int(disk); n >= 0; n = n/26 - 1 {
		letters = string(rune('a'+n%26)) + letters
	}
	if part := dev.Minor % 16; part > 0 {
		return fmt.Sprintf("sd%s%d", letters, part)
	}
	return "sd" + letters
}
