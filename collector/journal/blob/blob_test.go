package blob

import (
	"bytes"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
	"lunstat/mapper"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestColumn(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	random := func(n int, bits uint) []uint64 {
		col := make([]uint64, n)
		for i := range col {
			col[i] = r.Uint64() >> (64 - bits)
		}
		return col
	}
	for _, test := range []struct {
		name string
		col  []uint64
		most int // bytes
	}{
		{"none", nil, 1},
		{"zeros", make([]uint64, 100), 1},
		{"same", []uint64{4096, 4096, 4096}, 2},
		{"bytes", []uint64{4096, 8192, 4096 * 100}, 4},
		{"one of many", append(make([]uint64, 127), 5), 1 + 16 + 1},
		{"top bit", []uint64{1 << 63, 0, 1 << 63}, 1 + 1 + 2},
		{"largest", []uint64{math.MaxUint64, math.MaxUint64 - 1, 0}, 2 + 24},
		{"floats", random(100, 32), 2 + 400},
		{"three bytes", random(100, 24), 2 + 300},
		{"small", random(100, 7), 101},
		{"any", random(100, 64), 2 + 800},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := appendColumn(nil, test.col)
			if len(b) > test.most {
				t.Errorf("%d bytes, want %d at most", len(b), test.most)
			}
			got := make([]uint64, len(test.col))
			c := cursor{b: b}
			c.column(got)
			if err := c.end(); err != nil || !slices.Equal(got, test.col) {
				t.Errorf("got %v, %v; want %v", got, err, test.col)
			}
			for n := range b {
				c := cursor{b: b[:n]}
				c.column(got)
				if c.end() == nil {
					t.Errorf("cut to %d of %d bytes, and nobody noticed", n, len(b))
				}
			}
		})
	}
}

// sampleBlock has every shape of an interval in it.
func sampleBlock() (ids []int64, in []series.Interval) {
	for n := range 9 {
		i := storetest.Interval(storetest.Key("mail1", n), storetest.Start.Add(-time.Duration(n%2)*time.Second), n*7).Interval
		i.Quality = series.Quality(n % 3)
		switch n {
		case 3:
			i.Sums, i.InflightKnown, i.Inflight = series.Sums{}, false, 0
		case 4:
			i.Peak = series.Maxima{WindowMS: 1000, IOPS: 812.5, IOPSAt: i.End.Unix() - 17, BytesPerS: 1e7, UtilPercent: 64, Queue: 1.5, ReadAwait: 9, WriteAwait: 31}
		case 5:
			i.Mean = series.Maxima{WindowMS: 60_000, IOPS: 100}
			i.SpanMS += 120_000
		case 6:
			i.Set(series.QueueMS, math.MaxUint64)
		}
		ids, in = append(ids, 128+int64(n*n)), append(in, i)
	}
	ids[8] = ids[7] // a long interval next to its bin
	return ids, in
}

// sampleLatencies is the same block with histograms: one that has all of the I/Os, one
// that has more, one of other bounds, one of nothing, and the largest that can be stored.
func sampleLatencies() (ids []int64, in []series.Interval) {
	ids, in = sampleBlock()
	in[0].Latency = &series.Histogram{Version: series.BoundsVersion}
	in[1].Latency = &series.Histogram{Version: series.BoundsVersion}
	in[1].Latency.Counts = [series.NumBuckets]uint64{2: 14, 3: counted(&in[1]) - 559, 4: 457, 5: 63, 6: 21, 7: 4}
	in[2].Latency = &series.Histogram{Version: series.BoundsVersion}
	in[2].Latency.Counts = [series.NumBuckets]uint64{0: 70_003, 1: 20_017, 2: 1, 14: 2}
	in[4].Latency = &series.Histogram{Version: 255}
	in[4].Latency.Counts = [series.NumBuckets]uint64{0: 1, 5: 1, 6: 1, 17: 1}
	in[5].Latency = &series.Histogram{Version: series.BoundsVersion}
	in[6].Latency = &series.Histogram{Version: 0}
	in[6].Latency.Counts[9] = series.MostCounted
	in[7].Latency = &series.Histogram{Version: series.BoundsVersion}
	in[7].Latency.Counts = [series.NumBuckets]uint64{1, 1 << 61, 3, 1 << 60, 0, 5, 7, 1 << 59, 0, 0, 1, 0, 0, 0, 0, 0, 2, 1}
	return ids, in
}

