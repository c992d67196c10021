package influx_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/series"
	"lunstat/collector/storetest"
	"lunstat/mapper"
)

// telegrafLines are what a Telegraf writes every ten seconds of a host with three
// LUNs: one by the kernel's name with a label in disk, one by device-mapper's name
// from name_templates, and a bare disk.
func telegrafLines(start time.Time, n int) (string, map[string][]series.Counters) {
	var b strings.Builder
	counters := map[string][]series.Counters{}
	for i := range n {
		at := start.Add(time.Duration(i) * 10 * time.Second).UnixNano()
		for d, name := range []string{"dm-13", "zimbra1_redo-log", "sdb"} {
			c := series.Counters{
				ReadIOs: uint64(1000 + i*40*(d+1)), ReadMerges: uint64(i), ReadSectors: uint64(16 * i * 40), ReadMS: uint32(i * 200),
				WriteIOs: uint64(i * 10), WriteMerges: 3, WriteSectors: uint64(80 * i), WriteMS: uint32(i * 55),
				BusyMS: uint32(i * 700), QueueMS: math.MaxUint32 - 5000 + uint32(i*1000), Inflight: uint32(i % 2),
			}
			if name == "sdb" && i >= n/2 {
				c = series.Counters{ReadIOs: uint64(i), WriteIOs: uint64(i)} // a reboot
			}
			counters[name] = append(counters[name], c)
			fmt.Fprintf(&b, "diskio,host=mail1,name=%s,serial=unknown reads=%di,merged_reads=%di,read_bytes=%di,read_time=%di,writes=%di,merged_writes=%di,write_bytes=%di,write_time=%di,io_time=%di,iops_in_progress=%di",
				name, c.ReadIOs, c.ReadMerges, c.ReadSectors*512, c.ReadMS, c.WriteIOs, c.WriteMerges, c.WriteSectors*512, c.WriteMS, c.BusyMS, c.Inflight)
			if name != "sdb" { // an old Telegraf has no weighted_io_time
				fmt.Fprintf(&b, ",weighted_io_time=%di", c.QueueMS)
			}
			fmt.Fprintf(&b, " %d\n", at)
		}
		for _, fs := range []string{
			`device=dm-13,fstype=ext4,label=zimbra1_sqldb-data,mode=rw,path=/opt/zimbra/db/data`,
			`device=mapper/zimbra1_redo-log,fstype=ext4,mode=rw,path=/opt/zimbra/redolog`,
			`device=sdb,fstype=xfs,mode=ro,path=/mnt/100%25\ it\'s`,
		} {
			fmt.Fprintf(&b, "disk,host=mail1,%s total=%di,free=%di,used=%di,inodes_total=1000i,inodes_free=900i,inodes_used=100i,used_percent=60 %d\n",
				fs, 1<<40, 1<<39, 1<<38+i, at)
		}
	}
	return b.String(), counters
}

