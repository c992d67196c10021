package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// The tests in this file take captured counters the whole way through collect, the
// journal and export, and compare the result with what another program says.

// captured types lunstat commands on captured hosts that share a journal.
type captured struct {
	t     *testing.T
	vars  map[string]string
	stdin string
}

func newCaptured(t *testing.T) *captured {
	return &captured{t: t, vars: map[string]string{
		"LUNSTAT_JOURNAL_PATH": filepath.Join(t.TempDir(), "journal.db"),
		"LUNSTAT_JOURNAL_SYNC": "normal",
		"LUNSTAT_LAYERS":       "all",
	}}
}

// on puts the next commands on a host.
func (c *captured) on(p mapper.Paths) {
	c.vars["LUNSTAT_PATHS_PROCFS"], c.vars["LUNSTAT_PATHS_SYSFS"] = p.Proc, p.Sys
	c.vars["LUNSTAT_PATHS_DEVFS"], c.vars["LUNSTAT_PATHS_UDEV"] = p.Dev, p.Udev
}

func (c *captured) run(args ...string) string {
	c.t.Helper()
	status, stdout, stderr := c.try(args...)
	if status != 0 {
		c.t.Fatalf("lunstat %s: exit status %d\n%s", strings.Join(args, " "), status, stderr)
	}
	return stdout
}

// try runs a command that may fail.
func (c *captured) try(args ...string) (status int, stdout, stderr string) {
	e, out, errs := world(c.t, c.vars)
	e.Stdin = strings.NewReader(c.stdin)
	status = run(c.t.Context(), args, e)
	return status, out.String(), errs.String()
}

// exported is one line of export --format json, by its names.
type exported map[string]any

func (x exported) number(name string) (float64, bool) {
	v, ok := x[name].(float64)
	return v, ok
}

// export gives all intervals of a day.
func (c *captured) export() []exported {
	c.t.Helper()
	var all []exported
	in := bufio.NewScanner(strings.NewReader(c.run("export", "--from", "2026-11-15T00:00:00Z", "--to", "2026-11-17T00:00:00Z")))
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var x exported
		if err := json.Unmarshal(in.Bytes(), &x); err != nil {
			c.t.Fatal(err)
		}
		all = append(all, x)
	}
	return all
}

// readingTime is a wall clock for a capture whose uptime is known; of several
// boots, each begins an hour after the one before.
func readingTime(t *testing.T, proc string, boot int) string {
	b, err := os.ReadFile(filepath.Join(proc, "uptime"))
	if err != nil {
		t.Fatal(err)
	}
	up, err := time.ParseDuration(strings.Fields(string(b))[0] + "s")
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 11, 16, boot, 0, 0, 0, time.UTC).Add(up).Format(time.RFC3339Nano)
}

// iostatBlock is a block of `iostat -x`: device → column → the figure as printed.
type iostatBlock map[string]map[string]string

func iostatBlocks(text string) (blocks []iostatBlock) {
	var columns []string
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case len(f) == 0:
		case f[0] == "Device" || f[0] == "Device:":
			columns = f
			blocks = append(blocks, iostatBlock{})
		case columns != nil && len(f) == len(columns):
			row := map[string]string{}
			for i, c := range columns {
				row[c] = f[i]
			}
			blocks[len(blocks)-1][f[0]] = row
		}
	}
	return blocks
}

// sameAsIostat compares every figure of a block's row with an exported interval.
// It returns how many it compared.
func sameAsIostat(t *testing.T, device string, want map[string]string, got exported) (compared int) {
	t.Helper()
	elapsed, _ := got.number("elapsed_ms")
	rate := func(name string, unit float64) float64 { v, _ := got.number(name); return v / unit / elapsed * 1000 }
	ratio := func(a, b string, unit float64) float64 {
		x, _ := got.number(a)
		y, _ := got.number(b)
		if y == 0 {
			return 0 // iostat prints 0.00 for what there is not
		}
		return x / y / unit
	}
	merged := func(kind string) float64 {
		m, _ := got.number(kind + "_merges")
		n, _ := got.number(kind + "_ios")
		if m+n == 0 {
			return 0
		}
		return 100 * m / (m + n)
	}
	figure := func(name string) float64 { v, _ := got.number(name); return v }
	ours := map[string]float64{
		"r/s": figure("read_iops"), "rkB/s": rate("read_bytes", 1024), "rrqm/s": rate("read_merges", 1), "%rrqm": merged("read"),
		"r_await": figure("read_await_ms"), "rareq-sz": ratio("read_bytes", "read_ios", 1024),
		"w/s": figure("write_iops"), "wkB/s": rate("write_bytes", 1024), "wrqm/s": rate("write_merges", 1), "%wrqm": merged("write"),
		"w_await": figure("write_await_ms"), "wareq-sz": ratio("write_bytes", "write_ios", 1024),
		"d/s": rate("discard_ios", 1), "dkB/s": rate("discard_bytes", 1024), "drqm/s": rate("discard_merges", 1), "%drqm": merged("discard"),
		"d_await": ratio("discard_ms", "discard_ios", 1), "dareq-sz": ratio("discard_bytes", "discard_ios", 1024),
		"f/s": rate("flush_ios", 1), "f_await": ratio("flush_ms", "flush_ios", 1),
		"aqu-sz": figure("queue_size"), "%util": figure("util_percent"),
	}
	for column, text := range want {
		if column == "Device" || column == "Device:" {
			continue
		}
		v, ok := ours[column]
		if !ok {
			t.Fatalf("iostat prints %q, which nothing here compares", column)
		}
		w, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(v-w) > 0.005+1e-9 {
			t.Errorf("%s %s = %.4f, iostat prints %s", device, column, v, text)
		}
		compared++
	}
	return compared
}