func sampleHostState() HostState {
	l := HostState{LastRun: LastRun{Run: 70000, Boot: 3, End: storetest.Start.Unix()}, UeventSeq: 4711, BootID: "b", SpaceAt: storetest.Start}
	l.Last = storetest.Lasts()
	for n := range l.Last {
		l.IDs = append(l.IDs, int64(5-n))
	}
	return l
}

// withMore is a state that has all that not every host has.
func withMore() HostState {
	l := sampleHostState()
	some := uint64(964150428)
	l.Last[0].Latency = &series.LatencyReading{Version: series.BoundsVersion, Region: 3, Made: 1 << 62, Short: true, ReadNS: math.MaxUint64, WriteNS: 4200444258}
	l.Last[0].Latency.Counts = [series.NumBuckets]uint64{1: 236, 2: 1011, 17: math.MaxUint64}
	l.Last[2].Latency = &series.LatencyReading{}
	l.Pressure = series.PressureReading{At: l.Last[0].At, SomeUS: &some}
	return l
}

// storedSpaces are one of each kind: the same host as before, another, a name that is not
// UTF-8, an unknown time.
func storedSpaces() []series.KeySpace {
	space := series.Space{At: storetest.Start, SizeBytes: 1 << 40, UsedBytes: 4096, FreeBytes: 1<<40 - 4096, AvailBytes: 1 << 39, Inodes: 100, InodesUsed: 7}
	return []series.KeySpace{
		{Key: storetest.Key("mail1", 0), Mount: "/a", Space: space},
		{Key: storetest.Key("mail1", 1), Mount: "/b\xff c", Space: space},
		{Key: storetest.Key("mail2", 0), Mount: "", Space: series.Space{SizeBytes: math.MaxUint64}},
	}
}

// TestGolden: journals are read for years; the bytes must not drift unnoticed.
func TestGolden(t *testing.T) {
	ids, in := sampleBlock()
	timedIDs, timed := sampleLatencies()
	left, more := sampleHostState(), withMore()
	keys := []series.Key{storetest.Key("mail1", 0), {ID: "kernel:sda", Host: "mail1", Source: "array"}}
	var e Encoder
	space := series.Space{At: storetest.Start, SizeBytes: 1 << 40, UsedBytes: 4096, FreeBytes: 1<<40 - 4096, AvailBytes: 1 << 39, Inodes: 100, InodesUsed: 7}
	for name, b := range map[string][]byte{
		"block":   e.Block(nil, ids, in, storetest.Start.Unix()),
		"latency": e.Block(nil, timedIDs, timed, storetest.Start.Unix()),
		"state":   AppendHostState(nil, &left),
		"more":    AppendHostState(nil, &more),
		"mapping": AppendMapping(nil, storetest.Mapping()),
		"keys":    AppendKeys(nil, map[series.Key]int64{keys[0]: 1, keys[1]: 300}, keys),
		"spaces":  AppendLastStored(nil, storedSpaces()),
		"space":   e.Spaces([]NumberedSpace{{3, Filesystem{SizeBytes: 1 << 40}, &space}}, storetest.Start.Unix()),
	} {
		path := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(path, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b, want) {
			t.Errorf("%s: the format has changed:\n got %x\nwant %x\nraise its version, and read the old one still", name, b, want)
		}
	}
}

