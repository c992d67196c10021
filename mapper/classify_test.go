package mapper_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// made gives the devices of a made host, sorted by rules.
func made(t *testing.T, h *hosttest.Host, rules ...mapper.Rule) (map[string]mapper.LUN, []error) {
	t.Helper()
	devs, problems := mapper.Host(h.Paths, h.Counted(), rules)
	byName := make(map[string]mapper.LUN, len(devs))
	for _, l := range devs {
		byName[l.Name()] = l
	}
	return byName, problems
}

func TestLayers(t *testing.T) {
	const wwid = "3600508b400105e210000900000490000"
	tests := []struct {
		name  string
		luns  []hosttest.LUN
		rules []mapper.Rule
		want  map[string]mapper.Layer
	}{
		{"LVM on disks", []hosttest.LUN{{Name: "vg-lv", On: []string{"sda"}}},
			nil, map[string]mapper.Layer{"vg-lv": "lun", "sda": "disk"}},
		{"LVM on multipath", []hosttest.LUN{
			{Name: "mpatha", WWID: wwid, On: []string{"sda", "sdb"}}, {Name: "vg-lv", On: []string{"mpatha"}}},
			nil, map[string]mapper.Layer{"vg-lv": "lun", "mpatha": "map", "sda": "path", "sdb": "path"}},
		{"a map that nothing holds", []hosttest.LUN{{Name: "mpatha", WWID: wwid, On: []string{"sda"}}},
			nil, map[string]mapper.Layer{"mpatha": "lun", "sda": "path"}},
		{"a path thrown out of its map", []hosttest.LUN{
			{Name: "mpatha", WWID: wwid, On: []string{"sda"}}, {Kernel: "sdb", WWID: wwid}},
			nil, map[string]mapper.Layer{"mpatha": "lun", "sda": "path", "sdb": "path"}},
		{"crypt in the middle and on top", []hosttest.LUN{
			{Name: "below", UUID: "CRYPT-LUKS2-0-below", On: []string{"sda"}}, {Name: "vg-lv", On: []string{"below"}},
			{Name: "above", UUID: "CRYPT-LUKS2-0-above", On: []string{"vg-lv"}}},
			nil, map[string]mapper.Layer{"below": "crypt", "vg-lv": "hidden", "above": "lun"}},
		{"held and mounted all the same", []hosttest.LUN{
			{Name: "vg-origin", On: []string{"sda"}, Mount: "/srv"}, {Name: "vg-thin", On: []string{"vg-origin"}}},
			nil, map[string]mapper.Layer{"vg-origin": "lun", "vg-thin": "lun"}},
		{"a bare disk beside device-mapper", []hosttest.LUN{{Name: "vg-lv", On: []string{"sda"}}, {Kernel: "sdb"}},
			nil, map[string]mapper.Layer{"sdb": "disk"}},
		{"a bare disk, mounted", []hosttest.LUN{{Name: "vg-lv", On: []string{"sda"}}, {Kernel: "sdb", Mount: "/srv"}},
			nil, map[string]mapper.Layer{"sdb": "lun"}},
		{"a bare disk, named", []hosttest.LUN{{Name: "vg-lv", On: []string{"sda"}}, {Kernel: "sdb"}},
			[]mapper.Rule{{Match: "sdb", Role: "mysql"}}, map[string]mapper.Layer{"sdb": "lun"}},
		{"bare disks alone", []hosttest.LUN{{Kernel: "sda"}, {Kernel: "sdb"}},
			nil, map[string]mapper.Layer{"sda": "lun", "sdb": "lun"}},
		{"partitions, one in use", []hosttest.LUN{{Kernel: "sda"}, {Kernel: "sda1", On: []string{"sda"}, Mount: "/"}, {Kernel: "sda2", On: []string{"sda"}}},
			nil, map[string]mapper.Layer{"sda": "disk", "sda1": "lun", "sda2": "part"}},
		{"partitions, none in use", []hosttest.LUN{{Kernel: "nvme0n1"}, {Kernel: "nvme0n1p1", On: []string{"nvme0n1"}}},
			nil, map[string]mapper.Layer{"nvme0n1": "lun", "nvme0n1p1": "part"}},
		{"a partition of swap", []hosttest.LUN{{Kernel: "sda"}, {Kernel: "sda1", On: []string{"sda"}, Swap: true}},
			nil, map[string]mapper.Layer{"sda": "disk", "sda1": "lun"}},
		{"a partition under LVM", []hosttest.LUN{{Kernel: "sda"}, {Kernel: "sda1", On: []string{"sda"}}, {Name: "vg-lv", On: []string{"sda1"}}},
			nil, map[string]mapper.Layer{"sda": "disk", "sda1": "part", "vg-lv": "lun"}},
		{"md RAID", []hosttest.LUN{{Kernel: "md0", On: []string{"sda", "sdb"}}},
			nil, map[string]mapper.Layer{"md0": "lun", "sda": "disk", "sdb": "disk"}},
		{"md RAID under LVM", []hosttest.LUN{{Kernel: "md0", On: []string{"sda", "sdb"}}, {Name: "vg-lv", On: []string{"md0"}}},
			nil, map[string]mapper.Layer{"md0": "disk", "vg-lv": "lun"}},
		{"no storage", []hosttest.LUN{{Kernel: "loop0", Mount: "/snap/x"}, {Kernel: "zram0", Swap: true}, {Kernel: "sr0"}, {Kernel: "ram0"}, {Kernel: "fd0"}},
			nil, map[string]mapper.Layer{"loop0": "other", "zram0": "other", "sr0": "other", "ram0": "other", "fd0": "other"}},
		{"no storage, but named", []hosttest.LUN{{Kernel: "loop0"}, {Kernel: "loop1"}},
			[]mapper.Rule{{Match: "loop0", Label: "Image"}}, map[string]mapper.Layer{"loop0": "lun", "loop1": "other"}},
		{"ignored", []hosttest.LUN{{Name: "vg-lv", On: []string{"sda"}, Mount: "/srv"}},
			[]mapper.Rule{{Match: "vg-lv", Ignore: true}}, map[string]mapper.Layer{"vg-lv": "other"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			luns, problems := made(t, hosttest.New(t, tt.luns...), tt.rules...)
			if len(problems) > 0 {
				t.Error(problems)
			}
			for name, want := range tt.want {
				if got := luns[name].Layer; got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestSizeZero(t *testing.T) {
	h := hosttest.New(t, hosttest.LUN{Kernel: "sda"}, hosttest.LUN{Kernel: "sdb"}, hosttest.LUN{Kernel: "sdc", Mount: "/srv"})
	for _, kernel := range []string{"sdb", "sdc"} {
		h.Write("sys/devices/virtual/block/"+kernel+"/size", "0\n")
	}
	luns, _ := made(t, h)
	for kernel, want := range map[string]mapper.Layer{"sda": mapper.LayerLUN, "sdb": mapper.LayerOther, "sdc": mapper.LayerLUN} {
		if got := luns[kernel].Layer; got != want {
			t.Errorf("%s is %q, want %q", kernel, got, want)
		}
	}
}

func TestRoles(t *testing.T) {
	tests := []struct {
		name, mount       string
		role, from, label string
	}{
		{"vg-a", "/opt/zimbra/db/data", "mysql", "mount", "MySQL data"},
		{"vg-a", "/var/lib/mysql", "mysql", "mount", "MySQL data"},
		{"vg-a", "/data", "", "", "/data"},
		{"vg-a", "/opt/zimbra/store", "primary", "mount", "Primary store"},
		{"vg-a", "/opt/zimbra/store2", "primary", "mount", "Primary store"},
		{"vg-a", "/mail/web1/store", "primary", "mount", "Primary store"},
		{"vg-a", "/opt/zimbra/hsm", "secondary", "mount", "Secondary store"},
		{"vg-a", "/opt/zimbra/hsm/store1", "secondary", "mount", "Secondary store"},
		{"vg-a", "/opt/zimbra/store-secondary", "secondary", "mount", "Secondary store"},
		{"vg-a", "/opt/zimbra/index", "index", "mount", "Index"},
		{"vg-a", "/opt/zimbra/redolog", "redo", "mount", "Redo log"},
		{"vg-a", "/opt/zimbra/log", "log", "mount", "Log"},
		{"vg-a", "/opt/zimbra/backup", "backup", "mount", "Backup"},
		{"vg-a", "/opt/zimbra", "base", "mount", "Zimbra base"},
		{"vg-a", "/", "system", "mount", "Root"},
		{"vg-a", "/usr", "system", "mount", "/usr"},
		{"vg-a", "/boot", "system", "mount", "/boot"},
		{"vg-sqldb", "/usr", "system", "mount", "/usr"}, // the mount knows better
		{"vg-a", "/srv/with space", "", "", "/srv/with space"},
		{"zimbra1_sqldb-data", "", "mysql", "name", "MySQL data"},
		{"zimbra1_secondary-first", "", "secondary", "name", "Secondary store"},
		{"zimbra1_secondary-store", "", "secondary", "name", "Secondary store"},
		{"zimbra1_primary-store", "", "primary", "name", "Primary store"},
		{"zimbra1-index", "", "index", "name", "Index"},
		{"zimbra1_redo-redo", "", "redo", "name", "Redo log"},
		{"zimbra1_sqldb-log", "", "log", "name", "Log"},
		{"sysvg-root", "", "system", "name", "Root"},
		{"sysvg-lv_var", "", "system", "name", "/var"},
		{"sysvg-swap", "", "swap", "name", "Swap"},
		{"vg-blog", "", "", "", ""},
		{"vg-catalogue", "", "", "", ""},
		{"slow", "", "", "", ""},
	}
	for _, tt := range tests {
		h := hosttest.New(t, hosttest.LUN{Name: tt.name, Mount: tt.mount, On: []string{"sda"}})
		luns, _ := made(t, h)
		if l := luns[tt.name]; l.Role != tt.role || l.RoleFrom != tt.from || l.Label != tt.label {
			t.Errorf("%s on %q is %q from %q, %q; want %q from %q, %q", tt.name, tt.mount, l.Role, l.RoleFrom, l.Label, tt.role, tt.from, tt.label)
		}
	}
}

func TestGroups(t *testing.T) {
	tests := []struct {
		names []string
		want  []string
	}{
		{[]string{"zimbra1_sqldb-data", "zimbra1_redo-redo"}, []string{"zimbra1", "zimbra1"}},
		{[]string{"zimbra1_sqldb-data", "zimbra2_redo-redo"}, []string{"zimbra1_sqldb", "zimbra2_redo"}},
		{[]string{"zimbra1_sqldb-data", "zimbra1_log-log", "zimbra2_sqldb-data", "zimbra2_misc-x"}, []string{"zimbra1", "zimbra1", "zimbra2", "zimbra2"}},
		{[]string{"backup_vg-a", "backup_old-b"}, []string{"backup_vg", "backup_old"}}, // no mailstore
		{[]string{"sysvg-root", "sysvg-index"}, []string{"sysvg", "sysvg"}},
		{[]string{"slow"}, []string{""}},
	}
	for _, tt := range tests {
		var rows []hosttest.LUN
		for _, name := range tt.names {
			rows = append(rows, hosttest.LUN{Name: name, On: []string{"sda"}})
		}
		luns, _ := made(t, hosttest.New(t, rows...))
		for i, name := range tt.names {
			if got := luns[name].Group; got != tt.want[i] {
				t.Errorf("%s among %v is in %q, want %q", name, tt.names, got, tt.want[i])
			}
		}
	}
}

func TestLabelsStayApart(t *testing.T) {
	luns, _ := made(t, hosttest.New(t,
		hosttest.LUN{Name: "zimbra1_secondary-first", On: []string{"sda"}},
		hosttest.LUN{Name: "zimbra1_secondary-second", On: []string{"sdb"}},
		hosttest.LUN{Name: "zimbra1_a-store", On: []string{"sdc"}},
		hosttest.LUN{Name: "zimbra1_b-store", On: []string{"sdd"}},
		hosttest.LUN{Name: "other-store", On: []string{"sde"}},
	))
	for name, want := range map[string]string{
		"zimbra1_secondary-first":  "Secondary store (first)",
		"zimbra1_secondary-second": "Secondary store (second)",
		"zimbra1_a-store":          "Primary store (zimbra1_a-store)",
		"other-store":              "Primary store",
	} {
		if got := luns[name].Label; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestRules(t *testing.T) {
	const wwid = "360060160ade32800f2e3baf47665e211"
	rows := append(hosttest.Mail(),
		hosttest.LUN{Name: "mpatha", WWID: wwid, On: []string{"sda", "sdb"}},
		hosttest.LUN{Name: "dm-8", UUID: "-", On: []string{"sdc"}},
		hosttest.LUN{Name: "a*b", UUID: "-", On: []string{"sdd"}},
	)
	tests := []struct {
		rules []mapper.Rule
		name  string
		want  string // role from label group
	}{
		{[]mapper.Rule{{Match: "dm-13", Label: "Users' SQL"}}, "zimbra1_sqldb-data", "mysql mount Users' SQL zimbra1"},
		{[]mapper.Rule{{Match: "dm-13", Label: " \t "}}, "zimbra1_sqldb-data", "mysql mount MySQL data zimbra1"}, // blanks don't make a name
		{[]mapper.Rule{{Match: "253:13", Role: "log"}}, "zimbra1_sqldb-data", "log config Log (data) zimbra1"},
		{[]mapper.Rule{{Match: "zimbra1_sqldb/data", Role: "web"}}, "zimbra1_sqldb-data", "web config MySQL data zimbra1"},
		{[]mapper.Rule{{Match: "/opt/zimbra/store", Group: "shop"}}, "zimbra1_primary-store", "primary mount Primary store shop"},
		{[]mapper.Rule{{Match: "zimbra*_sqldb-*", Group: "x"}}, "zimbra1_sqldb-data", "mysql mount MySQL data x"},
		{[]mapper.Rule{{Match: "/opt/zimbra/st*", Label: "x"}}, "zimbra1_primary-store", "primary mount x zimbra1"},
		{[]mapper.Rule{{Match: "*", Group: "all"}, {Match: "dm-13", Group: "one"}}, "zimbra1_sqldb-data", "mysql mount MySQL data one"},
		{[]mapper.Rule{{Match: "dm-13", Label: "L"}, {Match: "dm-13", Role: "log"}}, "zimbra1_sqldb-data", "log config L zimbra1"},
		{[]mapper.Rule{{Match: "60:06:01:60:AD:E3:28:00:F2:E3:BA:F4:76:65:E2:11", Role: "mysql"}}, "mpatha", "mysql config MySQL data "},
		{[]mapper.Rule{{Match: "a*b", Label: "star"}}, "a*b", "  star "},
	}
	h := hosttest.New(t, rows...)
	for _, tt := range tests {
		luns, problems := made(t, h, tt.rules...)
		if len(problems) > 0 {
			t.Errorf("%v: %v", tt.rules, problems)
		}
		l := luns[tt.name]
		if got := strings.Join([]string{l.Role, l.RoleFrom, l.Label, l.Group}, " "); got != tt.want {
			t.Errorf("%v: %s is %q, want %q", tt.rules, tt.name, got, tt.want)
		}
	}
}

// A rule's colour and limits, and rules for several LUNs.
func TestRulesOfGroups(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	tests := []struct {
		rules []mapper.Rule
		want  string // the LUNs with a colour or limits
	}{
		{[]mapper.Rule{{Match: "vg:zimbra1_sqldb", Colour: "#111111"}}, "zimbra1_sqldb-data #111111 "},
		{[]mapper.Rule{{Match: "zimbra1_redo", Limits: mapper.Limits{AwaitMS: 5}}}, "zimbra1_redo-redo  await 5 ms"},
		{[]mapper.Rule{{Match: "LVM-*", Limits: mapper.Limits{FullPercent: 97}}, {Match: "/opt/zimbra/store", Limits: mapper.Limits{UtilPercent: 50, FullPercent: 80}}},
			"zimbra1_primary-store  50 % busy, 80 % full"},
	}
	for _, tt := range tests {
		luns, problems := made(t, h, tt.rules...)
		var got []string
		for name, l := range luns {
			if l.Colour != "" || l.Limits != (mapper.Limits{}) {
				got = append(got, name+" "+l.Colour+" "+l.Limits.String())
			}
		}
		if len(problems) > 0 || !slices.Contains(got, tt.want) || len(tt.rules) == 1 && len(got) != 1 {
			t.Errorf("%v: %q, %v; want %q", tt.rules, got, problems, tt.want)
		}
	}
	luns, _ := made(t, h)
	devices := []mapper.LUN{
		{Kernel: "dm-1", DMName: "mpatha", Paths: []mapper.Path{{Kernel: "sda", HCTL: "0:0:1:7"}, {Kernel: "sdb", HCTL: "1:0:0:7"}}},
		{Kernel: "dm-2", DMName: "mpathb", Paths: []mapper.Path{{Kernel: "sdc", HCTL: "0:0:1:7"}, {Kernel: "sdd", HCTL: "1:0:0:8"}}},
		{Kernel: "sde", HCTL: "2:0:0:9"}, // a disk without multipath
		{Kernel: "sdf", HCTL: "3:0:0:0"}, // one of the host's own
		luns["zimbra1_redo-redo"],
	}
	for what, want := range map[string]bool{"zimbra*": true, "vg:zimbra1_redo": true, "lun:7": true, "lun:8": false, "lun:1": false, "lun:9": true, "lun:0": false, "vg:": false, "lun:": false, "zimbra1": false} {
		if got := mapper.Matches(devices, what); got != want {
			t.Errorf("%s matches: %v", what, got)
		}
	}
	_, problems := made(t, h, mapper.Rule{Match: "dm-13", Limits: mapper.Limits{AwaitMS: 5}}, mapper.Rule{Match: "zimbra1_sqldb-data", Limits: mapper.Limits{AwaitMS: 6}})
	if len(problems) != 1 {
		t.Errorf("two limits for one LUN: %v", problems)
	}
}

func TestRuleErrors(t *testing.T) {
	h := hosttest.New(t, append(hosttest.Mail(), hosttest.LUN{Name: "dm-8", UUID: "-", On: []string{"sdc"}})...)
	tests := []struct {
		match string
		names int
		near  string
	}{
		{"zimbra1_sqldb-dta", 0, "zimbra1_sqldb-data (dm-13)"},
		{"nothing*", 0, ""},
		{"mysql", 0, ""}, // roles are what rules give
		{"[", 0, ""},
		{"dm-8", 2, ""}, // a kernel's name and a map's
	}
	for _, tt := range tests {
		luns, problems := made(t, h, mapper.Rule{Match: tt.match, Label: "x"})
		var e *mapper.RuleError
		if len(problems) != 1 || !errors.As(problems[0], &e) || e.Match != tt.match || len(e.Names) != tt.names {
			t.Errorf("%q: %v", tt.match, problems)
			continue
		}
		if tt.near != "" && !slices.Contains(e.Near, tt.near) {
			t.Errorf("%q: near is %q, want %q among them", tt.match, e.Near, tt.near)
		}
		if tt.match == "dm-8" && (luns["zimbra1_primary-store"].Label != "x" || luns["dm-8"].Label == "x") {
			t.Error("a rule for the kernel's dm-8 is not its")
		}
	}
}

// Two entries that name one LUN are merged; where they contradict each other, that
// is said.
func TestRulesThatContradict(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	const name, mount = "zimbra1_sqldb-data", "/opt/zimbra/db/data"
	tests := []struct {
		rules []mapper.Rule
		want  string // the problem
		role  string
	}{
		{[]mapper.Rule{{Match: name, Role: "mysql"}, {Match: mount, Label: "DB"}}, "", "mysql"},
		{[]mapper.Rule{{Match: name, Role: "mysql"}, {Match: mount, Role: "mysql"}}, "", "mysql"},
		{[]mapper.Rule{{Match: "zimbra1_*", Role: "log"}, {Match: name, Role: "mysql"}}, "", "mysql"}, // a pattern and an exception
		{[]mapper.Rule{{Match: name, Role: "mysql"}, {Match: mount, Role: "redo"}},
			`"zimbra1_sqldb-data" and "/opt/zimbra/db/data" in the config are the same LUN, zimbra1_sqldb-data (dm-13), but differ; lunstat uses the second`, "redo"},
	}
	for _, tt := range tests {
		luns, problems := made(t, h, tt.rules...)
		got := ""
		if len(problems) > 0 {
			got = problems[0].Error()
		}
		if got != tt.want || len(problems) > 1 {
			t.Errorf("%v: %v, want %q", tt.rules, problems, tt.want)
		}
		if luns[name].Role != tt.role {
			t.Errorf("%v: role %q, want %q", tt.rules, luns[name].Role, tt.role)
		}
	}
}

func TestStored(t *testing.T) {
	devs := []mapper.LUN{
		{Layer: mapper.LayerLUN}, {Layer: mapper.LayerHidden}, {Layer: mapper.LayerMap}, {Layer: mapper.LayerCrypt},
		{Layer: mapper.LayerPart}, {Layer: mapper.LayerDisk}, {Layer: mapper.LayerPath}, {Layer: mapper.LayerOther},
	}
	for layers, want := range map[string]int{"luns": 1, "maps": 3, "": 3, "all": len(devs)} {
		if got := len(mapper.Stored(devs, layers)); got != want {
			t.Errorf("%q keeps %d, want %d", layers, got, want)
		}
	}
}

// Classify starts from scratch: what a LUN was is not mixed into what it is.
func TestClassifyAgain(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	devs, _ := mapper.Host(h.Paths, h.Counted(), []mapper.Rule{{Match: "dm-13", Label: "x", Role: "log", Group: "y"}})
	h.Mount("zimbra1_sqldb-data", "")
	use, _ := mapper.ReadUse(h.Paths)
	mapper.Classify(devs, use, nil)
	for _, l := range devs {
		if l.Kernel == "dm-13" && (l.Label != "MySQL data" || l.Role != "mysql" || l.RoleFrom != "name" || l.Group != "zimbra1" || len(l.Mounts) > 0) {
			t.Errorf("still %+v", l)
		}
	}
}

// Single attributes are missing on kernels of RHEL 6 and 7's time, and in
// captures whole folders are.
func TestMissingAttributes(t *testing.T) {
	for _, missing := range []string{
		"block/dm-13/dm/name", "block/dm-13/dm/uuid", "block/dm-13/dm/suspended", "block/dm-13/dm", "block/dm-13/size", "block/dm-13/dev",
		"block/dm-13/slaves", "block/dm-13/diskseq", "block/dm-13/queue", "block/dm-13", "class", "block", "",
	} {
		h := hosttest.New(t, hosttest.Mail()...)
		h.Delete(filepath.Join("sys", missing))
		luns, _ := made(t, h)
		if want := len(h.Counted()); len(luns) != want {
			t.Errorf("without sys/%s there are %d devices, want %d", missing, len(luns), want)
		}
		l, ok := luns["zimbra1_sqldb-data"]
		if !ok {
			l = luns["dm-13"]
		}
		if l.Dev != (mapper.DevNo{Major: 253, Minor: 13}) || l.Mounted() != "/opt/zimbra/db/data" || l.Role != "mysql" || l.Layer != mapper.LayerLUN {
			t.Errorf("without sys/%s dm-13 is %+v", missing, l)
		}
	}
}

// What may not be read is unknown, and no reason to lose the device.
func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	h := hosttest.New(t, hosttest.Mail()...)
	if err := os.Chmod(filepath.Join(h.Paths.Sys, "block/dm-13/dm/name"), 0); err != nil {
		t.Fatal(err)
	}
	if luns, _ := made(t, h); luns["dm-13"].UUID == "" {
		t.Errorf("dm-13 is %+v", luns["dm-13"])
	}
}

// Lines of diskstats that share a number, as on hosts with hidden NVMe paths.
func TestDuplicateNumbers(t *testing.T) {
	h := hosttest.New(t, hosttest.LUN{Kernel: "sda"})
	zero := mapper.DevNo{}
	devs, _ := mapper.Devices(h.Paths, append(h.Counted(), mapper.Counted{Kernel: "nvme0c0n1", Dev: zero}, mapper.Counted{Kernel: "nvme0c1n1", Dev: zero}, mapper.Counted{Kernel: "sdx", Dev: zero}))
	if len(devs) != 4 {
		t.Errorf("%d devices, want 4: %+v", len(devs), devs)
	}
}
