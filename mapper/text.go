package mapper

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// TextHost is a host as the output of its tools shows it: dmsetup ls (also --tree),
// info, table, status and deps, multipath -ll, lsblk (its table, -J and -P), lvs and pvs (their
// tables and --reportformat json) and zmvolume -l, alone or several in one text.
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
	t := textHost{known: map[any]*textDevice{}, pvs: map[string][]*textDevice{}}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	for rest := string(text); rest != ""; {
		line, after, _ := strings.Cut(rest, "\n")
		if at := strings.TrimLeft(line, " \t\r"); strings.HasPrefix(at, "{") {
			if t.badJSON == mostBadJSON {
				t.line++
				t.problem(errors.New("too many objects before it could not be read"))
				rest = after
				continue
			}
			rest = rest[len(line)-len(at):]
			rest = rest[t.json(rest):]
			continue
		}
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

// mostBadJSON bounds the time: each object that can't be read may cost a look through all
// of the text behind it.
const mostBadJSON = 10

// textHost gathers what the lines say, by whatever they call a device.
type textHost struct {
	devices  []*textDevice
	known    map[any]*textDevice      // by dm name, number or kernel's name
	pvs      map[string][]*textDevice // by volume group
	line     int
	badJSON  int                    // objects that could not be read
	table    func(line string) bool // of the table that a heading began; false: it is over
	map_     *textDevice            // of multipath: whose paths follow
	tree     []*textDevice          // of dmsetup ls --tree: the branch, by depth
	info     *textDevice            // of dmsetup info
	blocks   []*textDevice          // of lsblk's table: the branch
	volume   *Volume
	volumes  []Volume
	mounts   []MountedDev
	swaps    []string
	problems []error
}

func (t *textHost) problem(err error) {
	const most = 1000
	if len(t.problems) < most {
		t.problems = append(t.problems, fmt.Errorf("line %d: %w", t.line, err))
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
		if other := t.known[d.weakDev].root(); d.Dev == (DevNo{}) && (other == nil || other.DMName == "") {
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
	t.nameByNumber()
	t.settle()
	lvmUUIDs := slices.ContainsFunc(t.devices, func(d *textDevice) bool { return strings.HasPrefix(d.UUID, "LVM-") })
	for _, d := range t.devices {
		if d.VG == "" && (d.UUID != "" || !lvmUUIDs) { // where LVs have uuids, a device without one isn't an LV
			nameLV(&d.LUN)
		}
		d.describeWay()
	}
	t.onPVs()
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
	for _, d := range t.devices {
		d.identify()
		h.Devices = append(h.Devices, d.LUN)
	}
	return h
}

// nameByNumber gives a kernel name to each device that the text only numbers, or only
// calls by its dm name.
func (t *textHost) nameByNumber() {
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
}

// describeWay gives a map what another text says of its path.
func (d *textDevice) describeWay() {
	if d.pathOf == nil {
		return
	}
	for i := range d.pathOf.Paths {
		if p := &d.pathOf.Paths[i]; p.Kernel == d.Kernel {
			p.HCTL, p.State = cmp.Or(p.HCTL, d.HCTL), cmp.Or(p.State, d.state)
		}
	}
	d.HCTL = ""
}

// identify fills in what identifies a device, once all lines are read.
func (d *textDevice) identify() {
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
}

// read reads a line of any of the tools.
func (t *textHost) read(line string) {
	if strings.TrimSpace(line) == "" {
		t.table, t.info = nil, nil // but a page may have blanks between the lines of a map
		t.endVolume()
		return
	}
	for _, begin := range []func(string) bool{t.infoHeading, t.lvsHeading, t.lsblkHeading, t.zmvolume, t.longInfo} {
		if begin(line) {
			return
		}
	}
	if t.table != nil && t.table(line) {
		return
	}
	t.table = nil
	for _, is := range []func(string) bool{t.deps, t.bareInfo, t.target, t.multipathLine, t.listed, t.lsblkRow, t.lsblkPairs, t.bareLV, t.pvRow, noise} {
		if is(line) {
			return
		}
	}
	t.problem(fmt.Errorf("%.80q is no line of dmsetup, multipath -ll, lsblk, lvs, pvs, vgs or zmvolume -l", line))
}

// noisy are lines that say nothing about a device: lists of paths, what multipath -ll
// logs with -v2 and -v3, vgs, and the heading of pvs.
var noisy = pattern{expr: `^(No devices found$|=====|uuid +hci?[tb]?l|[A-Z][a-z]{2} +\d+ [\d:]{8} \||[a-z]+\d*: |\s*\d+:\d+:\d+:\d+ +\S+ +\d+:\d+ +-?\d+ |` +
	`\s*PV +VG +Fmt |\s*VG +#PV +#LV |\s*\S+( +\d+){3} +[rw][z-][x-][p-][a-z-][a-z-]( |$)|` +
	`\S+ = |process \d+ |forked \d+|child \d+|error calling out )`}

func noise(line string) bool { return noisy.compiled().MatchString(line) }

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
