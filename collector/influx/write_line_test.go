package influx

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"lunstat/collector/series"
	"lunstat/mapper"
)

var update = flag.Bool("update", false, "write golden files")

// parsed is a line of line protocol taken apart.
type parsed struct {
	measurement string
	tags        map[string]string
	fields      map[string]string
	stamp       int64
}

// parseLine is the protocol's grammar, as its specification has it.
func parseLine(s string) (p parsed, err error) {
	p.tags, p.fields = map[string]string{}, map[string]string{}
	at := 0
	word := func(ends string) string {
		var b strings.Builder
		for ; at < len(s) && !strings.ContainsRune(ends, rune(s[at])); at++ {
			if s[at] == '\\' && at+1 < len(s) && strings.IndexByte(`, =`, s[at+1]) >= 0 {
				at++
			}
			b.WriteByte(s[at])
		}
		return b.String()
	}
	next := func(c byte) bool {
		if at < len(s) && s[at] == c {
			at++
			return true
		}
		return false
	}
	p.measurement = word(", ")
	for next(',') {
		k := word("=")
		if !next('=') || k == "" {
			return p, fmt.Errorf("tag at %d", at)
		}
		v := word(", ")
		if _, twice := p.tags[k]; twice || v == "" {
			return p, fmt.Errorf("tag %q twice or empty", k)
		}
		p.tags[k] = v
	}
	for sep := byte(' '); next(sep); sep = ',' {
		k := word("=")
		if !next('=') || k == "" {
			return p, fmt.Errorf("field at %d", at)
		}
		from := at
		if next('"') {
			for at < len(s) && s[at] != '"' {
				if s[at] == '\\' {
					at++
				}
				at++
			}
			if !next('"') {
				return p, fmt.Errorf("open string at %d", from)
			}
		} else {
			for at < len(s) && s[at] != ',' && s[at] != ' ' {
				at++
			}
		}
		if _, twice := p.fields[k]; twice || at == from {
			return p, fmt.Errorf("field %q twice or empty", k)
		}
		p.fields[k] = s[from:at]
	}
	if len(p.fields) == 0 || !next(' ') {
		return p, fmt.Errorf("no fields, or no time stamp at %d", at)
	}
	p.stamp, err = strconv.ParseInt(s[at:], 10, 64)
	return p, err
}

func unquote(s string) string {
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(strings.Trim(s, `"`))
}

