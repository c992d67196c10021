package dmstats_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/collector/dmstats"
	"lunstat/collector/series"
	"lunstat/mapper"
)

const options = " precise_timestamps histogram:50000,100000,200000,500000,1000000,2000000,5000000,10000000,20000000,50000000," +
	"100000000,200000000,500000000,1000000000,2000000000,5000000000,10000000000"

var sqldb = mapper.LUN{Kernel: "dm-13", Dev: mapper.DevNo{Major: 253, Minor: 13}, SizeBytes: 1048576 * 512}

// host is a kernel with one device, and a keeper whose clock goes a second at each look.
func host() (*kernel, *device, dmstats.Keeper) {
	d := &device{sectors: 1048576}
	k := &kernel{devices: map[mapper.DevNo]*device{sqldb.Dev: d}, refuse: map[string]error{}}
	clock := 100 * time.Second
	return k, d, dmstats.Keeper{Messenger: k, Mono: func() (time.Duration, error) {
		clock += time.Second
		return clock, nil
	}}
}

// look reads once, and fails the test on an error.
func look(t *testing.T, k dmstats.Keeper, last *series.LatencyReading) *series.LatencyReading {
	t.Helper()
	r, err := k.Latency(&sqldb, last, true)
	if err != nil || r == nil {
		t.Fatalf("%+v, %v", r, err)
	}
	return r
}

func first(text string) string { word, _, _ := strings.Cut(text, " "); return word }

// verbs are the messages since the last look.
func (k *kernel) verbs() (verbs []string) {
	for _, s := range k.sent {
		verbs = append(verbs, first(s))
	}
	k.sent = nil
	return verbs
}

func TestOneMessageAMinute(t *testing.T) {
	kernel, d, keeper := host()
	r := look(t, keeper, nil)
	want := []string{"@stats_list", "@stats_create", "@stats_list", "@stats_print"}
	if got := kernel.verbs(); !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
	if r.Made != 101e9 || r.Version != series.BoundsVersion || r.Short || r.Counts != [series.NumBuckets]uint64{} {
		t.Errorf("%+v", r)
	}
	d.read(7, 15*time.Millisecond)
	d.read(1, 12*time.Second)
	r = look(t, keeper, r)
	if got := kernel.verbs(); !slices.Equal(got, []string{"@stats_print"}) {
		t.Errorf("sent %q", got)
	}
	if r.Counts[8] != 7 || r.Counts[17] != 1 || r.ReadNS != uint64(7*15*time.Millisecond+12*time.Second) || r.Made != 101e9 {
		t.Errorf("%+v", r)
	}
	// Another journal's collector, or one whose last run is lost, finds the same region.
	if found := look(t, keeper, nil); *found != *r {
		t.Errorf("%+v, want %+v", found, r)
	}
	if got := kernel.verbs(); !slices.Equal(got, []string{"@stats_list", "@stats_print"}) {
		t.Errorf("sent %q", got)
	}
}

func TestMadeAgain(t *testing.T) {
	for name, change := range map[string]func(*device){
		"another made it again": func(d *device) { d.regions[0].aux, d.regions[0].counts = "55000000000", [series.NumBuckets]uint64{} },
		"removed":               func(d *device) { d.regions = nil },
		"the device grew":       func(d *device) { d.sectors *= 2 },
		"other bounds":          func(d *device) { d.regions[0].options = " precise_timestamps histogram:5,10" },
		"in ms":                 func(d *device) { d.regions[0].options = strings.Fields(options)[1] },
		"another program's": func(d *device) {
			d.regions = nil
			d.add(&made{length: 1048576, program: "dmstats", aux: "-", options: options})
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, d, keeper := host()
			r := look(t, keeper, nil)
			d.read(5, time.Millisecond)
			r = look(t, keeper, r)
			change(d)
			lun := sqldb
			lun.SizeBytes = d.sectors * 512
			last := r
			if name == "other bounds" || name == "in ms" {
				last = nil // of an older version of lunstat
			}
			r, err := keeper.Latency(&lun, last, true)
			if err != nil {
				t.Fatal(err)
			}
			own := 0
			for _, m := range d.regions {
				if m.program == "lunstat" {
					own++
					if m.options != options || m.length != d.sectors {
						t.Errorf("%+v", m)
					}
				}
			}
			if own != 1 || r.Made == 101e9 || r.Short || r.Counts != [series.NumBuckets]uint64{} {
				t.Errorf("%d regions, %+v", own, r)
			}
		})
	}
}

