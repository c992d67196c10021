package collector

import (
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// A filesystem on a suspended map isn't asked: statfs might wait in the kernel until it
// is resumed, and keep the process.
func TestSpaceOfSuspended(t *testing.T) {
	lun := func(kernel, name, mount string, slaves ...string) mapper.LUN {
		l := mapper.LUN{Kernel: kernel, DMName: name, ID: mapper.ID(name), Layer: mapper.LayerLUN, Slaves: slaves}
		if mount != "" {
			l.Mounts = []mapper.Mount{{Point: mount}}
		}
		return l
	}
	below := lun("dm-9", "mpatha", "")
	below.Layer = mapper.LayerMap
	s := series.Sample{LUNs: []mapper.LUN{
		lun("dm-0", "top", "/top", "dm-1"), lun("dm-1", "vg-lv", "", "dm-9"), lun("dm-2", "other", "/other", "sda"), below,
	}}
	var asked []string
	o := Options{
		LockFile: filepath.Join(t.TempDir(), "lock"),
		Statfs: func(path string, f *unix.Statfs_t) error {
			asked = append(asked, path)
			f.Blocks, f.Bsize = 1, 1
			return nil
		},
	}
	for _, tt := range []struct {
		suspended []int
		asked     []string
		said      string
	}{
		{nil, []string{"/top", "/other"}, ""},
		{[]int{3}, []string{"/other"}, "space of /top is not asked for: mpatha is suspended"},
		{[]int{0}, []string{"/other"}, "space of /top is not asked for: top is suspended"},
		{[]int{2}, []string{"/top"}, "space of /other is not asked for: other is suspended"},
	} {
		now := s
		now.LUNs = slices.Clone(s.LUNs)
		for _, i := range tt.suspended {
			now.LUNs[i].Suspended = true
		}
		asked = nil
		o.askSpace(t.Context(), &now, nil)
		said := ""
		for _, w := range now.Warnings {
			said += w.What
		}
		if !slices.Equal(asked, tt.asked) || len(now.Spaces) != len(asked) || len(now.Hung) > 0 || said != tt.said {
			t.Errorf("%v suspended: asked %v, %d answers, %d hang, said %q; want %v, %q", tt.suspended, asked, len(now.Spaces), len(now.Hung), said, tt.asked, tt.said)
		}
	}
}