// TestAsIostat: for the same two readings every figure is iostat's, to the digits
// that it prints.
func TestAsIostat(t *testing.T) {
	t.Parallel()
	tests := []struct {
		host     string
		readings []string
		figures  int      // how many must have been compared, at the least
		leave    []string // where iostat itself is wrong (volumes that are others by then), or counts from the creation what was never seen before
	}{
		{"mail-load", []string{"before", "after"}, 600, nil},
		{"mail-hsm", []string{"before", "after"}, 600, nil},
		{"host-plain", []string{"before", "after"}, 22, nil},
		{"odd-stack", []string{"before", "after"}, 1800, []string{"dm-50", "dm-59", "dm-69"}},
	}
	for _, tt := range tests {
		t.Run(tt.host, func(t *testing.T) {
			dir := hosttest.SharedDir(t, "hosts/"+tt.host)
			text, err := os.ReadFile(filepath.Join(dir, "iostat-two-snapshots.txt"))
			if err != nil {
				t.Fatal(err)
			}
			c := newCaptured(t)
			for _, r := range tt.readings {
				p := hosttest.Shared(t, "hosts/"+tt.host+"/"+r)
				c.on(p)
				c.run("collect", "--reading-time", readingTime(t, p.Proc, 0))
			}
			got := map[string]exported{}
			for _, x := range c.export() {
				kernel := x["kernel"].(string)
				if _, twice := got[kernel]; twice {
					t.Errorf("two intervals of %s", kernel)
				}
				got[kernel] = x
			}
			compared := 0
			for device, want := range iostatBlocks(string(text))[1] {
				if slices.Contains(tt.leave, device) {
					continue
				}
				x, ok := got[device]
				if !ok {
					t.Errorf("iostat has %s, the export does not", device)
					continue
				}
				compared += sameAsIostat(t, device, want, x)
			}
			t.Logf("%d figures compared", compared)
			if compared < tt.figures {
				t.Errorf("%d figures compared, want %d or more", compared, tt.figures)
			}
		})
	}
}

// TestAsSysstatsOwnTest feeds the seven readings of sysstat's test suite to lunstat, and
// compares the result with the answers that the suite contains.
func TestAsSysstatsOwnTest(t *testing.T) {
	dir := hosttest.SharedDir(t, "captures/sysstat-roots")
	text, err := os.ReadFile(filepath.Join(dir, "expected.iostat-x"))
	if err != nil {
		t.Fatal(err)
	}
	c := newCaptured(t)
	for n := 1; n <= 2; n++ {
		p := hosttest.PathsAt(filepath.Join(dir, fmt.Sprintf("root%d", n)))
		c.on(p)
		c.run("collect", "--reading-time", readingTime(t, p.Proc, 0))
	}
	compared := 0
	blocks := iostatBlocks(string(text))
	for _, x := range c.export() {
		device := x["kernel"].(string)
		if want, ok := blocks[1][device]; ok {
			compared += sameAsIostat(t, device, want, x)
		}
	}
	if compared < 5*22 {
		t.Errorf("%d figures compared", compared)
	}
}