// While I/O hangs, no region is made; one that is too short is read, and says so.
func TestMayNotMake(t *testing.T) {
	kernel, d, keeper := host()
	if r, err := keeper.Latency(&sqldb, nil, false); r != nil || err != nil {
		t.Errorf("%+v, %v", r, err)
	}
	r := look(t, keeper, nil)
	d.read(5, time.Millisecond)
	d.sectors *= 2
	lun := sqldb
	lun.SizeBytes *= 2
	kernel.sent = nil
	short, err := keeper.Latency(&lun, r, false)
	if err != nil || !short.Short || short.Counts[5] != 5 || short.Made != r.Made {
		t.Errorf("%+v, %v", short, err)
	}
	if got := kernel.verbs(); slices.Contains(got, "@stats_create") || slices.Contains(got, "@stats_delete") {
		t.Errorf("sent %q", got)
	}
	// Nor does it remove a region that is not the one to read.
	d.add(&made{length: d.sectors, program: "lunstat", aux: "100500000000", options: options})
	d.add(&made{length: d.sectors, program: "lunstat", aux: "100600000000", options: " histogram:5,10"})
	if whole, err := keeper.Latency(&lun, nil, false); err != nil || whole.Made != 100.5e9 || len(d.regions) != 3 {
		t.Errorf("%+v, %v, and %d regions", whole, err, len(d.regions))
	}
	if _, err := keeper.Latency(&lun, nil, true); err != nil || len(d.regions) != 1 {
		t.Errorf("%v, and %d regions", err, len(d.regions))
	}
}

// Two collectors that make a region at the same time end with one, the same for both.
func TestTwoCollectors(t *testing.T) {
	kernel, d, keeper := host()
	kernel.before = func(text string) {
		if first(text) == "@stats_create" {
			kernel.before = nil
			d.add(&made{length: d.sectors, program: "lunstat", aux: "100500000000", options: options})
			d.add(&made{length: d.sectors, program: "dmstats", aux: "-", options: options})
		}
	}
	r := look(t, keeper, nil)
	if len(d.regions) != 2 || r.Made != 100.5e9 || r.Region != 0 {
		t.Errorf("%d regions, %+v", len(d.regions), r)
	}
	if other := look(t, keeper, nil); *other != *r {
		t.Errorf("%+v, want %+v", other, r)
	}
}

// Somebody cleared the counters: the region is the same, and Close sees that they fell.
func TestCleared(t *testing.T) {
	_, d, keeper := host()
	r := look(t, keeper, nil)
	d.read(5, time.Millisecond)
	r = look(t, keeper, r)
	d.regions[0].counts = [series.NumBuckets]uint64{}
	d.read(1, time.Millisecond)
	if again := look(t, keeper, r); again.Made != r.Made || again.Counts[5] != 1 {
		t.Errorf("%+v", again)
	}
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		verb string
		err  error
		want error // nil: there is nothing, and no error
		text string
	}{
		"no right":       {"@stats_list", unix.EACCES, unix.EACCES, ""},
		"an old kernel":  {"@stats_list", unix.EINVAL, unix.EINVAL, "keeps no latency histograms"},
		"no memory":      {"@stats_create", unix.ENOMEM, unix.ENOMEM, "making a region"},
		"it went away":   {"@stats_create", unix.ENXIO, nil, ""},
		"it went later":  {"@stats_print", unix.ENXIO, nil, ""},
		"hardware fails": {"@stats_print", unix.EIO, unix.EIO, ""},
	} {
		t.Run(name, func(t *testing.T) {
			kernel, _, keeper := host()
			kernel.refuse[c.verb] = c.err
			for _, last := range []*series.LatencyReading{nil, {Version: series.BoundsVersion, Made: 5}} {
				r, err := keeper.Latency(&sqldb, last, true)
				if r != nil || !errors.Is(err, c.want) || c.want != nil && !strings.Contains(err.Error(), c.text) {
					t.Errorf("%+v, %v", r, err)
				}
			}
		})
	}
}

func TestRemove(t *testing.T) {
	_, d, keeper := host()
	look(t, keeper, nil)
	d.add(&made{length: 8, program: "lunstat", aux: "-"})
	d.add(&made{length: d.sectors, program: "dmstats", aux: "-"})
	n, err := keeper.Remove(sqldb.Dev)
	if n != 2 || err != nil || len(d.regions) != 1 || d.regions[0].program != "dmstats" {
		t.Errorf("%d, %v, %d left", n, err, len(d.regions))
	}
	if n, err := keeper.Remove(mapper.DevNo{Major: 253, Minor: 99}); n != 0 || err != nil {
		t.Errorf("a device that is gone: %d, %v", n, err)
	}
}

// Without the device node, the error names it.
func TestNoControl(t *testing.T) {
	_, err := dmstats.Open(t.TempDir()).Message(sqldb.Dev, "@stats_list lunstat")
	if err == nil || !strings.Contains(err.Error(), "mapper/control") {
		t.Errorf("%v", err)
	}
}
