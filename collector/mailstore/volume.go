package mailstore

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"lunstat/mapper"
)

// load is what one work asks of a volume in its fullest hour.
type load struct {
	work             work
	reads, readKiB   int64 // I/Os per 1000 s, KiB each
	writes, writeKiB int64
}

// volume is what is the same for each mailstore.
type volume struct {
	vg, lv  string // of a mailstore: vg without "zimbra1_"
	store   bool   // a mailstore's, not the host's
	mount   string // below /opt/zimbra for a mailstore's; "" for swap
	sizeGiB int64
	minor2  int // the minor after the reboot

	toReadUS, toWriteUS int64 // to serve one I/O, nothing else being there
	usedPermille        int64 // of the filesystem, at the start
	keep                int64 // permille of what is written that stays
	shedAt              int   // minute of the day at which what came since is gone; 0: never
	fileBytes           int64 // for one inode
	loads               []load
}

// volumes are the post's fourteen in the order of their minors. Services and
// loads are what such LUNs do: random reads on 15k disks behind an array's cache
// take 5 to 6 ms, on SATA 8, writes end in the cache, the redo log's sequential
// ones soonest.
var volumes = [...]volume{
	{vg: "sysvg", lv: "root", mount: "/", sizeGiB: 8, minor2: 0,
		toReadUS: 5500, toWriteUS: 1500, usedPermille: 310, fileBytes: 40 << 10,
		loads: []load{{system, 60, 8, 400, 4}, {cron, 4000, 8, 1500, 4}}},
	{vg: "sysvg", lv: "tmp", mount: "/tmp", sizeGiB: 4, minor2: 13,
		toReadUS: 5500, toWriteUS: 1500, usedPermille: 40, fileBytes: 30 << 10,
		loads: []load{{system, 10, 4, 300, 8}, {cron, 200, 8, 3000, 16}}},
	{vg: "sysvg", lv: "home", mount: "/home", sizeGiB: 4, minor2: 11,
		toReadUS: 5500, toWriteUS: 1500, usedPermille: 120, fileBytes: 30 << 10,
		loads: []load{{system, 4, 4, 12, 4}, {cron, 300, 4, 0, 4}}},
	{vg: "sysvg", lv: "var", mount: "/var", sizeGiB: 16, minor2: 12,
		toReadUS: 5500, toWriteUS: 1500, usedPermille: 350, keep: 40, shedAt: 4*60 + 3, fileBytes: 50 << 10,
		loads: []load{{system, 80, 4, 1700, 8}, {smtp, 0, 4, 2500, 4}, {cron, 9000, 32, 14000, 64}}},
	{vg: "sysvg", lv: "usr", mount: "/usr", sizeGiB: 8, minor2: 2,
		toReadUS: 5500, toWriteUS: 1500, usedPermille: 420, fileBytes: 24 << 10,
		loads: []load{{system, 40, 16, 8, 4}, {cron, 32000, 8, 0, 4}}},
	{vg: "sysvg", lv: "swap", sizeGiB: 8, minor2: 1,
		toReadUS: 5500, toWriteUS: 1500,
		loads: []load{{system, 2, 4, 1, 4}, {backup, 40, 4, 60, 4}}},
	{vg: "sysvg", lv: "opt", mount: "/opt", sizeGiB: 4, minor2: 10,
		toReadUS: 5500, toWriteUS: 1500, usedPermille: 180, fileBytes: 60 << 10,
		loads: []load{{system, 3, 8, 5, 4}, {cron, 800, 8, 0, 4}}},
	{vg: "secondary", lv: "first", store: true, mount: "/hsm",
		sizeGiB: 1228, minor2: 8,
		toReadUS: 8200, toWriteUS: 3000, usedPermille: 610, fileBytes: 60 << 10,
		loads: []load{{pop, 5500, 24, 300, 4}, {backup, 9000, 64, 0, 4}}},
	{vg: "primary", lv: "store", store: true, mount: "/store",
		sizeGiB: 600, minor2: 6,
		toReadUS: 5800, toWriteUS: 1600, usedPermille: 740, keep: 250, fileBytes: 48 << 10,
		loads: []load{{pop, 38000, 24, 6000, 4}, {smtp, 4000, 8, 30000, 20}, {backup, 30000, 64, 0, 4}}},
	{vg: "base", lv: "base", store: true, mount: "",
		sizeGiB: 12, minor2: 7,
		toReadUS: 5500, toWriteUS: 1500, usedPermille: 380, fileBytes: 40 << 10,
		loads: []load{{system, 200, 8, 900, 8}, {pop, 900, 8, 1500, 8}, {cron, 6000, 16, 2000, 16}}},
	{vg: "log", lv: "log", store: true, mount: "/log",
		sizeGiB: 30, minor2: 9,
		toReadUS: 5500, toWriteUS: 1200, usedPermille: 420, keep: 130, shedAt: 4*60 + 5, fileBytes: 900 << 10,
		loads: []load{{pop, 0, 4, 8000, 12}, {smtp, 0, 4, 6000, 12}, {cron, 40000, 64, 6000, 64}}},
	{vg: "redo", lv: "redo", store: true, mount: "/redolog",
		sizeGiB: 40, minor2: 3,
		toReadUS: 4500, toWriteUS: 450, usedPermille: 140, keep: 200, shedAt: 2*60 + 38, fileBytes: 90 << 20,
		loads: []load{{smtp, 0, 4, 75000, 4}, {pop, 0, 4, 25000, 4}, {backup, 12000, 128, 0, 4}}},
	{vg: "index", lv: "index", store: true, mount: "/index",
		sizeGiB: 80, minor2: 5,
		toReadUS: 6000, toWriteUS: 1800, usedPermille: 560, keep: 7, fileBytes: 200 << 10,
		loads: []load{{pop, 6000, 8, 0, 4}, {smtp, 14000, 8, 22000, 8}, {indexing, 60000, 16, 35000, 16}, {backup, 12000, 64, 0, 4}}},
	{vg: "sqldb", lv: "data", store: true, mount: "/db/data",
		sizeGiB: 60, minor2: 4,
		toReadUS: 5200, toWriteUS: 1100, usedPermille: 540, keep: 3, fileBytes: 4 << 20,
		loads: []load{{pop, 90000, 16, 12000, 16}, {smtp, 20000, 16, 28000, 16}, {backup, 55000, 64, 0, 4}}},
}

