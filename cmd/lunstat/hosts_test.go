package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/mapper/hosttest"
)

// twoHosts runs two hosts into one journal: minute by minute, in the order given,
// as "a" and "b".
type twoHosts struct {
	*captured
	host   map[string]*hosttest.Host
	minute int
}

func newTwoHosts(t *testing.T, luns func(host string) []hosttest.LUN) *twoHosts {
	h := &twoHosts{captured: newCaptured(t), host: map[string]*hosttest.Host{}}
	h.vars["LUNSTAT_LAYERS"], h.vars["LUNSTAT_REPORT_WIDTH"] = "maps", "640"
	for _, name := range []string{"a", "b"} {
		h.host[name] = hosttest.New(t, luns(name)...)
	}
	return h
}

// pass lets a minute pass on the hosts, with reads of a LUN on each that has it.
func (h *twoHosts) pass(lun string, reads map[string]uint64, args ...string) {
	h.t.Helper()
	h.minute++
	for _, name := range slices.Sorted(maps.Keys(h.host)) {
		host := h.host[name]
		host.Pass(time.Minute)
		n, up := reads[name]
		if !up {
			continue
		}
		if n > 0 {
			host.Do(lun, hosttest.IO{Reads: n})
		}
		h.on(host.Paths)
		h.vars["LUNSTAT_HOST"] = name
		h.run(append(args, "collect", "--reading-time", time.Date(2026, 11, 16, 11, h.minute, 0, 0, time.UTC).Format(time.RFC3339))...)
	}
}

// report gives a line for each LUN of a name: hosts, IOPS, label, size in GiB.
func (h *twoHosts) report(lun string, args ...string) (lines []string, stderr string) {
	h.t.Helper()
	status, stdout, stderr := h.try(append([]string{"report", "--json", "--from", "2026-11-16T11:00:00Z", "--to", "2026-11-16T12:00:00Z"}, args...)...)
	if status != 0 {
		h.t.Fatalf("exit status %d\n%s", status, stderr)
	}
	var r struct {
		LUNs []struct {
			LUN, Label string
			Hosts      []string
			Size       uint64 `json:"size_bytes"`
			Metrics    map[string]struct{ Mean float64 }
		}
	}
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		h.t.Fatal(err)
	}
	for _, l := range r.LUNs {
		if l.LUN == lun {
			lines = append(lines, fmt.Sprintf("%s %g %s %d", strings.Join(l.Hosts, "+"), l.Metrics["iops"].Mean, l.Label, l.Size>>30))
		}
	}
	slices.Sort(lines)
	return lines, stderr
}

// Guests of one template have one LVM uuid and one serial: each has a LUN of its own,
// with its own name and size.
func TestClonedGuests(t *testing.T) {
	h := newTwoHosts(t, func(host string) []hosttest.LUN {
		root := hosttest.LUN{Name: "vg-root", On: []string{"sda"}, Mount: "/", SizeMB: 10 << 10}
		if host == "b" {
			root.Mount, root.SizeMB = "/opt/zimbra/db/data", 200<<10
		}
		return []hosttest.LUN{root, {Kernel: "sda", Serial: "drive-scsi0"}}
	})
	for range 5 {
		h.pass("vg-root", map[string]uint64{"a": 600, "b": 1200})
	}
	want := []string{"a 10 Root 10", "b 20 MySQL data 200"}
	if got, said := h.report("vg-root"); !slices.Equal(got, want) || strings.Contains(said, "at the same time") {
		t.Errorf("%q, want %q\n%s", got, want, said)
	}
	for i, host := range []string{"a", "b"} {
		if got, _ := h.report("vg-root", "--host", host); !slices.Equal(got, want[i:i+1]) {
			t.Errorf("of %s: %q", host, got)
		}
	}
	if got, _ := h.report("vg-root", "--lun", "MySQL data"); !slices.Equal(got, want[1:]) {
		t.Errorf("of what is called MySQL data: %q", got)
	}
}

