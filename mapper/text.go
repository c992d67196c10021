package mapper

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// TextHost is a host as the output of its tools shows it: dmsetup ls (also --tree),
// info, table, status and deps, multipath -ll, lsblk -J, lvs and zmvolume -l, alone or
// several in one text.
type TextHost struct {
	Devices  []LUN // [Classify] has still to say what they are for
	Use      Use
	Volumes  []Volume            // of zmvolume
	Hardware map[string]Hardware // by the kernel's name, of disks and multipath maps
	Problems []error             // lines that are none of these tools', each with its number
}

// Volume is one of Zimbra's volumes, as zmvolume -l has it.
type Volume struct {
	Role string // primary, secondary, index
	Path string
}

// ReadText reads the output of a host's tools. Its error comes from the reader. A line
// that can't be read is among the problems, and the other lines count.
func ReadText(r io.Reader) (*TextHost, error) {
	t := textHost{names: map[string]*textDevice{}, numbers: map[DevNo]*textDevice{}, kernels: map[string]*textDevice{}}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	for rest := string(text); rest != ""; {
		if at := strings.TrimLeft(rest, " \t\r\n"); strings.HasPrefix(at, "{") {
			t.line += strings.Count(rest[:len(rest)-len(at)], "\n")
			rest = at[t.json(at):]
			continue
		}
		line, after, _ := strings.Cut(rest, "\n")
		rest = after
		t.line++
		if len(line) > bufio.MaxScanTokenSize {
			t.problem(errors.New("the line is too long"))
			continue
		}
		t.read(strings.TrimRight(line, " \t\r"))
	}
	return t.host(), nil
}

// textHost gathers what the lines say, by whatever they call a device.
type textHost struct {
	devices  []*textDevice
	names    map[string]*textDevice // by dm name
	numbers  map[DevNo]*textDevice
	kernels  map[string]*textDevice
	line     int
	table    func(line string) bool // of the table that a heading began; false: it is over
	map_     *textDevice            // of multipath: whose paths follow
	tree     []*textDevice          // of dmsetup ls --tree: the branch, by depth
	info     *textDevice            // of dmsetup info
	volume   *Volume
	volumes  []Volume
	mounts   []MountedDev
	swaps    []string
	problems []error
}

