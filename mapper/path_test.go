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

// A path on a mount that is of no LUN never falls through to the mount below it.
func TestMountOfNoLUN(t *testing.T) {
	tests := []struct {
		mountinfo, what, on string
		want                string // of the error
	}{
		{"8:17 / /opt/zimbra/store rw - xfs /dev/sdz1 rw", "/opt/zimbra/store/0/12", "/opt/zimbra/store",
			"it is on /opt/zimbra/store, which is xfs on /dev/sdz1 (8:17), which the host no longer has"},
		{"8:17 / /opt/zimbra/store rw - xfs /dev/sdz1 rw", "/opt/zimbra/store", "/opt/zimbra/store", `"/opt/zimbra/store": xfs on /dev/sdz1 (8:17), which the host no longer has`},
		// Another disk has the name of the one that is gone.
		{"8:99 / /srv rw - ext4 /dev/sdb rw", "/srv/x", "/srv", "ext4 on /dev/sdb (8:99), which the host no longer has"},
		{"0:45 / /pool rw - bcachefs /dev/sdx:/dev/sdy rw", "/pool/x", "/pool", "bcachefs on /dev/sdx:/dev/sdy, which the host does not have"},
		{"0:46 / /tree rw - btrfs /dev/sdx rw", "/tree/x", "/tree", "btrfs on /dev/sdx, which the host does not have"},
		{"0:47 / /etc/pve rw - fuse /dev/fuse rw", "/etc/pve/x", "/etc/pve", "fuse: a program (/dev/fuse) serves it"},
		{"0:48 / /home/x rw - fuse.sshfs x@h:/x rw", "/home/x/y", "/home/x", "fuse.sshfs: a program (x@h:/x) serves it"},
		{"0:49 / /net rw - autofs systemd-1 rw", "/net/x", "/net", "autofs: nothing is mounted there at the moment"},
		{"0:49 / /net rw - autofs /dev/sdb rw", "/net/x", "/net", "autofs: nothing is mounted there at the moment"},
		{`0:50 / /var/lib/docker/o rw - overlay overlay rw,lowerdir=/a:/b,upperdir=/var/with\040space,workdir=/w`, "/var/lib/docker/o/x", "/var/lib/docker/o",
			"an overlay, which writes to /var/with space"},
		{"0:50 / /o rw - overlay overlay ro,lowerdir=/a:/b", "/o/x", "/o", "an overlay of other folders"},
		{"0:51 / /nfs rw - nfs4 filer:/vol rw", "/nfs/x", "/nfs", "nfs4 from filer:/vol, over the network"},
		{"0:52 / /smb rw - cifs //filer/vol rw", "/smb/x", "/smb", "cifs from //filer/vol, over the network"},
		{"0:53 / /run rw - tmpfs tmpfs rw", "/run/x", "/run", "tmpfs, in memory"},
		{"0:53 / /dev/shm rw - tmpfs tmpfs rw", "/dev/shm/x", "/dev/shm", "tmpfs, in memory"},
		{"0:54 / /tank rw - zfs tank rw", "/tank/x", "/tank", "ZFS tank, but no disk of its pool is known"},
		{"0:55 / /cg rw - cgroup2 cgroup2 rw", "/cg/x", "/cg", "cgroup2, no block device"},
	}
	for _, tt := range tests {
		h := hosttest.New(t, root(hosttest.LUN{Kernel: "sdb"})...)
		h.Write("proc/self/mountinfo", "4 1 253:0 / / rw - ext4 /dev/mapper/vg-root rw\n5 4 "+tt.mountinfo+"\n")
		devs, _ := mapper.Host(h.Paths, h.Counted(), nil)
		found, err := mapper.Find(devs, tt.what, h.Paths)
		var e *mapper.NotFoundError
		if !errors.As(err, &e) || e.On == nil || e.On.Point != tt.on || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s with %q is %q, %v; want %q", tt.what, tt.mountinfo, kernels(found), err, tt.want)
		}
		if found, err := mapper.Find(devs, "/beside", h.Paths); err != nil || kernels(found) != "dm-0" {
			t.Errorf("/beside with %q is %q, %v", tt.mountinfo, kernels(found), err)
		}
		use, _ := mapper.ReadUse(h.Paths)
		orphan := strings.Contains(tt.want, ", which the host ")
		if got := use.Orphans(devs); (len(got) > 0) != orphan {
			t.Errorf("with %q the orphans are %+v", tt.mountinfo, got)
		}
	}
}

// What lies over what decides: the mount that a path ends on, not one below it.
func TestFindTopMount(t *testing.T) {
	h := hosttest.New(t, root(hosttest.LUN{Kernel: "sdb"}, hosttest.LUN{Kernel: "sdc"})...)
	const base = "4 1 253:0 / / rw - ext4 /dev/mapper/vg-root rw\n"
	tests := []struct {
		mountinfo, what, want string // "" means no LUN
	}{
		{"5 4 8:0 / /a rw - ext4 /dev/sdb rw\n6 5 8:99 / /a rw - ext4 /dev/sdz rw\n", "/a/x", ""},
		{"5 4 8:99 / /a rw - ext4 /dev/sdz rw\n6 5 8:0 / /a rw - ext4 /dev/sdb rw\n", "/a/x", "sdb"},
		{"5 4 0:40 / /a rw - autofs systemd-1 rw\n6 5 8:0 / /a rw - ext4 /dev/sdb rw\n", "/a/x", "sdb"},
		{"5 4 8:0 / /a/b rw - ext4 /dev/sdb rw\n6 4 8:1 / /a rw - ext4 /dev/sdc rw\n", "/a/b/x", "sdc"},
		{"5 4 8:0 / /a/b rw - ext4 /dev/sdb rw\n6 4 8:1 / /a rw - ext4 /dev/sdc rw\n", "/a/b", "sdb"}, // what was mounted there
	}
	for _, tt := range tests {
		h.Write("proc/self/mountinfo", base+tt.mountinfo)
		devs, _ := mapper.Host(h.Paths, h.Counted(), nil)
		if found, err := mapper.Find(devs, tt.what, h.Paths); kernels(found) != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s with %q is %q, %v; want %q", tt.what, tt.mountinfo, kernels(found), err, tt.want)
		}
	}
}