const (
	dmMajor     = 253
	systemCount = 7 // the host's own volumes, first in the table
)

// name is what a volume is called on this host.
type name struct{ vg, dm, mount, uuid string }

// build makes the host's volumes, and mailstores until there are enough LUNs.
func (m *Model) build() {
	m.stores = []*store{{}}
	for i := 0; len(m.luns) < m.opt.LUNs; i++ {
		if i < systemCount {
			m.add(&volumes[i], m.stores[0], i)
			continue
		}
		const each = len(volumes) - systemCount
		number, v := 1+(i-systemCount)/each, systemCount+(i-systemCount)%each
		m.add(&volumes[v], m.storeAt(number), i)
	}
}

// storeAt is a mailstore by its number. The first has the post's users, the
// others between half and all of them.
func (m *Model) storeAt(number int) *store {
	if number < len(m.stores) {
		return m.stores[number]
	}
	s := &store{number: number, size: 1000, wave: 1000, noise: newNoise(m.opt.Seed, -number)}
	if number > 1 {
		s.size = 500 + int64(s.noise.pcg.Uint64()%500)
	}
	m.stores = append(m.stores, s)
	return s
}

func (m *Model) add(v *volume, s *store, index int) {
	l := &lun{volume: v, name: v.named(s.number), store: s, noise: newNoise(m.opt.Seed, index)}
	l.used = l.usedAtStart()
	switch {
	case !v.store:
	case v.vg == "primary":
		s.primary = l
	case v.vg == "secondary":
		s.secondary = l
	}
	m.luns = append(m.luns, l)
}

// named is a volume's names in the mailstore of that number.
func (v *volume) named(number int) name {
	n := name{vg: v.vg, mount: v.mount}
	if v.store {
		n.vg = fmt.Sprintf("zimbra%d_%s", number, v.vg)
		n.mount = "/opt/zimbra" + v.mount
		if number > 1 {
			n.mount = fmt.Sprintf("/opt/zimbra%d%s", number, v.mount)
		}
	}
	n.dm = n.vg + "-" + v.lv
	n.uuid = "LVM-" + letters(n.vg) + letters(n.dm)
	return n
}

// classify lets the mapper say what the volumes are for, as on a real host.
func (m *Model) classify() []mapper.LUN {
	devs := make([]mapper.LUN, len(m.bySlot))
	var use mapper.Use
	for minor, l := range m.bySlot {
		devs[minor] = l.as(minor)
		path := "/dev/mapper/" + l.name.dm
		if l.name.mount == "" {
			use.Swaps = append(use.Swaps, path)
			continue
		}
		use.Mounts = append(use.Mounts, mapper.MountedDev{
			Mount: mapper.Mount{Point: l.name.mount, FSType: "ext3", Root: "/", Source: path},
			Dev:   devs[minor].Dev,
		})
	}
	// Without rules, it only complains of identities that are not unique.
	_ = mapper.Classify(devs, use, nil)
	for i := range devs {
		devs[i].Reach, devs[i].ReachFrom = mapper.ReachGlobal, "a simulated LUN of a SAN"
	}
	if m.opt.BadWeek {
		m.rest(devs)
	}
	return devs
}

// as is the volume under a minor.
func (l *lun) as(minor int) mapper.LUN {
	return mapper.LUN{
		Kernel:    fmt.Sprintf("dm-%d", minor),
		Dev:       mapper.DevNo{Major: dmMajor, Minor: uint32(minor)},
		ID:        mapper.ID(l.name.uuid),
		UUID:      l.name.uuid,
		DMName:    l.name.dm,
		VG:        l.name.vg,
		LV:        l.lv,
		SizeBytes: uint64(l.sizeGiB) * gib,
	}
}

// minor is the number of the index-th volume of n at a boot: first in the order of
// the table, then as the table says and, behind it, turned round.
func minor(index, n, boot int) int {
	switch {
	case boot == 1 || n < len(volumes):
		return index
	case index < len(volumes):
		return volumes[index].minor2
	default:
		return n - 1 - (index - len(volumes))
	}
}

// letters are 32 that belong to a name, as half of an LVM uuid: the same on every
// run, so that the simulated LUNs stay themselves.
func letters(of string) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	var seed uint64
	for _, b := range []byte(of) {
		seed = seed*1_000_003 + uint64(b)
	}
	pcg := rand.NewPCG(seed, 0)
	var s strings.Builder
	for range 32 {
		s.WriteByte(alphabet[pcg.Uint64()%uint64(len(alphabet))])
	}
	return s.String()
}

// bootID is a random UUID, as the kernel makes one at each boot.
func bootID(seed uint64, boot int) string {
	pcg := rand.NewPCG(seed, 1<<32+uint64(boot))
	a, b := pcg.Uint64(), pcg.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&(1<<48-1))
}