// textDevice is a device, with those below it as far as they are known yet.
type textDevice struct {
	LUN
	below    []*textDevice
	hardware Hardware
	pathOf   *textDevice

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

func (t *textHost) problem(err error) {
	const most = 1000
	if len(t.problems) < most {
		t.problems = append(t.problems, fmt.Errorf("line %d: %w", t.line, err))
	}
}

func (t *textHost) add() *textDevice {
	d := &textDevice{}
	t.devices = append(t.devices, d)
	return d
}

// named is the dm device of a name.
func (t *textHost) named(name string) *textDevice {
	d := t.names[name].root()
	if d == nil {
		d = t.add()
		d.DMName, t.names[name] = name, d
	}
	return d
}

// numbered is the device of a number.
func (t *textHost) numbered(dev DevNo) *textDevice {
	d := t.numbers[dev].root()
	if d == nil {
		d = t.add()
		d.Dev, t.numbers[dev] = dev, d
	}
	return d
}

// kernel is the device of a kernel's name.
func (t *textHost) kernel(name string) *textDevice {
	d := t.kernels[name].root()
	if d == nil {
		d = t.add()
		d.Kernel, t.kernels[name] = name, d
	}
	return d
}

// isAt gives a device its number, and makes it one with what is known of that number.
func (t *textHost) isAt(d *textDevice, dev DevNo) *textDevice {
	if dev == (DevNo{}) || d.Dev == dev {
		return d
	}
	if other := t.numbers[dev].root(); other != nil && other != d && (d.DMName == "" || other.DMName == "" || d.DMName == other.DMName) {
		return t.join(d, other)
	}
	d.Dev, t.numbers[dev] = dev, d
	return d
}

// isCalled gives a device its kernel's name, and makes it one with what is known by it.
func (t *textHost) isCalled(d *textDevice, kernel string) *textDevice {
	if kernel == "" || d.Kernel == kernel {
		return d
	}
	if other := t.kernels[kernel].root(); other != nil && other != d {
		return t.join(d, other)
	}
	d.Kernel, t.kernels[kernel] = kernel, d
	return d
}

// join makes one device of two that turned out to be the same.
func (t *textHost) join(d, other *textDevice) *textDevice {
	if d, other = d.root(), other.root(); d == other {
		return d
	}
	d.Dev = cmp.Or(d.Dev, other.Dev, DevNo{})
	d.Kernel, d.DMName = cmp.Or(d.Kernel, other.Kernel), cmp.Or(d.DMName, other.DMName)
	d.UUID, d.WWID, d.Serial = cmp.Or(d.UUID, other.UUID), cmp.Or(d.WWID, other.WWID), cmp.Or(d.Serial, other.Serial)
	d.VG, d.LV, d.SizeBytes = cmp.Or(d.VG, other.VG), cmp.Or(d.LV, other.LV), cmp.Or(d.SizeBytes, other.SizeBytes)
	d.Paths, d.below = append(d.Paths, other.Paths...), append(d.below, other.below...)
	d.weakDev, d.weakSize, d.weakBelow = cmp.Or(d.weakDev, other.weakDev), cmp.Or(d.weakSize, other.weakSize), append(d.weakBelow, other.weakBelow...)
	d.Suspended = d.Suspended || other.Suspended
	d.hardware, d.pathOf = cmp.Or(d.hardware, other.hardware), cmp.Or(d.pathOf, other.pathOf)
	other.same = d
	if d.Dev != (DevNo{}) {
		t.numbers[d.Dev] = d
	}
	if d.Kernel != "" {
		t.kernels[d.Kernel] = d
	}
	return d
}

func (d *textDevice) stands(on *textDevice) {
	if on != nil && on != d && !slices.Contains(d.below, on) {
		d.below = append(d.below, on)
	}
}

// takeWeak fills in what no better text has said.
func (t *textHost) takeWeak() {
	for _, d := range t.devices {
		if d.same != nil {
			continue
		}
		d.SizeBytes = cmp.Or(d.SizeBytes, d.weakSize)
		if len(d.below) == 0 {
			for _, b := range d.weakBelow {
				d.stands(b)
			}
		}
		if d.Dev == (DevNo{}) && d.weakDev != (DevNo{}) && (t.numbers[d.weakDev] == nil || t.numbers[d.weakDev].root().DMName == "") {
			t.isAt(d, d.weakDev)
		}
	}
}

// settle leaves one of each device, in the lists of those above it, too.
func (t *textHost) settle() {
	t.devices = slices.DeleteFunc(t.devices, func(d *textDevice) bool { return d.same != nil })
	for _, d := range t.devices {
		all := d.below
		d.below = nil
		for _, b := range all {
			d.stands(b.root())
		}
		d.pathOf = d.pathOf.root()
	}
}

// host names what has only a number, and gives each device what is above and below it.
func (t *textHost) host() *TextHost {
	t.endVolume()
	t.takeWeak()
	t.settle()
	majors := map[uint32]bool{} // device-mapper's, as the names show
	for _, d := range t.devices {
		if d.DMName != "" && d.Dev != (DevNo{}) {
			majors[d.Dev.Major] = true
		}
	}
	for _, d := range t.devices {
		if d.same == nil && d.Kernel == "" && d.Dev != (DevNo{}) {
			t.isCalled(d, numberName(d.Dev, majors[d.Dev.Major] || d.DMName != ""))
		}
	}
	for _, d := range t.devices {
		d.Kernel = cmp.Or(d.Kernel, d.DMName) // no line has its number
	}
	t.settle()
	h := &TextHost{Use: Use{Mounts: t.mounts, Swaps: t.swaps}, Hardware: map[string]Hardware{}, Problems: t.problems, Volumes: t.volumes}
	for _, d := range t.devices {
		for _, b := range d.below {
			d.Slaves = append(d.Slaves, b.Kernel)
			b.Holders = append(b.Holders, d.Kernel)
		}
		if d.hardware != (Hardware{}) {
			h.Hardware[d.Kernel] = d.hardware
		}
	}
	known := slices.ContainsFunc(t.devices, func(d *textDevice) bool { return strings.HasPrefix(d.UUID, "LVM-") })
	for _, d := range t.devices {
		if d.VG == "" && (d.UUID != "" || !known) { // with uuids, what has none is no LV
			nameLV(&d.LUN)
		}
		if d.WWID != "" && d.UUID == "" && len(d.Paths) > 0 {
			d.UUID = "mpath-" + PlainWWID(d.WWID)
		}
		d.ID = identity(&d.LUN)
		if d.pathOf != nil {
			d.SizeBytes = cmp.Or(d.SizeBytes, d.pathOf.SizeBytes) // one LUN's, by any way
		}
		if d.pathOf != nil && d.pathOf.WWID != "" {
			for _, p := range d.pathOf.Paths {
				if p.Kernel == d.Kernel {
					d.WWID, d.ID = d.pathOf.WWID, ID(d.pathOf.WWID+"@"+p.HCTL)
				}
			}
		}
		h.Devices = append(h.Devices, d.LUN)
	}
	return h
}

// numberName is what the kernel calls a number, as far as that follows from it.
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

// read reads a line of any of the tools.
func (t *textHost) read(line string) {
	if strings.TrimSpace(line) == "" {
		t.table, t.map_, t.info = nil, nil, nil
		t.endVolume()
		return
	}
	for _, begin := range []func(string) bool{t.infoHeading, t.lvsHeading, t.zmvolume, t.longInfo} {
		if begin(line) {
			return
		}
	}
	if t.table != nil && t.table(line) {
		return
	}
	t.table = nil
	for _, is := range []func(string) bool{t.deps, t.target, t.listed, t.multipathLine, noise} {
		if is(line) {
			return
		}
	}
	t.problem(fmt.Errorf("%.80q is no line of dmsetup, multipath -ll, lsblk -J, lvs or zmvolume -l", line))
}

// noisy are lines that say nothing of a device: lists of paths, and what multipath -ll
// logs with -v2 and -v3.
var noisy = pattern(`^(No devices found$|=====|uuid +hci?[tb]?l|[A-Z][a-z]{2} +\d+ [\d:]{8} \||[a-z]+\d*: |\s*\d+:\d+:\d+:\d+ +\S+ +\d+:\d+ +-?\d+ |` +
	`\S+ = |process \d+ |forked \d+|child \d+|error calling out )`)

func noise(line string) bool { return noisy().MatchString(line) }

// sized reads "54T", "140G", "<2.00g", "64.00m", "16777216".
func sized(s string) (bytes uint64, ok bool) {
	s = strings.TrimLeft(strings.TrimSpace(s), "<>")
	unit := uint64(1)
	if s != "" {
		if i := strings.IndexByte("KMGTPE", s[len(s)-1]&^0x20); i >= 0 && s[len(s)-1] > '9' {
			unit, s = 1<<(10*(i+1)), s[:len(s)-1]
		}
	}
	s = strings.TrimSuffix(strings.TrimSuffix(s, "B"), "i")
	f, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || f < 0 || f*float64(unit) >= 1<<63 {
		return 0, false
	}
	return uint64(f * float64(unit)), true
}

// lsblk's answer.
type lsblkText struct {
	BlockDevices []lsblkRow `json:"blockdevices"`
}

type lsblkRow struct {
	Name, KName, Type, FSType, UUID, WWN, Serial, HCTL, Vendor, Model, Rev, State *string

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
	var answer lsblkText
	if err := d.Decode(&answer); err != nil || answer.BlockDevices == nil {
		if err == nil {
			err = errors.New("the JSON has no blockdevices, as lsblk -J has")
		} else {
			err = fmt.Errorf("reading the JSON of lsblk -J: %w", err)
		}
		t.problem(err)
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
func (t *textHost) block(r *lsblkRow, below *textDevice, depth int) {
	if depth > deepest || text(r.Name) == "" && text(r.KName) == "" {
		return
	}
	dev, _ := ParseDevNo(strings.TrimSpace(r.MajMin))
	name, kernel, kind := strings.TrimPrefix(text(r.Name), "/dev/mapper/"), strings.TrimPrefix(text(r.KName), "/dev/"), text(r.Type)
	isDM := isDM(kernel)
	switch kind {
	case "lvm", "mpath", "crypt", "dm":
		isDM = isDM || kernel == ""
	case "part":
		isDM = isDM || kernel == "" && below != nil && below.DMName != ""
	}
	var d *textDevice
	if isDM {
		d = t.isAt(t.named(name), dev)
	} else {
		kernel = cmp.Or(kernel, strings.TrimPrefix(name, "/dev/"))
		d = t.isAt(t.kernel(kernel), dev)
	}
	d = t.isCalled(d, kernel)
	if size, ok := sized(fmt.Sprint(r.Size)); ok && r.Size != nil {
		d.SizeBytes = size
	} else if f, ok := r.Size.(float64); ok && f >= 0 {
		d.SizeBytes = uint64(f)
	}
	if wwn := strings.TrimPrefix(text(r.WWN), "0x"); wwn != "" && !isDM && kind == "disk" {
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
		for i := range d.hctl(t) {
			d.hctl(t)[i].HCTL, d.hctl(t)[i].State = text(r.HCTL), cmp.Or(d.hctl(t)[i].State, text(r.State))
		}
	}
}

// hctl are the paths of maps that the disk is.
func (d *textDevice) hctl(t *textHost) (paths []*Path) {
	if d.pathOf == nil {
		return nil
	}
	for i := range d.pathOf.Paths {
		if d.pathOf.Paths[i].Kernel == d.Kernel {
			paths = append(paths, &d.pathOf.Paths[i])
		}
	}
	return paths
}

func (t *textHost) mounted(d *textDevice, point, fsType string) {
	switch {
	case point == "":
	case point == "[SWAP]":
		if name := "/dev/" + cmp.Or(d.Kernel, d.DMName); !slices.Contains(t.swaps, name) {
			t.swaps = append(t.swaps, name)
		}
	case !slices.ContainsFunc(t.mounts, func(m MountedDev) bool { return m.Dev == d.Dev && m.Point == point }):
		t.mounts = append(t.mounts, MountedDev{Dev: d.Dev, Mount: Mount{Point: point, FSType: fsType, Root: "/"}})
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