// TestDMIOSeries: 180 real readings a second apart; the intervals' sums are the
// whole span's differences to the unit.
func TestDMIOSeries(t *testing.T) {
	t.Parallel()
	dir := hosttest.SharedDir(t, "captures/pcp-dm-io")
	text, err := os.ReadFile(filepath.Join(dir, "series.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	c := newCaptured(t)
	root := t.TempDir()
	p := hosttest.PathsAt(root)
	c.on(p)
	if err := os.MkdirAll(p.Proc, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(p.Proc, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var lines bytes.Buffer
	collect := func(since string) {
		s, err := strconv.ParseFloat(since, 64)
		if err != nil {
			t.Fatal(err)
		}
		write("uptime", fmt.Sprintf("%.6f 0.00\n", 1000+s))
		write("diskstats", lines.String())
		c.run("collect", "--reading-time", readingTime(t, p.Proc, 0))
		lines.Reset()
	}
	since, minor := "", 0
	for line := range strings.Lines(string(text)) {
		f := strings.SplitN(strings.TrimRight(line, "\n"), "\t", 5)
		if f[1] != since && since != "" {
			collect(since)
			minor = 0
		}
		since = f[1]
		fmt.Fprintf(&lines, "%4d %7d %s %s\n", 253, minor, f[3], f[4])
		minor++
	}
	collect(since)

	sums := map[string]map[string]float64{}
	for _, x := range c.export() {
		lun := x["kernel"].(string)
		if sums[lun] == nil {
			sums[lun] = map[string]float64{}
		}
		for name := range x {
			if v, ok := x.number(name); ok {
				sums[lun][name] += v
			}
		}
	}
	want := map[string]map[string]float64{
		"dmcache1":     {"read_ios": 18954, "write_ios": 12165, "read_bytes": 231104 * 512, "write_bytes": 343368 * 512, "busy_ms": 43441},
		"cache1-block": {"read_ios": 17618, "write_ios": 5972, "read_bytes": 569296 * 512, "write_bytes": 149936 * 512, "busy_ms": 18448},
	}
	for lun, fields := range want {
		for name, v := range fields {
			if got := sums[lun][name]; got != v {
				t.Errorf("%s %s = %.0f, want %.0f", lun, name, got, v)
			}
		}
		if got := sums[lun]["elapsed_ms"]; math.Abs(got-178_998) > 90 { // each of 179 is rounded to the ms
			t.Errorf("%s: %.0f ms, want 178998", lun, got)
		}
		if util := sums[lun]["busy_ms"] / sums[lun]["elapsed_ms"]; lun == "dmcache1" && math.Abs(util-0.2427) > 0.00005 {
			t.Errorf("dmcache1 is %.2f %% busy, want 24.27", util*100)
		}
	}
}

// TestUnderKnownLoad compares the host under load with what fio says it did.
func TestUnderKnownLoad(t *testing.T) {
	t.Parallel()
	c := newCaptured(t)
	for _, r := range []string{"before", "after"} {
		p := hosttest.Shared(t, "hosts/mail-load/"+r)
		c.on(p)
		c.run("collect", "--reading-time", readingTime(t, p.Proc, 0))
	}
	fio := map[string]struct {
		figure string
		rate   float64
	}{
		"zimbra1_sqldb-data": {"read_iops", 199.99}, "zimbra1_redo-redo": {"write_iops", 50.00},
		"zimbra1_primary-store": {"write_iops", 32.00}, "mpatha": {"read_iops", 40.00}, "slow": {"read_iops", 10.00},
	}
	seen := 0
	for _, x := range c.export() {
		want, ok := fio[x["lun"].(string)]
		if !ok {
			continue
		}
		seen++
		// ext4's journal adds 0.8 writes/s of its own to redo's and primary's.
		if got, _ := x.number(want.figure); got < want.rate*0.99 || got > want.rate*1.01+0.8 {
			t.Errorf("%s %s = %.2f, fio did %.2f", x["lun"], want.figure, got, want.rate)
		}
	}
	if seen != len(fio) {
		t.Errorf("%d of %d LUNs", seen, len(fio))
	}
}

// The README's lookup line, on the captured mailstore.
func TestLookupCaptured(t *testing.T) {
	t.Parallel()
	c := newCaptured(t)
	for _, r := range []string{"before", "after"} {
		p := hosttest.Shared(t, "hosts/mail-load/"+r)
		c.on(p)
		c.run("collect", "--reading-time", readingTime(t, p.Proc, 0))
	}
	for _, what := range []string{"dm-13", "253:13", "13", "zimbra1_sqldb-data", "/dev/mapper/zimbra1_sqldb-data", "/dev/zimbra1_sqldb/data", "/opt/zimbra/db/data/ibdata1", "mysql", "MySQL data"} {
		got, _, _ := strings.Cut(c.run("lookup", what), "\n")
		if want := regexp.MustCompile(`^dm-13 = MySQL data of zimbra1 \(zimbra1_sqldb-data\) /opt/zimbra/db/data`); !want.MatchString(got) {
			t.Errorf("lookup %s: %s", what, got)
		}
	}
}
