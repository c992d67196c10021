package render

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// node is when a host had a LUN, in minutes since Monday, what its ledger says about it,
// and when it was up: a host that died closes its entry when it is back.
type node struct {
	host     string
	from, to int // of the ledger; to 0: open
	had      [][2]int
	lun      mapper.LUN
}

const joinSize = 10 << 30

func joinLUN(id mapper.ID, reach mapper.Reach, change func(*mapper.LUN)) mapper.LUN {
	l := mapper.LUN{
		Kernel: "dm-0", ID: id, UUID: string(id), DMName: "vg-root", Layer: mapper.LayerLUN, Label: "Root", Role: "system",
		SizeBytes: joinSize, Reach: reach,
	}
	if reach == mapper.ReachHost {
		l.UUID, l.DMName = "", ""
	}
	if change != nil {
		change(&l)
	}
	return l
}

func nodes(list ...node) *memory {
	m := newMemory()
	at := func(minute int) time.Time { return monday.Add(time.Duration(minute) * time.Minute) }
	for _, n := range list {
		e := mapper.Entry{Host: n.host, BootID: "b", Source: series.SourceHost, From: at(n.from), LUN: n.lun}
		if n.to > 0 {
			e.To = at(n.to)
		}
		m.entries = append(m.entries, e)
		k := entryKey(&e)
		for _, had := range n.had {
			for minute := had[0] + 1; minute <= had[1]; minute++ {
				m.intervals[k] = append(m.intervals[k], made{every: time.Minute}.interval(0, 0, at(minute)))
			}
		}
		m.runs = append(m.runs, series.Run{Host: n.host, At: series.Instant{Wall: at(n.from), BootID: "b"}})
	}
	return m
}

