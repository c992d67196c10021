package mapper

import (
	"strings"
)

// zmvolume reads zmvolume -l: a line for each fact, a block for each volume.
func (t *textHost) zmvolume(line string) bool {
	what, value, ok := strings.Cut(strings.TrimSpace(line), ":")
	if !ok {
		return false
	}
	value = strings.TrimSpace(value)
	if what == "Volume id" {
		t.endVolume()
		t.volume = &Volume{}
		return true
	}
	if t.volume == nil {
		return false
	}
	switch what {
	case "type":
		switch value {
		case "primaryMessage":
			t.volume.Role = "primary"
		case "secondaryMessage":
			t.volume.Role = "secondary"
		case "index":
			t.volume.Role = "index"
		}
	case "path", "root path":
		t.volume.Path = value
	case "name", "compressed", "threshold", "current", "store manager", "storeType", "storageClass":
	default:
		return false
	}
	return true
}

func (t *textHost) endVolume() {
	if t.volume != nil && t.volume.Role != "" && strings.HasPrefix(t.volume.Path, "/") {
		t.volumes = append(t.volumes, *t.volume)
	}
	t.volume = nil
}

// TakeVolumes gives the LUNs the roles that Zimbra itself reports: a volume is on the
// LUN whose mount point is nearest above its path. A role from the config stays.
func TakeVolumes(devs []LUN, volumes []Volume) {
	for _, v := range volumes {
		best, length := -1, 0
		for i := range devs {
			for _, point := range devs[i].points() {
				if below(v.Path, point) && len(point) > length {
					best, length = i, len(point)
				}
			}
		}
		if best >= 0 && length > 1 && devs[best].RoleFrom != "config" {
			l := &devs[best]
			l.Role, l.RoleFrom, l.Label = v.Role, "zmvolume", Label(v.Role)
		}
	}
}

// below reports whether a path is a mount point, or lies below it.
func below(path, point string) bool {
	return path == point || point == "/" || strings.HasPrefix(path, point+"/")
}
