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

func kernels(luns []mapper.LUN) string {
	var names []string
	for _, l := range luns {
		names = append(names, l.Kernel)
	}
	return strings.Join(names, " ")
}

// Every token that an admin has in hand, on a host with names that are traps.
func TestFind(t *testing.T) {
	h := captured(t, "odd-stack/before")
	tests := map[string]string{
		"dm-13":                             "dm-13",
		" dm-13 ":                           "dm-13",
		"13":                                "dm-13",
		"496":                               "dm-496",
		"253:14":                            "dm-14",
		"8:17":                              "sdb1",
		"1:0:0:7":                           "sde",   // a path
		"0:0:0:9":                           "sdb",   // of a disk that isn't a path
		"8, 17":                             "sdb1",  // ls -l
		"dev253-14":                         "dm-14", // sar
		"DM-14":                             "dm-14",
		"253:13":                            "dm-13 dm-58", // a map is called so
		"dm-8":                              "dm-8 dm-59",
		"sda":                               "sda dm-60",
		"sdf":                               "sdf",
		"zimbra1_sqldb-data":                "dm-13",
		"zimbra1_sqldb/data":                "dm-13",
		"/dev/zimbra1_sqldb/data":           "dm-13",
		"/dev/mapper/vg--odd-a--b":          "dm-16",
		"/dev/vg-odd/a-b":                   "dm-16",
		"vgthin/plain":                      "dm-33", // not its part vgthin-plain-real
		"vgthin-plain-real":                 "dm-34",
		"/dev/dm-13":                        "dm-13",
		"/dev/sdb1":                         "sdb1",
		"/dev/mapper/sda":                   "dm-60",
		"/dev/disk/by-label/data":           "dm-13",
		`with\x20space`:                     "dm-52",
		"with space":                        "dm-52",
		"raw space":                         "dm-53",
		"$(date);`id`":                      "dm-56",
		`<b>LUN&amp;"q"`:                    "dm-55",
		"почта-данные":                      "dm-57",
		"/opt/zimbra/db/data":               "dm-13",
		"/opt/zimbra/db/data/":              "dm-13",
		"/opt/zimbra/db/data/mysql/x":       "dm-13",
		"/opt/zimbra/db/data2":              "dm-9",
		"/opt/zimbra/store/../index/a":      "dm-12",
		"/srv/over":                         "dm-36",
		"/srv/over/x":                       "dm-36",
		"/srv/btrfs/x":                      "dm-42",
		"/srv/bind":                         "dm-8",
		"/srv/with space\tand tab/f":        "dm-50",
		"/etc/passwd":                       "dm-0",
		"/":                                 "dm-0",
		"360060160ade32800":                 "dm-43", // the map, not its paths
		"0x60060160ade32800":                "dm-43",
		"60060160ade32800":                  "dm-43",
		"60:06:01:60:ad:e3:28:00":           "dm-43",
		"naa.60060160ade32800":              "dm-43",
		"mpath-360060160ade32800":           "dm-43",
		"3600508b400105e210000900000490000": "dm-14",
		"naa.600508b400105e21@1:0:0:1":      "sdf",
		"LVM-BkdZeOjLskQtvNQavyf9bsDfybxe3Bfm3zqtd7yWgkgzKRAvcSYGjzKIaxiNLJWP": "dm-13",
		"parted9":                    "sdb",
		"NV000001":                   "nvme0n1",
		"swap":                       "dm-5",
		"redo":                       "dm-11",
		"MySQL data":                 "dm-13",
		"mysql data of zimbra1":      "dm-13",
		"system":                     "dm-0 dm-1 dm-2 dm-3 dm-4 dm-6 sdb1",
		"vgraid":                     "dm-22 dm-25 dm-26", // a volume group
		"zimbra1":                    "dm-7 dm-8 dm-9 dm-10 dm-11 dm-12 dm-13",
		"stall":                      "dm-65",
		"vg--a.b+c-d----e_f+g.h":     "dm-44",
		"vg-a.b+c/d--e_f+g.h":        "dm-44",
		"docker-253:1-1051828-pool":  "dm-54",
		"/dev/mapper/with\\x20space": "dm-52",
	}
	for what, want := range tests {
		found, err := mapper.Find(h.devs, what, h.paths)
		if got := kernels(found); err != nil || got != want {
			t.Errorf("%q is %q, %v; want %q", what, got, err, want)
		}
	}
}

