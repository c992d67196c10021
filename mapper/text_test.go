package mapper_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// printed joins what a host's tools printed.
func printed(t testing.TB, dir string, files ...string) string {
	t.Helper()
	var all []string
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	return strings.Join(all, "\n")
}

func readText(t testing.TB, text string) (*mapper.TextHost, map[string]mapper.LUN) {
	t.Helper()
	h, err := mapper.ReadText(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	byKernel := map[string]mapper.LUN{}
	for _, l := range h.Devices {
		if _, twice := byKernel[l.Kernel]; twice {
			t.Errorf("two devices are called %s", l.Kernel)
		}
		byKernel[l.Kernel] = l
	}
	return h, byKernel
}

// What a host's tools print and what its sysfs has are the same devices, whatever the
// order of the texts.
func TestTextAgainstSysfs(t *testing.T) {
	dir := hosttest.SharedDir(t, "hosts/odd-stack/before/expect")
	files := []string{"lsblk.json", "dmsetup-info-c.txt", "dmsetup-table.txt", "dmsetup-deps.txt", "dmsetup-ls.txt", "dmsetup-status.txt", "dmsetup-info.txt", "lvs.txt"}
	devices, _ := mapper.Devices(hosttest.Shared(t, "hosts/odd-stack/before"), nil)
	for range 2 {
		h, text := readText(t, printed(t, dir, files...))
		if len(h.Problems) > 0 {
			t.Errorf("%v: %v", files, h.Problems)
		}
		checked := 0
		for _, want := range devices {
			got, ok := text[want.Kernel]
			if want.DMName == "" || want.Kernel == "dm-52" { // not in these texts: its name has a character that dmsetup ls refuses
				continue
			}
			if !ok {
				t.Errorf("%s is not in the texts", want.Kernel)
				continue
			}
			checked++
			slices.Sort(got.Slaves)
			slices.Sort(want.Slaves)
			if got.Dev != want.Dev || got.DMName != want.DMName || got.UUID != want.UUID || got.VG != want.VG || got.LV != want.LV || got.ID != want.ID {
				t.Errorf("%s:\n%+v\nsysfs:\n%+v", want.Kernel, got, want)
			}
			if got.SizeBytes != want.SizeBytes || got.Suspended != want.Suspended {
				t.Errorf("%s: size %d, suspended %v, sysfs %d %v", want.Kernel, got.SizeBytes, got.Suspended, want.SizeBytes, want.Suspended)
			}
			for _, s := range want.Slaves {
				if !slices.Contains(got.Slaves, s) {
					t.Errorf("%s is on %v, by sysfs on %v", want.Kernel, got.Slaves, want.Slaves)
				}
			}
		}
		if checked < 60 {
			t.Errorf("only %d devices compared", checked)
		}
		slices.Reverse(files)
	}
}

// The tree of dmsetup ls has the edges that its list of dependencies has.
func TestTextOfTree(t *testing.T) {
	dir := hosttest.SharedDir(t, "hosts/odd-stack/before/expect")
	tree, byTree := readText(t, printed(t, dir, "dmsetup-ls-tree.txt"))
	_, byDeps := readText(t, printed(t, dir, "dmsetup-ls.txt", "dmsetup-deps.txt"))
	if len(tree.Problems) != 2 { // two names that dmsetup has cut
		t.Errorf("%v", tree.Problems)
	}
	edges := 0
	for kernel, l := range byDeps {
		for _, s := range l.Slaves {
			edges++
			if _, ok := byTree[kernel]; ok && !slices.Contains(byTree[kernel].Slaves, s) {
				t.Errorf("%s is on %v in the tree, on %v in the list", kernel, byTree[kernel].Slaves, l.Slaves)
			}
		}
	}
	if edges < 40 {
		t.Errorf("only %d edges", edges)
	}
}

func TestTextOfMultipath(t *testing.T) {
	dir := hosttest.SharedDir(t, "captures/insights")
	h, byKernel := readText(t, printed(t, dir, "multipath-ll-multipath_v4_ll_info_rhel_5.txt"))
	l := byKernel["dm-9"]
	if l.DMName != "L004" || l.ID != "mpath-360060160ade32800f2e3baf47665e211" || l.SizeBytes != 100<<30 || len(l.Paths) != 4 || len(h.Problems) != 0 {
		t.Errorf("RHEL 5: %+v\n%v", l, h.Problems)
	}
	if p := l.Paths[0]; p.Kernel != "sdk" || p.Dev != (mapper.DevNo{Major: 8, Minor: 160}) || p.HCTL != "3:0:1:4" || p.State != "running" {
		t.Errorf("%+v", p)
	}
	if got := h.Hardware["dm-9"].String(); got != "DGC RAID 5 (Clariion or VNX)" {
		t.Errorf("%q", got)
	}
	h, byKernel = readText(t, printed(t, dir, "multipath-ll-multipath_v4_ll_info.txt"))
	names := map[string]string{}
	for k, l := range byKernel {
		if l.DMName != "" {
			names[k] = l.DMName + " " + l.WWID
		}
	}
	for k, want := range map[string]string{
		"dm-2": "mpathg 36f01faf000da360b0000033c528fea6d", "dm-5": "36001405b1629f80d52a4c898f8856e43 36001405b1629f80d52a4c898f8856e43",
		"dm-0": "1IET     00080001 1IET     00080001", "dm-8": "mpathb 1IET     00080002", "dm-1": "mpathc test_with_no_devs",
	} {
		if names[k] != want {
			t.Errorf("%s: %q, want %q", k, names[k], want)
		}
	}
	if len(h.Problems) > 0 {
		t.Errorf("%v", h.Problems)
	}
	text := `create: mpathz (3600508b400105e210000900000490000) dm-3 HP,HSV200
size=10G features='1 queue_if_no_path' hwhandler='0' wp=rw
|-+- policy='round-robin 0' prio=0 status=active
| |- 0:0:0:1 sdb 8:16 failed faulty offline
| ` + "`" + `- 1:0:0:1 sdc 8:32 active ready running
` + "`" + `-+- policy='round-robin 0' prio=0 status=enabled
  |- #:#:#:# -   #:#  failed undef running
  ` + "`" + `- 2:0:0:1 sdd 8:48 active ghost running
`
	_, byKernel = readText(t, text)
	var got []string
	for _, p := range byKernel["dm-3"].Paths {
		got = append(got, p.Kernel+" "+p.State)
	}
	if strings.Join(got, ",") != "sdb failed,sdc running,sdd ghost" {
		t.Errorf("%q", got)
	}
}

func TestTextOfStrangers(t *testing.T) {
	text := "zimbra1_redo-redo\t(253, 11)\nhello world\n{\"a\": 1}\nsdq: size = 3\n  LV VG Attr LSize\n  data zimbra1_sqldb -wi-ao---- 60.00g\n\n   Volume id: 1\n type: primaryMessage\n path: /opt/zimbra/store\n"
	h, byKernel := readText(t, text)
	if len(h.Problems) != 2 || !strings.HasPrefix(h.Problems[0].Error(), `line 2: "hello world" is no line`) || !strings.HasPrefix(h.Problems[1].Error(), "line 3: the JSON has neither blockdevices") {
		t.Errorf("%v", h.Problems)
	}
	if l := byKernel["dm-11"]; l.VG != "zimbra1_redo" || l.LV != "redo" {
		t.Errorf("%+v", l)
	}
	if l := byKernel["zimbra1_sqldb-data"]; l.SizeBytes != 60<<30 || l.Dev != (mapper.DevNo{}) {
		t.Errorf("%+v", l)
	}
	if !slices.Equal(h.Volumes, []mapper.Volume{{Role: "primary", Path: "/opt/zimbra/store"}}) {
		t.Errorf("%+v", h.Volumes)
	}
	devs := []mapper.LUN{{Kernel: "dm-1", Mounts: []mapper.Mount{{Point: "/opt/zimbra", Root: "/"}}}, {Kernel: "dm-2", Mounts: []mapper.Mount{{Point: "/", Root: "/"}}}}
	mapper.TakeVolumes(devs, h.Volumes)
	if devs[0].Role != "primary" || devs[1].Role != "" {
		t.Errorf("%+v", devs)
	}
}

func FuzzText(f *testing.F) {
	seeds := 0
	for _, pattern := range []string{"hosts/odd-stack/before/expect", "captures/insights"} {
		files, _ := filepath.Glob(filepath.Join(hosttest.SharedDir(f, pattern), "[dlm]*"))
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text[:min(len(text), 4000)]))
			seeds++
		}
	}
	if seeds == 0 {
		f.Fatal("no seeds")
	}
	for _, v := range textVariants {
		f.Add(v.text)
	}
	f.Add(`{"blockdevices":[{"name":"a","maj:min":"8:0","children":[{"name":"a","kname":"a"}]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		h, err := mapper.ReadText(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		mapper.Classify(h.Devices, h.Use, nil)
		for i := range h.Devices {
			if h.Devices[i].Kernel == "" || h.Devices[i].ID == "" {
				t.Errorf("%+v", h.Devices[i])
			}
			if i < 20 {
				mapper.Chain(h.Devices, i, nil)
			}
		}
	})
}

// TestTextOfMuchRubbish: the time grows with the text and not with its square. A device
// behind the rubbish is found. Read in squares, these texts take longer than any test may.
func TestTextOfMuchRubbish(t *testing.T) {
	const device = "zimbra1_sqldb-data\t(253:13)\n"
	for name, rubbish := range map[string]string{
		"blank lines":     strings.Repeat("\n", 4<<20),
		"blanks":          strings.Repeat(strings.Repeat(" ", 100)+"\n", 1<<14),
		"objects begun":   strings.Repeat(`{"blockdevices":`+"\n", 1000),
		"objects in JSON": strings.Repeat("{}\n", 1000),
	} {
		h, err := mapper.ReadText(strings.NewReader(rubbish + device))
		if err != nil || len(h.Devices) != 1 || h.Devices[0].DMName != "zimbra1_sqldb-data" {
			t.Fatalf("%s: %v, %+v", name, err, h)
		}
		bad := 0
		for _, p := range h.Problems {
			if strings.Contains(p.Error(), "the JSON") {
				bad++
			}
		}
		if bad > 10 {
			t.Errorf("%s: %d objects were tried", name, bad)
		}
	}
}
