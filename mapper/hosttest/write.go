package hosttest

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func (h *Host) writeAll() {
	h.t.Helper()
	h.uevents++
	trees := []string{"sys", "dev"}
	if slices.ContainsFunc(h.rows, func(r *row) bool { return len(r.Udev) > 0 }) {
		trees = append(trees, "run") // else it is a test's own
	}
	for _, tree := range trees {
		if err := os.RemoveAll(filepath.Join(h.dir, tree)); err != nil {
			h.t.Fatal(err)
		}
	}
	h.writeUevents()
	h.Write("proc/sys/kernel/random/boot_id", fmt.Sprintf("b0070000-0000-4000-8000-%012d\n", h.boots))
	h.Write("proc/sys/kernel/osrelease", "6.1.0-56-amd64\n")
	h.Write("proc/sys/kernel/hostname", "made\n")
	below := make(map[string]*row, 2*len(h.rows)) // by kernel name, then by dm name
	for _, r := range h.rows {
		if r.Name != "" {
			below[r.Name] = r
		}
	}
	for _, r := range h.rows {
		below[r.Kernel] = r
	}
	for _, r := range h.rows {
		if !r.gone {
			h.writeRow(r, below)
		}
	}
	h.writeUptime()
	h.writeStats()
	h.writeUse()
}

func (h *Host) writeUevents() {
	h.Write("sys/kernel/uevent_seqnum", fmt.Sprintln(1000*h.boots+h.uevents))
}

func (h *Host) writeUptime() {
	h.t.Helper()
	s := h.up.Round(10 * time.Millisecond).Seconds()
	h.Write("proc/uptime", fmt.Sprintf("%.2f %.2f\n", s, s))
}

func (h *Host) writeStats() {
	h.t.Helper()
	var b strings.Builder
	for _, r := range h.rows {
		switch {
		case r.gone:
		case r.line != "":
			fmt.Fprintln(&b, r.line)
		default:
			fmt.Fprintf(&b, "%4d %7d %s", r.dev.Major, r.dev.Minor, r.Kernel)
			h.writeFields(&b, &r.io)
		}
	}
	h.Write("proc/diskstats", b.String())
}

func (h *Host) writeFields(b *strings.Builder, io *IO) {
	all := io.fields()
	for i := range h.fields - 3 {
		switch {
		case i >= len(all):
			fmt.Fprint(b, " 0")
		case i == 3, i == 7, i == 9, i == 10, i == 14, i == 16: // ms
			fmt.Fprintf(b, " %d", uint32(*all[i]))
		default:
			fmt.Fprintf(b, " %d", *all[i])
		}
	}
	b.WriteByte('\n')
}

func (h *Host) writeUse() {
	h.t.Helper()
	var mounts, swaps strings.Builder
	mounts.WriteString("3 2 0:19 / /proc rw - proc proc rw\n")
	swaps.WriteString("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n")
	at := map[string]int{}
	for i, r := range h.rows {
		if !r.gone {
			at[r.LUN.Mount] = i + firstMount
		}
	}
	for i, r := range h.rows {
		if r.gone {
			continue
		}
		source := "/dev/" + r.Kernel
		if r.Name != "" {
			source = "/dev/mapper/" + r.Name
		}
		if r.LUN.Mount != "" {
			fmt.Fprintf(&mounts, "%d %d %s / %s rw,relatime - ext4 %s rw\n",
				i+firstMount, mountBelow(r.LUN.Mount, at), r.dev, escape(r.LUN.Mount), escape(source))
		}
		if r.Swap {
			fmt.Fprintf(&swaps, "/dev/%-35s partition\t%d\t0\t-2\n", r.Kernel, r.SizeMB*1024)
		}
	}
	h.Write("proc/self/mountinfo", mounts.String())
	h.Write("proc/swaps", swaps.String())
}

// firstMount is the number of the first row's mount; lower ones are the kernel's.
const firstMount = 4

// mountBelow is the number of the mount on which a mount point lies.
func mountBelow(point string, at map[string]int) int {
	for dir := point; dir != path.Dir(dir); {
		dir = path.Dir(dir)
		if id, ok := at[dir]; ok {
			return id
		}
	}
	return 1
}

func escape(s string) string {
	return strings.NewReplacer(" ", `\040`, "\t", `\011`, "\n", `\012`, `\`, `\134`).Replace(s)
}

// writeRow writes a device's folder and the links to it.
func (h *Host) writeRow(r *row, below map[string]*row) {
	h.t.Helper()
	folder := "devices/virtual/block/" + r.Kernel
	var disk *row // that r is a partition of
	if r.Name == "" && len(r.On) == 1 && strings.HasPrefix(r.Kernel, r.On[0]) {
		disk = below[r.On[0]]
	}
	if disk != nil {
		folder = "devices/virtual/block/" + disk.Kernel + "/" + r.Kernel
		h.sysfs(folder, "partition", strings.TrimPrefix(r.Kernel, disk.Kernel))
	} else {
		h.link("sys/block/"+r.Kernel, "../"+folder)
		h.sysfs(folder, "diskseq", fmt.Sprint(r.seq))
		h.sysfs(folder, "queue/iostats", "1")
	}
	h.link("sys/class/block/"+r.Kernel, "../../"+folder)
	h.sysfs(folder, "dev", r.dev.String())
	if len(r.Udev) > 0 {
		h.Write("run/udev/data/b"+r.dev.String(), "E:"+strings.Join(r.Udev, "\nE:")+"\n")
	}
	h.sysfs(folder, "size", fmt.Sprint(r.SizeMB<<11))
	switch {
	case r.Name != "":
		h.sysfs(folder, "dm/name", r.Name)
		h.sysfs(folder, "dm/uuid", r.uuid())
		h.sysfs(folder, "dm/suspended", "0")
		h.link("dev/mapper/"+r.Name, "../"+r.Kernel)
	case disk != nil:
	case r.WWID != "":
		device := fmt.Sprintf("devices/host0/0:0:0:%d", r.dev.Minor)
		h.sysfs(device, "state", r.state)
		h.sysfs(device, "wwid", "naa."+r.WWID[1:])
		h.link("sys/"+folder+"/device", "../../../host0/"+filepath.Base(device))
	case strings.HasPrefix(r.Kernel, "sd"):
		h.sysfs(folder, "device/vpd_pg80", "\x00\x80\x00\x08"+r.Serial)
	default:
		h.sysfs(folder, "serial", r.Serial)
	}
	if disk != nil {
		return
	}
	for _, name := range r.On {
		b := below[name]
		h.link("sys/"+folder+"/slaves/"+b.Kernel, "../../"+b.Kernel)
		h.link("sys/devices/virtual/block/"+b.Kernel+"/holders/"+r.Kernel, "../../"+r.Kernel)
	}
}

func (h *Host) sysfs(folder, name, text string) {
	h.t.Helper()
	h.Write("sys/"+folder+"/"+name, text+"\n")
}

func (h *Host) link(rel, target string) {
	h.t.Helper()
	at := filepath.Join(h.dir, rel)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Symlink(target, at); err != nil {
		h.t.Fatal(err)
	}
}