func TestNotFound(t *testing.T) {
	h := captured(t, "mail-load/before")
	tests := []struct {
		what, near string // "": nothing near
	}{
		{"sqldb-dta", "zimbra1_sqldb-data (dm-13)"},
		{"zimbra1_sqldb-dta", "zimbra1_sqldb-data (dm-13)"},
		{"zimbra1_sq", "zimbra1_sqldb-data (dm-13)"},
		{"sqldb", "zimbra1_sqldb-data (dm-13)"},
		{"SQLDB", "zimbra1_sqldb-data (dm-13)"},
		{"/dev/mapper/zimbra1_sqldb-dat", "zimbra1_sqldb-data (dm-13)"},
		{"mysq data", "zimbra1_sqldb-data (dm-13)"},
		{"253:99", ""},
		{"/dev/nothing", ""}, // not the LUN that /dev itself would be on
		{"/proc/self", ""},   // no block device is mounted there
		{"", ""},
		{"   ", ""},
	}
	for _, tt := range tests {
		found, err := mapper.Find(h.devs, tt.what, h.paths)
		var e *mapper.NotFoundError
		if !errors.As(err, &e) || len(found) > 0 || e.What != tt.what {
			t.Errorf("%q is %q, %v", tt.what, kernels(found), err)
			continue
		}
		if tt.near != "" && (len(e.Near) == 0 || e.Near[0] != tt.near) {
			t.Errorf("%q: near are %q, want %q first", tt.what, e.Near, tt.near)
		}
		if len(e.Near) > 5 {
			t.Errorf("%q: %d are near", tt.what, len(e.Near))
		}
	}
}

// On the host itself, links in a path lead to the LUN that the file is on.
func TestFindFollowsLinks(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(data, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	devs := []mapper.LUN{
		{Kernel: "sda", Mounts: []mapper.Mount{{Point: "/"}}},
		{Kernel: "sdb", Mounts: []mapper.Mount{{Point: data}}},
	}
	for what, want := range map[string]string{
		filepath.Join(dir, "link"):         "sdb",
		filepath.Join(dir, "link/not/yet"): "sdb",
		filepath.Join(dir, "other"):        "sda",
	} {
		if found, err := mapper.Find(devs, what, mapper.Paths{Dev: "/dev"}); err != nil || kernels(found) != want {
			t.Errorf("%s is %q, %v; want %q", what, kernels(found), err, want)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, seed := range []string{"dm-13", "253:13", "13", "/opt/zimbra/x", "/dev/disk/by-id/../../x", "60:06:01:60:ad:e3:28:00", "0x", "naa.", "\\x20", "mysql", "", "/", "//", "99999999999999999999"} {
		f.Add(seed)
	}
	h := hosttest.New(f, append(hosttest.Mail(),
		hosttest.LUN{Name: "mpatha", WWID: "360060160ade32800", On: []string{"sda", "sdb"}})...)
	devs, _ := mapper.Host(h.Paths, h.Counted(), nil)
	f.Fuzz(func(t *testing.T, what string) {
		found, err := mapper.Find(devs, what, h.Paths)
		var e *mapper.NotFoundError
		if errors.As(err, &e) == (len(found) > 0) || len(found) > len(devs) {
			t.Errorf("%q is %q, %v", what, kernels(found), err)
		}
		if e != nil && (len(e.Near) > 5 || !slices.Equal(e.Near, slices.Compact(slices.Clone(e.Near)))) {
			t.Errorf("%q: near are %q", what, e.Near)
		}
	})
}

// udev's database can hold a WWID or serial of blanks only.
func TestFindBlankWWID(t *testing.T) {
	devs := []mapper.LUN{{Kernel: "sda", WWID: " "}, {Kernel: "sdb", WWID: "naa.6006016000001234"}}
	found, err := mapper.Find(devs, "6006016000001234", mapper.Paths{})
	if err != nil || kernels(found) != "sdb" {
		t.Errorf("found %q, %v", kernels(found), err)
	}
}