// ownHost is this host, with a LUN mounted on a folder of the test's.
func ownHost(t *testing.T) (dir string, devs []mapper.LUN, p mapper.Paths) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, sub := range []string{"zimbra/store/0", "zimbra/index"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir, []mapper.LUN{
		{Kernel: "sda", Mounts: []mapper.Mount{{Point: "/"}}},
		{Kernel: "sdb", Mounts: []mapper.Mount{{Point: filepath.Join(dir, "zimbra/store")}}},
	}, mapper.Paths{Dev: "/dev"}
}

func TestCheckPath(t *testing.T) {
	dir, devs, p := ownHost(t)
	t.Chdir(filepath.Join(dir, "zimbra/store"))
	tests := []struct{ what, exists, near string }{ // without a folder that exists there is no doubt
		{filepath.Join(dir, "zimbra/store"), "", ""},
		{filepath.Join(dir, "zimbra/store/0"), "", ""},
		{filepath.Join(dir, "zimbra/stroe"), filepath.Join(dir, "zimbra"), filepath.Join(dir, "zimbra/store")},
		{filepath.Join(dir, "zimbra/stroe/0/12"), filepath.Join(dir, "zimbra"), filepath.Join(dir, "zimbra/store")},
		{filepath.Join(dir, "zimbra/store/9"), filepath.Join(dir, "zimbra/store"), ""},
		{".", "", ""},
		{"../..", "", ""},
		{"./0", "", ""},
		{"../indx", filepath.Join(dir, "zimbra"), filepath.Join(dir, "zimbra/index")},
		{"sdb", "", ""},
		{"/dev/nothing", "", ""},
		{"mysql", "", ""},
		{"", "", ""},
	}
	for _, tt := range tests {
		e := mapper.CheckPath(devs, tt.what, p)
		switch {
		case e == nil:
			if tt.exists != "" {
				t.Errorf("%s exists", tt.what)
			}
		case e.Exists != tt.exists || tt.near != "" && !slices.Contains(e.Near, tt.near) || !strings.HasPrefix(e.Error(), "no such path: /"):
			t.Errorf("%s: %v, for %q; want near %q, for %q", tt.what, e, e.Exists, tt.near, tt.exists)
		}
	}
}

// On a captured host a path is in doubt only where it is like a mount point.
func TestCheckPathOfCapture(t *testing.T) {
	h := captured(t, "mail-load/before")
	for what, near := range map[string]string{
		"/opt/zimbra/stroe": "/opt/zimbra/store", "/opt/zimbra/stroe/0/12": "/opt/zimbra/store", "/": "", "/opt/zimbra/store": "", "/opt/zimbra/store/0": "", "/etc/passwd": "", "dm-13": "",
	} {
		e := mapper.CheckPath(h.devs, what, h.paths)
		if (e != nil) != (near != "") || e != nil && (!slices.Equal(e.Near, []string{near}) || e.Exists != "") {
			t.Errorf("%s: %+v, want near %q", what, e, near)
		}
	}
}

func TestFindRelative(t *testing.T) {
	dir, devs, p := ownHost(t)
	t.Chdir(filepath.Join(dir, "zimbra/store/0"))
	if err := os.Mkdir("x", 0o755); err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]string{".": "sdb", "./x": "sdb", "..": "sdb", "../..": "sda", "../../store": "sdb", "x": "sdb"} {
		if found, err := mapper.Find(devs, what, p); err != nil || kernels(found) != want {
			t.Errorf("%s is %q, %v; want %q", what, kernels(found), err, want)
		}
	}
	if found, err := mapper.Find(devs, ".", mapper.Paths{}); err == nil {
		t.Errorf("without a host . is %q", kernels(found))
	}
}

// Of recorded LUNs the path of a mount that isn't there names none.
func TestFindRecorded(t *testing.T) {
	dir, devs, p := ownHost(t)
	store := filepath.Join(dir, "zimbra/store")
	for what, want := range map[string]string{
		store: "sdb", store + "/": "sdb", store + "/0": "sdb", "/": "sda", "sdb": "sdb", "/dev/sdb": "sdb",
		store + "/9": "", filepath.Join(dir, "zimbra/stroe"): "", "/srv/none": "",
	} {
		if found, err := mapper.FindRecorded(devs, what, p); kernels(found) != want || (err == nil) != (want != "") {
			t.Errorf("%s is %q, %v; want %q", what, kernels(found), err, want)
		}
	}
	h := captured(t, "mail-load/before")
	for what, want := range map[string]string{
		"/opt/zimbra/store": "dm-8", "/opt/zimbra/stroe": "", "/opt/zimbra/store/0": "", "dm-13": "dm-13", "mysql": "dm-13", "253:13": "dm-13",
	} {
		if found, err := mapper.FindRecorded(h.devs, what, h.paths); kernels(found) != want || (err == nil) != (want != "") {
			t.Errorf("%s is %q, %v; want %q", what, kernels(found), err, want)
		}
	}
}
