package mapper_test

import (
	"fmt"
	"slices"
	"testing"

	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

func shape(levels []mapper.Level) (s string) {
	for _, l := range levels {
		s += l.LUN.Kernel
		if l.Asked {
			s += "*"
		}
		if len(l.Below) > 0 {
			s += "(" + shape(l.Below) + ")"
		}
		s += " "
	}
	return s
}

// Above the device only the branches to it are shown, below it everything.
func TestChain(t *testing.T) {
	devs := []mapper.LUN{
		{Kernel: "dm-2", Slaves: []string{"dm-1", "sdz"}},
		{Kernel: "dm-1", Slaves: []string{"sda"}, Paths: []mapper.Path{{Kernel: "sda"}, {Kernel: "sdb"}}}, // sdb was thrown out of the map
		{Kernel: "sda"}, {Kernel: "sdb"}, {Kernel: "sdz"},
		{Kernel: "dm-3", Slaves: []string{"dm-1", "gone"}},
	}
	for what, want := range map[string]string{
		"dm-2": "dm-2*(dm-1(sda sdb ) sdz ) ",
		"dm-1": "dm-2(dm-1*(sda sdb ) ) dm-3(dm-1*(sda sdb ) ) ",
		"sdb":  "dm-2(dm-1(sdb* ) ) dm-3(dm-1(sdb* ) ) ",
		"sdz":  "dm-2(sdz* ) ",
	} {
		i := slices.IndexFunc(devs, func(l mapper.LUN) bool { return l.Kernel == what })
		if got := shape(mapper.Chain(devs, i, nil)); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
}

// Facts that were read while the stack changed may make a ring, or a web of rings.
func TestChainOfTornFacts(t *testing.T) {
	var web []mapper.LUN
	for i := range 12 {
		l := mapper.LUN{Kernel: fmt.Sprint("dm-", i)}
		for j := range 12 {
			l.Slaves = append(l.Slaves, fmt.Sprint("dm-", j))
		}
		web = append(web, l)
	}
	if got := shape(mapper.Chain(web[:2], 0, nil)); got != "dm-0*(dm-1 ) " {
		t.Errorf("a ring: %q", got)
	}
	if trees := mapper.Chain(web, 3, nil); len(trees) != 1 || !trees[0].Asked {
		t.Errorf("a web: %d trees", len(trees))
	}
}

func TestExplain(t *testing.T) {
	h := hosttest.New(t, append(hosttest.Mail(), hosttest.LUN{Kernel: "sdm", Mount: "/srv/mail"}, hosttest.LUN{Kernel: "sdn", Mount: "/data/x"})...)
	devices, _ := mapper.Devices(h.Paths, nil)
	use, _ := mapper.ReadUse(h.Paths)
	rules := []mapper.Rule{{Match: "sdn", Role: "backup", Label: "Tapes", Group: "archive", Colour: "#332288", Limits: mapper.Limits{AwaitMS: 1.5, FullPercent: 97}}}
	mapper.Classify(devices, use, rules)
	tests := map[string][]string{
		"dm-13": {"mysql: guessed from the mount point /opt/zimbra/db/data", "MySQL data: the label of the role mysql",
			"zimbra1: its volume group zimbra1_sqldb, cut at the first _, because other volume groups of this mailstore begin the same way"},
		"sdm": {": neither a mount point nor the name tells what it is for", "/srv/mail: its mount point", ": it is not in a volume group",
			"serial:SER-sdm: the disk's serial number; unique on this host only (a serial, which another host may have too)"},
		"sdn": {"backup: luns: in the config", "Tapes: luns: in the config", "archive: luns: in the config",
			"await 1.5 ms, 97 % full: luns: in the config", "#332288: luns: in the config"},
	}
	for what, want := range tests {
		i := slices.IndexFunc(devices, func(l mapper.LUN) bool { return l.Kernel == what })
		var got []string
		for _, r := range mapper.Explain(devices, i, rules) {
			got = append(got, r.Value+": "+r.Why)
		}
		for _, w := range want {
			if !slices.Contains(got, w) {
				t.Errorf("%s: %q lacks %q", what, got, w)
			}
		}
	}
}