func TestTelegraf(t *testing.T) {
	start, n := storetest.Start, 400
	text, counters := telegrafLines(start, n)
	onRecorded(t, func(s *influxtest.Server) {
		s.CreateOther("telegraf")
		s.WriteLine("telegraf", text)
	}, func(t *testing.T, o influx.Options) {
		src, err := influx.NewTelegraf(o, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(src.Close)
		ctx, end := context.Background(), start.Add(time.Duration(n-1)*10*time.Second)

		first, last, ok, err := src.Extent(ctx)
		if err != nil || !ok || !first.Equal(start) || !last.Equal(end) {
			t.Errorf("extent %v to %v, %v, %v", first, last, ok, err)
		}
		luns, err := src.LUNs(ctx, start.Add(-time.Second), end)
		if err != nil || len(luns) != 3 {
			t.Fatalf("LUNs %+v, %v", luns, err)
		}
		for i, want := range []struct{ id, name, role, mount string }{
			{"kernel:dm-13", "zimbra1_sqldb-data", "mysql", "/opt/zimbra/db/data"},
			{"kernel:sdb", "sdb", "", `/mnt/100%25 it\'s`},
			{"name:zimbra1_redo-log", "zimbra1_redo-log", "redo", "/opt/zimbra/redolog"},
		} {
			l := &luns[i].LUN
			if string(l.ID) != want.id || l.Name() != want.name || l.Role != want.role || l.Mounted() != want.mount || l.Layer != mapper.LayerLUN {
				t.Errorf("LUN %d: %+v, want %+v", i, l, want)
			}
		}
		got := map[series.Key][]series.Interval{}
		collect := func(k series.Key, i *series.Interval) error { got[k] = append(got[k], *i); return nil }
		if err := src.Intervals(ctx, series.Query{From: start.Add(-time.Second), To: end}, collect); err != nil {
			t.Fatal(err)
		}
		for name, c := range counters {
			k := series.Key{ID: luns[map[string]int{"dm-13": 0, "sdb": 1, "zimbra1_redo-log": 2}[name]].LUN.ID, Host: "mail1", Source: influx.SourceTelegraf}
			in := got[k]
			if len(in) != n-1 {
				t.Fatalf("%s: %d intervals, want %d", name, len(in), n-1)
			}
			checkCounters(t, name, in, c, n/2)
		}
		fine := got
		for _, w := range []time.Duration{15 * time.Minute, time.Hour} {
			got = map[series.Key][]series.Interval{}
			if err := src.Intervals(ctx, series.Query{From: start.Add(-time.Second), To: end, Width: w}, collect); err != nil {
				t.Fatal(err)
			}
			for k, in := range got {
				var coarse, exact uint64
				for i := range in {
					coarse += in[i].Value(series.WriteMS)
				}
				for i := range fine[k] {
					exact += fine[k][i].Value(series.WriteMS)
				}
				if k.ID != "kernel:sdb" && (coarse != exact || len(in) == 0) {
					t.Errorf("%v of %s: %d ms in %d bins, want %d", w, k.ID, coarse, len(in), exact)
				}
			}
		}
		// A year: by quarters of an hour, whatever is in it.
		got = map[series.Key][]series.Interval{}
		if err := src.Intervals(ctx, series.Query{From: start.AddDate(-1, 0, 0), To: end, Width: time.Hour}, collect); err != nil || len(got) != 3 {
			t.Errorf("a year: %d series, %v", len(got), err)
		}
		spaces := 0
		err = src.Spaces(ctx, series.Query{From: start.Add(-time.Second), To: end, Width: 15 * time.Minute}, func(k series.Key, sp *series.Space) error {
			spaces++
			if sp.SizeBytes != 1<<40 || sp.AvailBytes != 1<<39 || sp.FreeBytes != sp.SizeBytes-sp.UsedBytes || sp.Inodes != 1000 || sp.InodesUsed != 100 {
				t.Errorf("space %+v", sp)
			}
			return nil
		})
		if err != nil || spaces != 3*5 {
			t.Errorf("%d spaces, want 3 of 5 bins: %v", spaces, err)
		}
	})
}

// TestTelegrafMoved: two LUNs that swapped the kernel's names bear neither's name,
// and a filesystem's space is whole.
func TestTelegrafMoved(t *testing.T) {
	s := influxtest.Start(t, influxtest.V1)
	s.CreateOther("telegraf")
	start := base()
	var b strings.Builder
	for i := range 20 {
		at, a, other := start.Add(time.Duration(i)*time.Minute).UnixNano(), "dm-0", "dm-1"
		if i >= 8 {
			a, other = other, a
		}
		fmt.Fprintf(&b, "diskio,host=mail1,name=%s reads=%di %d\ndiskio,host=mail1,name=%s reads=%di %d\ndiskio,host=mail1,name=dm-2 reads=1i %d\n", a, i%8*100, at, other, i%8, at, at)
		fmt.Fprintf(&b, "disk,host=mail1,device=%s,label=vg-a,path=/srv/a total=100i,free=50i,used=50i %d\ndisk,host=mail1,device=dm-2,label=vg-c,path=/srv/c total=100i,free=50i,used=50i %d\n", a, at, at)
	}
	s.WriteLine("telegraf", b.String())
	src, err := influx.NewTelegraf(influx.Options{URL: s.URL, Token: s.Admin}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(src.Close)
	from, to := start.Add(-time.Second), start.Add(time.Hour)
	luns, err := src.LUNs(t.Context(), from, to)
	if err != nil || len(luns) != 3 || luns[0].LUN.Name() != "dm-0" || luns[1].LUN.Name() != "dm-1" || luns[2].LUN.Name() != "vg-c" {
		t.Fatalf("%+v, %v", luns, err)
	}
	spaces := map[mapper.ID]int{}
	err = src.Spaces(t.Context(), series.Query{From: from, To: to}, func(k series.Key, _ *series.Space) error { spaces[k.ID]++; return nil })
	if err != nil || len(spaces) != 2 || spaces["kernel:dm-1"] != 20 || spaces["kernel:dm-2"] != 20 {
		t.Errorf("%v, %v", spaces, err)
	}
}

// checkCounters compares intervals with the counters that they were made from.
func checkCounters(t *testing.T, name string, in []series.Interval, c []series.Counters, reboot int) {
	t.Helper()
	for i := range in {
		was, is := &c[i], &c[i+1]
		if name == "sdb" {
			if v, ok := in[i].Get(series.QueueMS); ok {
				t.Fatalf("%s: queue ms %d, which no field gave", name, v)
			}
			if reset := in[i].Quality.Has(series.Reset); reset != (i+1 == reboot) {
				t.Fatalf("%s: interval %d of %d: reset %v", name, i, len(in), reset)
			}
			if i+1 == reboot {
				continue
			}
		}
		if in[i].ElapsedMS != 10_000 || in[i].Value(series.ReadIOs) != is.ReadIOs-was.ReadIOs || in[i].Value(series.ReadBytes) != (is.ReadSectors-was.ReadSectors)*512 ||
			in[i].Value(series.WriteMS) != uint64(is.WriteMS-was.WriteMS) || name != "sdb" && in[i].Value(series.QueueMS) != uint64(is.QueueMS-was.QueueMS) {
			t.Fatalf("%s: interval %d: %+v from %+v to %+v", name, i, in[i], was, is)
		}
		for _, f := range []series.Field{series.DiscardIOs, series.FlushIOs, series.SlowMS, series.IOs} {
			if in[i].Has(f) {
				t.Fatalf("%s: %s is there", name, f)
			}
		}
	}
}
