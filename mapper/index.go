package mapper

import (
	"strings"
)

// index finds devices by what is exact: numbers and names.
type index struct {
	devs   []LUN
	kernel map[string]int
	dev    map[DevNo][]int
	name   map[string][]int // dm names as they are and unmangled, "vg/lv"
}

func newIndex(devs []LUN) *index {
	x := &index{
		devs:   devs,
		kernel: make(map[string]int, len(devs)),
		dev:    make(map[DevNo][]int, len(devs)),
		name:   make(map[string][]int, 2*len(devs)),
	}
	for i := range devs {
		l := &devs[i]
		x.kernel[l.Kernel] = i
		x.dev[l.Dev] = append(x.dev[l.Dev], i)
		if l.DMName == "" {
			continue
		}
		x.name[l.DMName] = append(x.name[l.DMName], i)
		if plain := Unmangle(l.DMName); plain != l.DMName {
			x.name[plain] = append(x.name[plain], i)
		}
		if l.LV != "" && !lvmPart(l) {
			lv := l.VG + "/" + l.LV
			x.name[lv] = append(x.name[lv], i)
		}
	}
	return x
}

// devPath finds a path below /dev by the names that make it: /dev/dm-5,
// /dev/mapper/NAME, /dev/VG/LV. It looks at no file.
func (x *index) devPath(path string) []int {
	name, ok := strings.CutPrefix(path, "/dev/")
	if !ok {
		return nil
	}
	if i, ok := x.kernel[name]; ok {
		return []int{i}
	}
	if dm, ok := strings.CutPrefix(name, "mapper/"); ok {
		return x.name[dm]
	}
	if strings.Contains(name, "/") {
		return x.name[name]
	}
	return nil
}
