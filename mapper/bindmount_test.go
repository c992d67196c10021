package mapper

import "testing"

// A LUN is called after a directory that is mounted, never after a single file.
func TestNamedByMount(t *testing.T) {
	part := func(root, point string) Mount { return Mount{Point: point, Root: root, FSType: "ext4"} }
	for _, tt := range []struct {
		name   string
		mounts []Mount
		want   string // Mounted, and the label
	}{
		{"docker's three files", []Mount{part("/var/lib/docker/containers/ab12/resolv.conf", "/etc/resolv.conf"),
			part("/var/lib/docker/containers/ab12/hostname", "/etc/hostname"), part("/var/lib/docker/containers/ab12/hosts", "/etc/hosts")}, ""},
		{"kubelet's", []Mount{part("/var/lib/kubelet/pods/7/etc-hosts", "/etc/hosts"), part("/var/lib/kubelet/pods/7/containers/a/1f", "/dev/termination-log")}, ""},
		{"one file somewhere", []Mount{part("/srv/app/config.yaml", "/app/config.yaml")}, ""},
		{"a folder of settings", []Mount{part("/srv/nginx/conf.d", "/etc/nginx/conf.d")}, ""},
		{"a file and a folder", []Mount{part("/x/hosts", "/etc/hosts"), part("/volumes/data/_data", "/var/lib/mysql")}, "/var/lib/mysql"},
		{"a subvolume", []Mount{part("/@home", "/home")}, "/home"},
		{"a folder with a dot", []Mount{part("/mail.example.com", "/srv/mail.example.com")}, "/srv/mail.example.com"},
		{"a folder hosts", []Mount{part("/srv/hosts.d", "/srv/hosts")}, "/srv/hosts"},
		{"a whole filesystem", []Mount{part("/", "/etc/pki")}, "/etc/pki"},
		{"a whole one, before 2.6.26", []Mount{part("", "/etc/pki")}, "/etc/pki"},
		{"hidden", []Mount{{Point: "/a", Root: "/", Hidden: true}, part("/", "/b")}, "/b"},
	} {
		devs := []LUN{{Kernel: "dm-0", Dev: DevNo{253, 0}, DMName: "cl-srv0", ID: "LVM-1", UUID: "LVM-1"}}
		var use Use
		for _, m := range tt.mounts {
			use.Mounts = append(use.Mounts, MountedDev{Mount: m, Dev: devs[0].Dev})
		}
		Classify(devs, use, nil)
		l := &devs[0]
		if l.Mounted() != tt.want || l.Label != tt.want && l.RoleFrom == "" || l.Layer != LayerLUN {
			t.Errorf("%s: mounted on %q, called %q, %s; want %q", tt.name, l.Mounted(), l.Title(), l.Layer, tt.want)
		}
		if l.Reached() == "" {
			t.Errorf("%s: its filesystem can't be asked", tt.name)
		}
	}
}
