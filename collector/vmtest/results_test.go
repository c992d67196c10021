//go:build vm

package vmtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// results is the folder of what one scenario left.
type results string

func (r results) read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(string(r), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (r results) has(name string) bool {
	_, err := os.Stat(filepath.Join(string(r), name))
	return err == nil
}

// lines decodes a file of one object a line, or of one object.
func lines[T any](t *testing.T, r results, name string) (all []T) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(r.read(t, name)))
	for d.More() {
		var one T
		if err := d.Decode(&one); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, one)
	}
	return all
}

// interval is the part of a line of an export that the tests look at.
type interval struct {
	LUN        string
	UUID       string
	Kernel     string
	Dev        string
	Layer      string
	Start      time.Time
	End        time.Time
	ElapsedMS  uint64    `json:"elapsed_ms"`
	ReadIOs    uint64    `json:"read_ios"`
	ReadBytes  uint64    `json:"read_bytes"`
	ReadMS     uint64    `json:"read_ms"`
	WriteIOs   uint64    `json:"write_ios"`
	WriteBytes uint64    `json:"write_bytes"`
	WriteMS    uint64    `json:"write_ms"`
	BusyMS     uint64    `json:"busy_ms"`
	QueueMS    uint64    `json:"queue_ms"`
	Inflight   uint64    `json:"inflight"`
	Quality    []string  `json:"quality"`
	ReadIOPS   float64   `json:"read_iops"`
	WriteIOPS  float64   `json:"write_iops"`
	Util       float64   `json:"util_percent"`
	ReadAwait  float64   `json:"read_await_ms"`
	WriteAwait float64   `json:"write_await_ms"`
	Queue      float64   `json:"queue_size"`
	PeakMS     uint32    `json:"peak_window_ms"`
	PeakIOPS   float64   `json:"iops_max"`
	PeakAt     time.Time `json:"iops_max_at"`
	DiscardIOs uint64    `json:"discard_ios"`
	Latency    *struct {
		BoundsUS []uint64 `json:"bounds_us"`
		Counts   []uint64 `json:"counts"`
	} `json:"latency"`
}

// of gives a LUN's intervals, oldest first.
func of(all []interval, lun string) (own []interval) {
	for _, i := range all {
		if i.LUN == lun {
			own = append(own, i)
		}
	}
	slices.SortFunc(own, func(a, b interval) int { return a.End.Compare(b.End) })
	return own
}

// job is fio's account of one of its jobs.
type job struct {
	Name  string `json:"jobname"`
	Read  side   `json:"read"`
	Write side   `json:"write"`
}

type side struct {
	IOs   uint64  `json:"total_ios"`
	Bytes uint64  `json:"io_bytes"`
	IOPS  float64 `json:"iops"`
	Clat  struct {
		Mean float64 `json:"mean"`
	} `json:"clat_ns"`
	Lat struct { // from the submission on
		Bins map[string]uint64 `json:"bins"` // by ns; with json+ only
	} `json:"lat_ns"`
}

func (r results) fio(t *testing.T, name string) map[string]job {
	t.Helper()
	jobs := make(map[string]job)
	for _, report := range lines[struct{ Jobs []job }](t, r, name) {
		for _, j := range report.Jobs {
			jobs[j.Name] = j
		}
	}
	if len(jobs) == 0 {
		t.Fatalf("%s: no jobs", name)
	}
	return jobs
}

// line is iostat's account of one device in one stretch.
type line struct {
	Device string  `json:"disk_device"`
	Reads  float64 `json:"r/s"`
	Writes float64 `json:"w/s"`
	ReadKB float64 `json:"rkB/s"`
	WroteK float64 `json:"wkB/s"`
	RAwait float64 `json:"r_await"`
	WAwait float64 `json:"w_await"`
	Queue  float64 `json:"aqu-sz"`
	Util   float64 `json:"util"`
}

// iostat gives its reports but the first, which is since the boot.
func (r results) iostat(t *testing.T, name string) [][]line {
	t.Helper()
	var report struct {
		Sysstat struct {
			Hosts []struct {
				Statistics []struct{ Disk []line }
			}
		}
	}
	text := []byte(r.read(t, name))
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var all [][]line
	for _, h := range report.Sysstat.Hosts {
		for _, s := range h.Statistics {
			all = append(all, s.Disk)
		}
	}
	if len(all) < 2 {
		t.Fatalf("%s: %d reports", name, len(all))
	}
	return all[1:]
}

func device(t *testing.T, report []line, kernel string) line {
	t.Helper()
	for _, l := range report {
		if l.Device == kernel {
			return l
		}
	}
	t.Fatalf("iostat doesn't show %s", kernel)
	return line{}
}

// call is one run of the collector as collect.log has it.
type call struct {
	Journal string
	Status  int
	Took    time.Duration // until the process and its output ended
	Said    string
}

func (r results) calls(t *testing.T) (all []call) {
	t.Helper()
	for text := range strings.Lines(r.read(t, "collect.log")) {
		if said, ok := strings.CutPrefix(text, "    "); ok && len(all) > 0 {
			all[len(all)-1].Said += said
			continue
		}
		var c call
		var ms int64
		if _, err := fmt.Sscanf(text, "%s %d %d", &c.Journal, &c.Status, &ms); err != nil {
			t.Fatalf("collect.log: %q: %v", text, err)
		}
		c.Took = time.Duration(ms) * time.Millisecond
		all = append(all, c)
	}
	for _, c := range all {
		if c.Status != 0 {
			t.Errorf("a run of the collector ended with %d: %s", c.Status, c.Said)
		}
	}
	return all
}

// df gives the used kB of each mount.
func (r results) df(t *testing.T, name string) map[string]uint64 {
	t.Helper()
	used := make(map[string]uint64)
	for text := range strings.Lines(r.read(t, name)) {
		if f := strings.Fields(text); len(f) == 6 {
			if kb, err := strconv.ParseUint(f[2], 10, 64); err == nil {
				used[f[5]] = kb
			}
		}
	}
	return used
}

// table is the figures side by side: what is known of the load by fio (by df, by
// what was moved), and what both tools say.
type table struct{ rows [][5]string }

func (b *table) add(lun, what string, fio, iostat, lunstat string) {
	b.rows = append(b.rows, [5]string{lun, what, fio, iostat, lunstat})
}

func (b *table) String() string {
	var out bytes.Buffer
	format := "%-24s %-22s %10s %10s %10s\n"
	fmt.Fprintf(&out, format, "LUN", "figure", "known", "iostat", "lunstat")
	for _, r := range b.rows {
		fmt.Fprintf(&out, format, r[0], r[1], r[2], r[3], r[4])
	}
	return out.String()
}

func figure(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
func count(v uint64) string   { return strconv.FormatUint(v, 10) }