func TestRoundTrips(t *testing.T) {
	ids, in := sampleBlock()
	var e Encoder
	var d Decoder
	for n := 0; n <= len(in); n++ {
		gotIDs, got, err := d.block(e.Block(nil, ids[:n], in[:n], 17), 17)
		if err != nil || !slices.Equal(gotIDs, ids[:n]) || !slices.Equal(got, in[:n]) {
			t.Fatalf("block of %d: %v, %v\n got %+v\nwant %+v", n, gotIDs, err, got, in[:n])
		}
	}
	ids, in = sampleLatencies()
	for n := 1; n <= len(in); n++ {
		b := e.Block(nil, ids[:n], in[:n], 17)
		gotIDs, got, err := d.block(b, 17)
		if err != nil || !slices.Equal(gotIDs, ids[:n]) || !slices.EqualFunc(got, in[:n], storetest.Same) {
			t.Fatalf("block of %d with histograms: %v, %v\n got %+v\nwant %+v", n, gotIDs, err, got, in[:n])
		}
		for cut := range b {
			if _, _, err := d.block(b[:cut], 17); err == nil {
				t.Errorf("%d of %d bytes of a block with histograms are taken for a whole", cut, len(b))
			}
		}
	}
	left := sampleHostState()
	if got, err := DecodeHostState(AppendHostState(nil, &left)); err != nil || !reflect.DeepEqual(got, left) {
		t.Errorf("state: %v\n got %+v\nwant %+v", err, got, left)
	}
	read := left.Last[1].Counters
	read.ReadIOs--
	read.FlushMS, read.QueueMS, read.WriteSectors = math.MaxUint32, 0, 0 // any distance is told
	left.Last[1].Read, left.Last[3].Read = &read, &series.Counters{Given: left.Last[3].Given, Inflight: left.Last[3].Inflight}
	more := withMore()
	stepped := more
	stepped.Last = left.Last
	for name, left := range map[string]HostState{"after a step back": left, "with more": more, "with both": stepped} {
		b := AppendHostState(nil, &left)
		if got, err := DecodeHostState(b); err != nil || !reflect.DeepEqual(got, left) {
			t.Errorf("state %s: %v\n got %+v\nwant %+v", name, err, got, left)
		}
		for n := range b {
			if _, err := DecodeHostState(b[:n]); err == nil {
				t.Errorf("state %s: %d of %d bytes are taken for a whole", name, n, len(b))
			}
		}
	}
	for _, spaces := range [][]series.KeySpace{{}, storedSpaces()} {
		b := AppendLastStored(nil, spaces)
		if got, err := DecodeLastStored(b); err != nil || !reflect.DeepEqual(got, spaces) {
			t.Errorf("spaces: %v\n got %+v\nwant %+v", err, got, spaces)
		}
		for n := range b {
			if _, err := DecodeLastStored(b[:n]); err == nil {
				t.Errorf("%d of %d bytes of spaces are taken for a whole", n, len(b))
			}
		}
	}
	if got, err := DecodeMapping(AppendMapping(nil, storetest.Mapping())); err != nil || !reflect.DeepEqual(got, storetest.Mapping()) {
		t.Errorf("mapping: %v\n got %+v\nwant %+v", err, got, storetest.Mapping())
	}
	reaching := storetest.Mapping()
	reaching[0].Reach, reaching[0].ReachFrom, reaching[0].SAN = mapper.ReachGlobal, "why", []string{"36006"}
	reaching[1].Was = "kernel:sda"
	if got, err := DecodeMapping(AppendMapping(nil, reaching)); err != nil || !reflect.DeepEqual(got, reaching) {
		t.Errorf("mapping with reaches: %v\n got %+v\nwant %+v", err, got, reaching)
	}
}

// TestMappingIsWhole fails when a field is added to the LUN that the mapping does
// not keep.
func TestMappingIsWhole(t *testing.T) {
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				fill(v.Field(i))
			}
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			fill(v.Index(0))
			fill(v.Index(1))
		case reflect.String:
			v.SetString("x" + v.Type().String())
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Uint32, reflect.Uint64:
			v.SetUint(7)
		case reflect.Float64:
			v.SetFloat(97.125)
		default:
			t.Fatalf("a field of type %s", v.Type())
		}
	}
	var l mapper.LUN
	fill(reflect.ValueOf(&l).Elem())
	got, err := DecodeMapping(AppendMapping(nil, []mapper.LUN{l}))
	if err != nil || !reflect.DeepEqual(got, []mapper.LUN{l}) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, l)
	}
}