// A LUN that a cluster moves makes one curve, whether the node gave it up or died;
// one that is truly shared has the I/O of both.
func TestClusters(t *testing.T) {
	t.Parallel()
	const wwid = "3600508b400105e210000900000490000"
	guest := func(string) []hosttest.LUN {
		return []hosttest.LUN{{Name: "vg-mail", On: []string{"xvdb"}, Mount: "/srv/mail"}}
	}
	san := func(string) []hosttest.LUN {
		return []hosttest.LUN{{Name: "vg-mail", On: []string{"mpatha"}, Mount: "/srv/mail"}, {Name: "mpatha", WWID: wwid, On: []string{"sda", "sdb"}}}
	}
	for _, tt := range []struct {
		name  string
		luns  func(string) []hosttest.LUN
		moves func(h *twoHosts)
		want  []string
	}{
		{"moved", guest, func(h *twoHosts) { h.host["a"].Remove("vg-mail"); h.host["b"].Return("vg-mail") }, []string{"a+b 10 /srv/mail 1"}},
		{"moved on a SAN", san, func(h *twoHosts) { h.host["a"].Remove("vg-mail"); h.host["b"].Return("vg-mail") }, []string{"a+b 10 /srv/mail 1"}},
		{"died", guest, func(h *twoHosts) { delete(h.host, "a"); h.host["b"].Return("vg-mail") }, []string{"a+b 10 /srv/mail 1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newTwoHosts(t, tt.luns)
			h.host["b"].Remove("vg-mail")
			h.pass("vg-mail", map[string]uint64{"a": 600, "b": 0})
			for range 4 {
				h.pass("vg-mail", map[string]uint64{"a": 600, "b": 0})
			}
			tt.moves(h)
			for range 5 {
				h.pass("vg-mail", map[string]uint64{"a": 0, "b": 600})
			}
			if got, said := h.report("vg-mail"); !slices.Equal(got, tt.want) || strings.Contains(said, "at the same time") {
				t.Errorf("%q, want %q\n%s", got, tt.want, said)
			}
		})
	}
	t.Run("shared", func(t *testing.T) {
		h := newTwoHosts(t, san)
		for range 5 {
			h.pass("vg-mail", map[string]uint64{"a": 600, "b": 1200})
		}
		if got, said := h.report("vg-mail"); !slices.Equal(got, []string{"a+b 30 /srv/mail 1"}) || !strings.Contains(said, "at the same time") {
			t.Errorf("%q\n%s", got, said)
		}
	})
	t.Run("shared by the config", func(t *testing.T) {
		h := newTwoHosts(t, func(string) []hosttest.LUN { return []hosttest.LUN{{Kernel: "sdb", Serial: "TWIN", Mount: "/srv/gfs"}} })
		config := withConfig(t, "luns: [{match: /srv/gfs, shared: true}]")
		for range 5 {
			h.pass("sdb", map[string]uint64{"a": 600, "b": 1200}, config)
		}
		if got, _ := h.report("sdb"); !slices.Equal(got, []string{"a+b 30 /srv/gfs 1"}) {
			t.Errorf("%q", got)
		}
	})
}

// Devices that change their names at a boot are known by what they are; what has
// nothing but its name is said to.
func TestNamesSwapAtABoot(t *testing.T) {
	row := func(kernel string) hosttest.LUN { return hosttest.LUN{Kernel: kernel, Serial: " "} }
	h := hosttest.New(t, row("zd0"), row("zd16"), row("nbd0"))
	c := newCaptured(t)
	c.on(h.Paths)
	layout := func(mail, video string) {
		for kernel, point := range map[string]string{mail: "/srv/mail", video: "/srv/video", "nbd0": "/srv/nbd"} {
			h.Mount(kernel, point)
		}
		number := map[string]string{"zd0": "8:0", "zd16": "8:1"}
		h.Write("run/udev/data/b"+number[mail], "S:zvol/tank/mail\n")
		h.Write("run/udev/data/b"+number[video], "S:zvol/tank/video\n")
	}
	layout("zd0", "zd16")
	mail := "zd0"
	for n := range 10 {
		if n == 5 {
			h.Reboot(30 * time.Second)
			layout("zd16", "zd0")
			mail = "zd16"
		}
		h.Pass(time.Minute)
		h.Do(mail, hosttest.IO{Reads: 600})
		c.run("collect", "--reading-time", oclock(n))
	}
	out := c.run("export", "--from", "2026-11-16T11:00:00Z", "--to", "2026-11-16T12:30:00Z", "--format", "json")
	reads := map[string]float64{}
	for line := range strings.Lines(out) {
		var x exported
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatal(err)
		}
		n, _ := x.number("read_ios")
		reads[x["uuid"].(string)] += n
	}
	if reads["by-id:zvol/tank/mail"] != 5400 || reads["by-id:zvol/tank/video"] != 0 {
		t.Errorf("reads by identity: %v", reads)
	}
	if out := c.run("lookup", "/srv/nbd"); !strings.Contains(out, "kernel:nbd0, only a name") {
		t.Errorf("lookup says of a device that has nothing but its name:\n%s", out)
	}
	if out := c.run("lookup", "--json", "/srv/mail"); !strings.Contains(out, `"reach":"host","reach_from":"a name by udev`) {
		t.Errorf("lookup --json: %s", out)
	}
}
