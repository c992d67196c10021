package mapper

import (
	"cmp"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// disk reads what identifies a disk and, for SCSI and NVMe, its address and state.
func (s *scan) disk(dir int, l *LUN) (way Path) {
	switch {
	case isMD(l.Kernel):
	case isSCSI(l.Kernel):
		way = s.scsi(dir, l)
	case strings.HasPrefix(l.Kernel, "nvme"):
		l.WWID, _ = s.files.read(dir, "wwid")
		if _, c, ok := nvmePath(l.Kernel); ok {
			way.HCTL = c
			way.State = s.files.device(dir, "state")
		} else {
			l.Serial = s.files.device(dir, "serial")
		}
	default:
		l.Serial, _ = s.files.read(dir, "serial")
		l.WWID = s.files.device(dir, "wwid")
	}
	l.WWID, l.Serial = strings.TrimSpace(l.WWID), strings.Trim(l.Serial, " \n\x00")
	if l.WWID == "" && l.Serial == "" {
		s.diskFromUdev(l)
	}
	return way
}

func (s *scan) scsi(dir int, l *LUN) (way Path) {
	way.HCTL = path.Base(s.files.link(dir, "device"))
	if strings.Count(way.HCTL, ":") != 3 {
		way.HCTL = ""
	}
	device, err := s.files.dir(dir, "device")
	if err != nil {
		return way
	}
	defer s.files.close(device)
	way.State, _ = s.files.read(device, "state")
	l.WWID, _ = s.files.read(device, "wwid")
	// Page 0x80 is the unit's serial: four bytes of header, then the text.
	if page, ok := s.files.read(device, "vpd_pg80"); ok && len(page) > 4 {
		l.Serial = strings.TrimSpace(page[4:])
	}
	return way
}

// udev gives the properties that udev's database holds of a device, and its names
// below /dev.
func (s *scan) udev(dev DevNo) (props map[string]string, links []string) {
	if s.paths.Udev == "" || dev == (DevNo{}) {
		return nil, nil
	}
	return parseUdev(s.files.all(filepath.Join(s.paths.Udev, "b"+dev.String())))
}

func parseUdev(text string) (props map[string]string, links []string) {
	props = make(map[string]string)
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if entry, ok := strings.CutPrefix(line, "E:"); ok {
			key, value, _ := strings.Cut(entry, "=")
			props[key] = value
		} else if link, ok := strings.CutPrefix(line, "S:"); ok {
			links = append(links, link)
		}
	}
	return props, links
}

func (s *scan) dmFromUdev(l *LUN, haveName, haveUUID bool) {
	props, _ := s.udev(l.Dev)
	if !haveName {
		l.DMName = props["DM_NAME"]
	}
	if !haveUUID {
		l.UUID = props["DM_UUID"]
	}
}

func (s *scan) diskFromUdev(l *LUN) {
	props, _ := s.udev(l.Dev)
	switch serial := props["ID_SERIAL"]; {
	case props["MD_UUID"] != "":
		l.WWID = "md-uuid-" + props["MD_UUID"]
	case props["ID_SCSI"] == "1" || props["ID_BUS"] == "scsi":
		l.WWID = serial
		l.Serial = props["ID_SCSI_SERIAL"]
	case props["ID_WWN_WITH_EXTENSION"] != "":
		l.WWID = props["ID_WWN_WITH_EXTENSION"]
		l.Serial = serial
	case props["ID_WWN"] != "":
		l.WWID = props["ID_WWN"]
		l.Serial = serial
	default:
		l.Serial = serial
	}
}

// link joins the devices: which device holds which, which ones are paths of which map,
// and from that the identity of each.
func (s *scan) link() {
	for i := range s.devs {
		l := &s.devs[i]
		slices.Sort(l.Slaves)
		l.ID = ""
		for _, slave := range l.Slaves {
			if j, ok := s.at[slave]; ok {
				s.devs[j].Holders = append(s.devs[j].Holders, l.Kernel)
			}
		}
	}
	paths := pathsOf(s.devs)
	for i := range s.devs {
		l := &s.devs[i]
		slices.SortFunc(l.Holders, compareNames)
		m, isPath := paths[l.Kernel]
		if l.HCTL = ""; !isPath {
			l.HCTL = s.ways[i].HCTL
			continue
		}
		l.ID = pathID(l, s.ways[i].HCTL)
		if j, ok := s.at[m]; ok {
			s.devs[j].Paths = append(s.devs[j].Paths, s.ways[i])
		}
	}
	s.linkPaths()
	for i := range s.devs {
		s.identify(i)
	}
}