// TestClaims: what a blob claims is not allocated.
func TestClaims(t *testing.T) {
	claim := func(version byte, n int) []byte {
		b := appendColumn([]byte{version}, nil)[:1]
		return append(append(b, 0x80, 0x80, 0x80, 0x8, 0, 0), make([]byte, n)...) // 16 M
	}
	const size = 20 << 20
	for name, decode := range map[string]func() error{
		"block":   func() error { _, _, err := new(Decoder).block(claim(blockVersion, size), 0); return err },
		"mapping": func() error { _, err := DecodeMapping(claim(mappingVersion, size)); return err },
		"keys":    func() error { _, _, err := DecodeKeys(claim(keysVersion, size), "h"); return err },
		"state": func() error {
			head := append([]byte{lastVersion}, make([]byte, 6)...)
			_, err := DecodeHostState(append(append(head, 0x80, 0x80, 0x80, 0x8), make([]byte, size)...))
			return err
		},
		"space": func() error {
			return DecodeSpaces(claim(spaceVersion, size), 0, func(int64) (Filesystem, bool) { return Filesystem{}, false }, nil)
		},
		"spaces": func() error { _, err := DecodeLastStored(claim(lastStoredVersion, size)); return err },
		"a LUN's mounts": func() error {
			b := append([]byte{mappingVersion, 1}, make([]byte, 11+2+2+2+1)...)
			_, err := DecodeMapping(append(append(b, 0x80, 0x80, 0x80, 0x8), make([]byte, size)...))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if err := decode(); err == nil {
				t.Error("it was believed")
			}
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > 2*maxDecoded {
				t.Errorf("it took %d bytes", took)
			}
		})
	}
}

func seeds(f *testing.F) {
	files, err := filepath.Glob("testdata/*.golden")
	if err != nil || len(files) < 5 {
		f.Fatalf("%d golden files, %v", len(files), err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{})
}

// FuzzDecode: no blob makes a decoder panic or take memory that the blob does not
// account for, and what is read and written again reads the same.
func FuzzDecode(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var d Decoder
		var e Encoder
		if ids, in, err := d.block(b, 17); err == nil && slices.IsSorted(ids) && inOnePart(ids) {
			ids, in = slices.Clone(ids), slices.Clone(in)
			ids2, in2, err := d.block(e.Block(nil, ids, in, 17), 17)
			if err != nil || !slices.Equal(ids, ids2) || !slices.EqualFunc(in, in2, sameBits) {
				t.Errorf("block, %v:\n got %+v\nwant %+v", err, in2, in)
			}
		}
		if l, err := DecodeHostState(b); err == nil {
			if l2, err := DecodeHostState(AppendHostState(nil, &l)); err != nil || !reflect.DeepEqual(l, l2) {
				t.Errorf("state, %v:\n got %+v\nwant %+v", err, l2, l)
			}
		}
		if m, err := DecodeMapping(b); err == nil {
			if m2, err := DecodeMapping(AppendMapping(nil, m)); err != nil || !reflect.DeepEqual(m, m2) {
				t.Errorf("mapping, %v:\n got %+v\nwant %+v", err, m2, m)
			}
		}
		if ids, order, err := DecodeKeys(b, "h"); err == nil {
			if ids2, _, err := DecodeKeys(AppendKeys(nil, ids, order), "h"); err != nil || !reflect.DeepEqual(ids, ids2) {
				t.Errorf("keys, %v:\n got %+v\nwant %+v", err, ids2, ids)
			}
		}
		if s, err := DecodeLastStored(b); err == nil {
			if s2, err := DecodeLastStored(AppendLastStored(nil, s)); err != nil || !reflect.DeepEqual(s, s2) {
				t.Errorf("spaces, %v:\n got %+v\nwant %+v", err, s2, s)
			}
		}
		_ = DecodeSpaces(b, 17, func(int64) (Filesystem, bool) { return Filesystem{}, true }, func(int64, *series.Space) error { return nil })
	})
}

func inOnePart(ids []int64) bool {
	return len(ids) == 0 || ids[0] >= 0 && BlockOf(ids[0]) == BlockOf(ids[len(ids)-1])
}

// sameBits compares by bits, since a NaN is not equal to itself.
func sameBits(a, b series.Interval) bool {
	for n := range numPeaks {
		for _, m := range [][2]*series.Maxima{{&a.Peak, &b.Peak}, {&a.Mean, &b.Mean}} {
			x, y := peak(m[0], n), peak(m[1], n)
			if math.Float32bits(*x) != math.Float32bits(*y) {
				return false
			}
			*x, *y = 0, 0
		}
	}
	return storetest.Same(a, b)
}