func goldenRun() series.Outbound {
	at := time.Date(2026, 11, 25, 3, 0, 2, 0, time.UTC)
	lun := &mapper.LUN{Kernel: "dm-13", Dev: mapper.DevNo{Major: 253, Minor: 13}, ID: "LVM-abc", UUID: "LVM-abc", DMName: "zimbra1_sqldb-data",
		SizeBytes: 100 << 30, Layer: mapper.LayerLUN, Role: "mysql", RoleFrom: "mount", Label: "MySQL data", Group: "zimbra1", WWID: "36006016",
		Mounts: []mapper.Mount{{Point: "/opt/zimbra/db/data", FSType: "ext4", Root: "/"}}}
	key := series.Key{ID: lun.ID, Host: "mail1", Source: series.SourceHost}
	plain := series.OutInterval{Key: key, LUN: lun, Interval: series.Interval{End: at, ElapsedMS: 60_001, SpanMS: 60_001, Inflight: 2, InflightKnown: true}}
	for f := range series.IOs {
		plain.Set(f, uint64(f+1)*100)
	}
	old := plain
	old.Key.ID, old.LUN = "kernel:sdb", nil
	old.Sums, old.InflightKnown, old.Quality = series.Sums{}, false, series.Long|series.Reset
	old.Set(series.IOs, 7)
	old.SpanMS = 90_000
	peak := plain
	peak.Peak = series.Maxima{WindowMS: 1000, IOPS: 912.5, IOPSAt: at.Unix() - 7, BytesPerS: 1e6, UtilPercent: 100.1, Queue: 3, ReadAwait: 9.25}
	peak.Latency = &series.Histogram{Version: series.BoundsVersion, Counts: [series.NumBuckets]uint64{1: 236, 2: 1011, 16: 1, 17: 2}}
	bin := series.OutBin{Width: 15 * time.Minute, OutInterval: peak}
	bin.Mean = series.Maxima{WindowMS: 60_000, IOPS: 55, IOPSAt: at.Unix(), BytesPerS: 4096, UtilPercent: 12, Queue: 0.5, WriteAwait: 31}
	twice := bin
	twice.Quality = series.Long
	hour := bin
	hour.Width, hour.RowsBefore = time.Hour, 1
	entry := mapper.Entry{Host: "mail1", BootID: "b-1", Source: series.SourceHost, From: at.Add(-time.Hour), Colour: 3, LUN: *lun}
	ended := entry
	ended.To = at
	some, full := uint64(1_234_567), uint64(0)
	return series.Outbound{Seq: 42, SameSecond: 1,
		Run: series.Run{Host: "mail1", At: series.Instant{Wall: at.Add(250 * time.Millisecond), Mono: time.Hour, Boot: 2 * time.Hour, BootID: "b-1"},
			Kernel: "6.1.0-25-amd64", Version: "1.0", TookMS: 9, LUNs: 3,
			Pressure: series.Pressure{ElapsedMS: 60_001, SomeUS: &some, FullUS: &full}, Warnings: []series.Warning{{What: `diskstats:17: "x"`, Hint: "look"}, {What: "y"}}},
		Intervals: []series.OutInterval{plain, old, peak},
		Bins:      []series.OutBin{bin, twice, hour},
		Spaces: []series.OutSpace{{LUN: lun, KeySpace: series.KeySpace{Key: key, Mount: "/opt/zimbra/db/data", Space: series.Space{
			At: at.Add(time.Second), SizeBytes: 1000, UsedBytes: 600, AvailBytes: 350, FreeBytes: 400, Inodes: 10, InodesUsed: 5}}}},
		Ledger: []series.OutEntry{{Order: 4, Entry: ended}, {Order: 4, Entry: entry}},
	}
}