// TestJoin says which hosts' LUNs are one.
func TestJoin(t *testing.T) {
	const uuid = "LVM-aaaabbbb"
	moving := joinLUN(uuid, mapper.ReachMoving, nil)
	global := joinLUN(uuid, mapper.ReachGlobal, func(l *mapper.LUN) { l.SAN = []string{"3600a", "3600b"} })
	extended := joinLUN(uuid, mapper.ReachGlobal, func(l *mapper.LUN) { l.SAN = []string{"3600b", "3600c"} })
	arrayClone := joinLUN(uuid, mapper.ReachGlobal, func(l *mapper.LUN) { l.SAN = []string{"3600d"} })
	config := joinLUN("serial:drive-scsi0", mapper.ReachGlobal, nil)
	serial := joinLUN("serial:drive-scsi0", mapper.ReachHost, nil)
	larger := func(l mapper.LUN) mapper.LUN { l.SizeBytes *= 2; return l }
	renamed := func(l mapper.LUN) mapper.LUN { l.DMName = "vg-other"; return l }
	const apart, together = "a | b", "a b"
	for _, tt := range []struct {
		name  string
		nodes []node
		want  string
	}{
		{"clones", []node{{"a", 0, 0, [][2]int{{0, 60}}, moving}, {"b", 0, 0, [][2]int{{0, 60}}, moving}}, apart},
		{"clones for two minutes", []node{{"a", 0, 0, [][2]int{{0, 2}}, moving}, {"b", 0, 0, [][2]int{{0, 2}}, moving}}, apart},
		{"clones, one of them off by now", []node{{"a", 0, 0, [][2]int{{0, 60}}, moving}, {"b", 0, 30, [][2]int{{0, 30}}, moving}}, apart},
		{"a failover", []node{{"a", 0, 30, [][2]int{{0, 30}}, moving}, {"b", 31, 0, [][2]int{{31, 60}}, moving}}, together},
		{"and back", []node{
			{"a", 0, 20, [][2]int{{0, 20}}, moving}, {"b", 21, 40, [][2]int{{21, 40}}, moving}, {"a", 41, 0, [][2]int{{41, 60}}, moving},
		}, together},
		{"the first node died", []node{{"a", 0, 0, [][2]int{{0, 30}}, moving}, {"b", 31, 0, [][2]int{{31, 60}}, moving}}, together},
		{"it came back without the LUN", []node{{"a", 0, 50, [][2]int{{0, 30}}, moving}, {"b", 31, 0, [][2]int{{31, 60}}, moving}}, together},
		{"and with it, the other died", []node{{"a", 0, 0, [][2]int{{0, 20}, {41, 60}}, moving}, {"b", 21, 0, [][2]int{{21, 40}}, moving}}, together},
		{"in turn, another size", []node{{"a", 0, 30, [][2]int{{0, 30}}, moving}, {"b", 31, 0, [][2]int{{31, 60}}, larger(moving)}}, apart},
		{"in turn, another name", []node{{"a", 0, 30, [][2]int{{0, 30}}, moving}, {"b", 31, 0, [][2]int{{31, 60}}, renamed(moving)}}, apart},
		{"grown, then moved", []node{
			{"a", 0, 10, [][2]int{{0, 10}}, moving}, {"a", 10, 30, [][2]int{{10, 30}}, larger(moving)}, {"b", 31, 0, [][2]int{{31, 60}}, larger(moving)},
		}, together},
		{"three, a clone among them", []node{
			{"a", 0, 30, [][2]int{{0, 30}}, moving}, {"b", 31, 0, [][2]int{{31, 60}}, moving}, {"c", 0, 0, [][2]int{{0, 60}}, moving},
		}, "a b | c"},
		{"a serial, in turn", []node{{"a", 0, 30, [][2]int{{0, 30}}, serial}, {"b", 31, 0, [][2]int{{31, 60}}, serial}}, apart},
		{"a serial that one calls shared", []node{{"a", 0, 30, [][2]int{{0, 30}}, serial}, {"b", 31, 0, [][2]int{{31, 60}}, config}}, apart},
		{"shared by the config", []node{{"a", 0, 0, [][2]int{{0, 60}}, config}, {"b", 0, 0, [][2]int{{0, 60}}, config}}, together},
		{"shared on a SAN", []node{{"a", 0, 0, [][2]int{{0, 60}}, global}, {"b", 0, 0, [][2]int{{0, 60}}, global}}, together},
		{"shared, of another size", []node{{"a", 0, 0, [][2]int{{0, 60}}, global}, {"b", 0, 0, [][2]int{{0, 60}}, larger(global)}}, apart},
		{"shared, extended", []node{{"a", 0, 0, [][2]int{{0, 60}}, global}, {"b", 0, 0, [][2]int{{0, 60}}, extended}}, together},
		{"grown, and one sees it later", []node{
			{"a", 0, 30, [][2]int{{0, 30}}, global}, {"a", 30, 0, [][2]int{{30, 60}}, larger(global)},
			{"b", 0, 40, [][2]int{{0, 40}}, global}, {"b", 40, 0, [][2]int{{40, 60}}, larger(global)},
		}, together},
		{"grown while one was dead", []node{{"a", 0, 0, [][2]int{{0, 30}}, global}, {"b", 35, 0, [][2]int{{35, 60}}, larger(global)}}, together},
		{"an array's clone", []node{{"a", 0, 0, [][2]int{{0, 60}}, global}, {"b", 0, 0, [][2]int{{0, 60}}, arrayClone}}, apart},
		{"moved to another array", []node{{"a", 0, 30, [][2]int{{0, 30}}, global}, {"b", 31, 0, [][2]int{{31, 60}}, arrayClone}}, together},
		{"on a SAN, and in a guest that doesn't know", []node{{"a", 0, 0, [][2]int{{0, 60}}, global}, {"b", 0, 0, [][2]int{{0, 60}}, moving}}, apart},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := nodes(tt.nodes...)
			for _, hours := range []int{1, 7 * 24} {
				d, err := gather(context.Background(), m, Options{From: monday, To: monday.Add(time.Duration(hours) * time.Hour)}.withDefaults())
				if err != nil {
					t.Fatal(err)
				}
				if got := hostsOfLUNs(d); got != tt.want {
					t.Errorf("%d h: %q, want %q", hours, got, tt.want)
				}
			}
		})
	}
}

func hostsOfLUNs(d *data) string {
	var all []string
	for _, l := range d.luns {
		var hosts []string
		for _, k := range l.keys {
			hosts = append(hosts, k.Host)
		}
		slices.Sort(hosts)
		all = append(all, strings.Join(slices.Compact(hosts), " "))
	}
	slices.Sort(all)
	return strings.Join(all, " | ")
}