// linkPaths joins maps to the paths that only their WWID tells: a vendor's
// pseudo-device has no slaves, and captures lack the folder.
func (s *scan) linkPaths() {
	for i := range s.devs {
		l := &s.devs[i]
		for _, p := range l.Paths {
			path := &s.devs[s.at[p.Kernel]]
			if isPseudo(l.Kernel) {
				l.WWID = cmp.Or(l.WWID, path.WWID)
			}
			if path.ID == identity(l) { // no address tells it apart
				path.ID += ID("@" + p.Kernel)
			}
		}
		if len(l.Slaves) > 0 || len(l.Paths) == 0 || strings.HasPrefix(l.Kernel, "nvme") || s.hasSlaves(l.Kernel) {
			continue
		}
		for _, p := range l.Paths {
			path := &s.devs[s.at[p.Kernel]]
			path.Holders = append(path.Holders, l.Kernel)
			l.Slaves = append(l.Slaves, p.Kernel)
		}
		slices.Sort(l.Slaves)
	}
}

// hasSlaves reports that sysfs says what a device is on, even if that is nothing.
func (s *scan) hasSlaves(kernel string) bool {
	if isPseudo(kernel) {
		return false
	}
	_, err := s.files.names(cwd, filepath.Join(s.paths.Sys, "block", sysfsName(kernel), "slaves"))
	return err == nil
}

// partition gives the disk and the number of a partition, unless it is a dm device.
func partition(l *LUN) (disk, number string, ok bool) {
	if len(l.Slaves) != 1 || isDM(l.Kernel) {
		return "", "", false
	}
	return splitPart(l.Kernel, func(name string) bool { return name == l.Slaves[0] })
}

func pathID(l *LUN, address string) ID {
	id := identity(l)
	if address == "" || id.Local() {
		return id
	}
	return id + ID("@"+address)
}

// pathsOf gives the map of each path: a slave of a multipath map, a SCSI disk
// that has the WWID of a map or of a vendor's pseudo-device, a hidden NVMe path.
func pathsOf(devs []LUN) map[string]string {
	paths := make(map[string]string)
	byWWID := make(map[string]string)
	for i := range devs {
		l := &devs[i]
		if !isMultipath(l) {
			continue
		}
		byWWID[PlainWWID(l.WWID)] = l.Kernel
		for _, slave := range l.Slaves {
			paths[slave] = l.Kernel
		}
	}
	for i := range devs {
		if wwid := pseudoWWID(&devs[i]); wwid != "" && byWWID[wwid] == "" {
			byWWID[wwid] = devs[i].Kernel
		}
	}
	for i := range devs {
		l := &devs[i]
		if _, ok := paths[l.Kernel]; ok || isDM(l.Kernel) {
			continue
		}
		if m, ok := byWWID[PlainWWID(l.WWID)]; ok && l.WWID != "" && m != l.Kernel && (len(l.Slaves) == 0 || isPseudo(l.Kernel)) {
			paths[l.Kernel] = m
		}
		if disk, _, ok := nvmePath(l.Kernel); ok {
			paths[l.Kernel] = disk
		}
	}
	return paths
}

// pseudoWWID is the WWID of what may be over the SCSI disks that share it: a
// vendor's pseudo-device, or a whole device of a kind that is not known here. udev
// takes some of their WWIDs for serials.
func pseudoWWID(l *LUN) string {
	_, _, isPart := partition(l)
	if isPart || isDM(l.Kernel) || isMD(l.Kernel) || isLeaf(l.Kernel) {
		return ""
	}
	wwid := l.WWID
	if wwid == "" && isPseudo(l.Kernel) && isHex(strings.ToLower(l.Serial)) && len(l.Serial) > 16 {
		wwid = l.Serial
	}
	if wwid == "" {
		return ""
	}
	return PlainWWID(wwid)
}

func isMultipath(l *LUN) bool { return strings.HasPrefix(l.UUID, "mpath-") }

// PlainWWID gives one WWID one spelling: sysfs' "naa.6006…", udev's "0x6006…" and the
// array's "60:06:…" are multipath's "36006…".
func PlainWWID(wwid string) string {
	w := strings.ToLower(strings.TrimSpace(wwid))
	switch {
	case strings.HasPrefix(w, "naa."):
		return "3" + w[len("naa."):]
	case strings.HasPrefix(w, "eui."):
		return "2" + w[len("eui."):]
	case strings.HasPrefix(w, "t10."):
		return "1" + w[len("t10."):]
	case strings.HasPrefix(w, "0x"):
		return "3" + w[len("0x"):]
	case strings.Count(w, ":") >= 7:
		return "3" + strings.ReplaceAll(w, ":", "")
	}
	return w
}