// TestLinesGolden: other people's dashboards depend on the schema.
func TestLinesGolden(t *testing.T) {
	run := goldenRun()
	raw, rollup := &batch{}, &batch{}
	if refused := addRun(raw, rollup, &run); len(refused) > 0 {
		t.Fatalf("refused: %+v", refused)
	}
	var b strings.Builder
	for _, bucket := range []struct {
		name string
		*batch
	}{{"raw", raw}, {"rollup", rollup}} {
		fmt.Fprintf(&b, "# %s\n", bucket.name)
		for _, p := range bucket.points {
			if _, err := parseLine(string(p.text)); err != nil {
				t.Errorf("%v: %s", err, p.text)
			}
			fmt.Fprintf(&b, "%s\n", p.text)
		}
	}
	golden := filepath.Join("testdata", "lines.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestOneBucketHoldsEachPointOnce(t *testing.T) {
	run := goldenRun()
	b := &batch{}
	addRun(b, b, &run)
	seen := map[string]bool{}
	for _, p := range b.points {
		if seen[string(p.text)] {
			t.Errorf("twice: %s", p.text)
		}
		seen[string(p.text)] = true
	}
}

func TestUnstorableNumbersAreAbsent(t *testing.T) {
	i := series.OutInterval{Key: series.Key{ID: "x", Host: "h", Source: "host"}}
	i.End, i.ElapsedMS, i.SpanMS = time.Unix(1, 0), 1000, 1000
	i.Set(series.ReadIOs, math.MaxUint64)
	i.Set(series.WriteIOs, math.MaxInt64)
	nan := float32(math.NaN())
	i.Peak = series.Maxima{WindowMS: 1, IOPS: nan, BytesPerS: float32(math.Inf(1)), UtilPercent: float32(math.Inf(-1)), Queue: 1}
	p, err := parseLine(string(appendInterval(nil, rawIO, &i, &series.Outbound{}, 1)))
	if err != nil {
		t.Fatal(err)
	}
	for _, absent := range []string{"read_ios", "iops_max", "bytes_per_s_max", "util_percent_max"} {
		if v, ok := p.fields[absent]; ok {
			t.Errorf("%s is %s", absent, v)
		}
	}
	if p.fields["write_ios"] != "9223372036854775807i" || p.fields["queue_size_max"] != "1" {
		t.Errorf("fields %v", p.fields)
	}
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{"", "a", `a\`, `a\\`, `a\,b`, "x=y z,", "new\nline", "\x00", "%41%", "\xff", "ü", `"`, "\u2028"} {
		f.Add(s, "host", s, uint64(len(s)), int64(len(s)))
	}
	long := strings.Repeat(`"`, maxText/2)
	f.Add("id", "host", long, uint64(1), int64(1)) // an entry that no field takes
	f.Fuzz(func(t *testing.T, id, host, name string, n uint64, stamp int64) {
		k := series.Key{ID: mapper.ID(id), Host: host, Source: name}
		lun := &mapper.LUN{ID: k.ID, DMName: name, Role: id, Group: host, Label: name, WWID: id, Mounts: []mapper.Mount{{Point: name}, {Point: id}}}
		at := time.Unix(int64(int32(stamp)), 0)
		i := series.OutInterval{Key: k, LUN: lun, Interval: series.Interval{End: at, ElapsedMS: n, SpanMS: n}}
		i.Set(series.Field(n%uint64(series.NumFields)), n)
		i.Peak = series.Maxima{WindowMS: uint32(n), IOPS: math.Float32frombits(uint32(n >> 32)), ReadAwait: math.Float32frombits(uint32(n))}
		run := series.Outbound{Seq: n, SameSecond: uint32(n), Intervals: []series.OutInterval{i}, Bins: []series.OutBin{{Width: time.Hour, OutInterval: i}},
			Spaces: []series.OutSpace{{KeySpace: series.KeySpace{Key: k, Mount: name, Space: series.Space{At: at, SizeBytes: n}}, LUN: lun}},
			Ledger: []series.OutEntry{{Entry: mapper.Entry{Host: host, Source: name, From: at, LUN: *lun}}},
			Run:    series.Run{Host: host, At: series.Instant{Wall: at, BootID: name}, Kernel: id, Warnings: []series.Warning{{What: name, Hint: id}}}}
		raw, rollup := &batch{}, &batch{}
		if refused := addRun(raw, rollup, &run); len(refused) > 0 {
			t.Fatalf("refused %+v", refused)
		}
		for _, pt := range append(raw.points, rollup.points...) {
			text := string(pt.text)
			if strings.ContainsAny(text, "\n\r\x00") || !utf8.ValidString(text) {
				t.Fatalf("not one line of text: %q", text)
			}
			p, err := parseLine(text)
			if err != nil {
				t.Fatalf("%v in %q", err, text)
			}
			want := map[string]string{"host": host}
			if p.measurement != runs {
				want["uuid"], want["source"] = id, name
			}
			if p.measurement == spaces {
				want["mount"] = name
			}
			for tag, v := range want {
				if got := textOf(p.tags[tag]); got != v {
					t.Errorf("%s: tag %s is %q, want %q", p.measurement, tag, got, v)
				}
			}
			if p.measurement == info {
				checkEntry(t, &run.Ledger[0], p.fields)
			}
		}
	})
}

// checkEntry: an entry that no field takes is left out, and any other reads back.
func checkEntry(t *testing.T, e *series.OutEntry, fields map[string]string) {
	t.Helper()
	text, err := encodeEntry(e)
	if err != nil {
		t.Fatal(err)
	}
	got, there := fields["entry"]
	if there != (len(text) <= maxText) {
		t.Errorf("an entry of %d bytes: there %v", len(text), there)
	}
	if _, err := decodeEntry([]byte(unquote(got))); there && err != nil {
		t.Errorf("the entry: %v in %s", err, got)
	}
}

func FuzzTag(f *testing.F) {
	for _, s := range []string{"", "%", "%25", "%4", "%\n", "%4\n", "\\", "\\\\ ", "\xff%FF", "é", "\u00a0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v := tagValue(s)
		if textOf(v) != s {
			t.Errorf("%q became %q and then %q", s, v, textOf(v))
		}
		if strings.HasSuffix(v, `\`) || !utf8.ValidString(v) {
			t.Errorf("%q is no tag value", v)
		}
		if plain(s) && v != s {
			t.Errorf("%q need not become %q", s, v)
		}
	})
}