// Clones are recognised even if only one was on in the range of the report.
func TestJoinByTheWholeLedger(t *testing.T) {
	moving := joinLUN("LVM-aaaabbbb", mapper.ReachMoving, nil)
	const week = 7 * 24 * 60
	m := nodes(node{"a", 0, 0, [][2]int{{0, 60}, {week, week + 60}}, moving}, node{"b", 0, 0, [][2]int{{0, 60}}, moving})
	d, err := gather(context.Background(), m, Options{From: monday.AddDate(0, 0, 7), To: monday.AddDate(0, 0, 7).Add(time.Hour)}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	if got := hostsOfLUNs(d); got != "a" {
		t.Errorf("%q, want one host's", got)
	}
}

// A ledger that is older than reaches is judged by what the LUNs were on.
func TestJoinOldLedger(t *testing.T) {
	for _, tt := range []struct{ below, want string }{{"mpath-3600508b400105e21", "a b"}, {"", "a | b"}} {
		lv := joinLUN("LVM-aaaabbbb", "", func(l *mapper.LUN) { l.Kernel, l.Slaves = "dm-1", []string{"dm-0"} })
		below := mapper.LUN{Kernel: "dm-0", ID: mapper.ID(tt.below), UUID: tt.below, DMName: "mpatha", Layer: mapper.LayerMap, Slaves: []string{"sda"}}
		if tt.below == "" {
			below.ID, below.DMName = "name:x", "x"
		}
		var list []node
		for _, host := range []string{"a", "b"} {
			list = append(list, node{host, 0, 0, [][2]int{{0, 60}}, below}, node{host, 0, 0, [][2]int{{0, 60}}, lv})
		}
		d, err := gather(context.Background(), nodes(list...), Options{From: monday, To: monday.Add(time.Hour)}.withDefaults())
		if err != nil {
			t.Fatal(err)
		}
		if got := hostsOfLUNs(d); got != tt.want {
			t.Errorf("on %q: %q, want %q", tt.below, got, tt.want)
		}
	}
}

// A device that got a better identity has one curve, unless its former one turned up
// again.
func TestJoinRenamed(t *testing.T) {
	was := joinLUN("kernel:zd0", mapper.ReachHost, nil)
	is := joinLUN("fsuuid:22", mapper.ReachHost, func(l *mapper.LUN) { l.Was = "kernel:zd0" })
	for _, tt := range []struct {
		name string
		more []node
		want int
	}{
		{"once", nil, 1},
		{"another device of that name", []node{{"a", 50, 0, [][2]int{{50, 60}}, was}}, 2},
	} {
		m := nodes(append([]node{{"a", 0, 30, [][2]int{{0, 30}}, was}, {"a", 30, 0, [][2]int{{30, 60}}, is}}, tt.more...)...)
		d, err := gather(context.Background(), m, Options{From: monday, To: monday.Add(time.Hour)}.withDefaults())
		if err != nil {
			t.Fatal(err)
		}
		if len(d.luns) != tt.want || tt.want == 1 && (d.luns[0].entry.LUN.ID != "fsuuid:22" || len(d.luns[0].gaps) != 0) {
			t.Errorf("%s: %d LUNs, want %d; %v", tt.name, len(d.luns), tt.want, d.luns[0].gaps)
		}
	}
}

// A report of one host uses that host's facts.
func TestFactsOfTheHost(t *testing.T) {
	root := joinLUN("naa.600508b4", mapper.ReachGlobal, nil)
	other := joinLUN("naa.600508b4", mapper.ReachGlobal, func(l *mapper.LUN) { l.Label, l.Role, l.Group, l.Kernel = "MySQL data", "mysql", "zimbra1", "dm-7" })
	m := nodes(node{"a", 0, 0, [][2]int{{0, 60}}, root}, node{"b", 5, 0, [][2]int{{5, 60}}, other})
	for host, want := range map[string]string{"a": "Root system dm-0", "b": "MySQL data mysql dm-7"} {
		d, err := gather(context.Background(), m, Options{From: monday, To: monday.Add(time.Hour), Hosts: []string{host}}.withDefaults())
		if err != nil {
			t.Fatal(err)
		}
		l := &d.luns[0].entry.LUN
		if got := fmt.Sprint(l.Label, " ", l.Role, " ", l.Kernel); len(d.luns) != 1 || got != want {
			t.Errorf("of %s: %q, want %q", host, got, want)
		}
	}
	_, err := gather(context.Background(), m, Options{From: monday, To: monday.Add(time.Hour), Hosts: []string{"a"}, Group: "zimbra1"}.withDefaults())
	if err == nil {
		t.Error("the LUN counts as the group's on a host where it isn't")
	}
}

// If a LUN is known only by its name, the report says so.
func TestMereName(t *testing.T) {
	for id, want := range map[mapper.ID]bool{"kernel:zd0": true, "name:slow": true, "by-id:zvol/tank/vm": false, "LVM-1": false} {
		l := &lun{entry: mapper.Entry{LUN: mapper.LUN{ID: id, Kernel: "zd0"}}}
		if got := strings.Contains(l.described(), "known only by its kernel name"); got != want {
			t.Errorf("%s: %q", id, l.described())
		}
	}
}
