package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/collector/dmstats"
	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// regions is a device-mapper that keeps at most one region a device.
type regions struct {
	of     map[mapper.DevNo]string // what was noted with it
	sizeMB uint64
	reads  uint64 // of each device, all of one latency
	refuse error
}

func (k *regions) Message(dev mapper.DevNo, text string) (string, error) {
	if k.refuse != nil {
		return "", k.refuse
	}
	words := strings.Fields(text)
	noted, there := k.of[dev]
	sectors := k.sizeMB * 2048
	switch words[0] {
	case "@stats_list":
		if !there {
			return "", nil
		}
		return fmt.Sprintf("0: 0+%d %d lunstat %s\n", sectors, sectors, noted), nil
	case "@stats_create":
		k.of[dev] = words[len(words)-1] + " " + strings.Join(words[4:6], " ")
		return "0", nil
	case "@stats_print":
		return fmt.Sprintf("0+%d %d 0 0 0 0 0 0 0 0 0 0 0 0 0%s:%d\n", sectors, k.reads, strings.Repeat(":0", series.NumBuckets-2), k.reads), nil
	}
	delete(k.of, dev)
	return "", nil
}

// TestSetupHistograms: it makes them where it can, says why not elsewhere, and leaves none.
func TestSetupHistograms(t *testing.T) {
	h := hosttest.New(t, append(hosttest.Mail(), hosttest.LUN{Name: "mpatha", WWID: "3600508b400105e21", On: []string{"sdx", "sdy"}})...)
	h.Write("sys/block/dm-14/queue/scheduler", "[mq-deadline] none\n")
	h.Write("sys/module/dm_mod/parameters/stats_current_allocated_bytes", "929936\n")
	kernel := &regions{of: map[mapper.DevNo]string{}, sizeMB: 1024}
	setup := func(vars map[string]string, args ...string) (int, string, string) {
		t.Helper()
		c := newCaptured(t)
		c.on(h.Paths)
		c.vars["LUNSTAT_LAYERS"] = "maps"
		for name, value := range vars {
			c.vars[name] = value
		}
		e, out, errs := world(t, c.vars)
		e.DeviceMapper = func(mapper.Paths) dmstats.Messenger { return kernel }
		return run(t.Context(), append([]string{"setup", "histograms"}, args...), e), out.String(), errs.String()
	}
	status, out, errs := setup(nil)
	for _, want := range []string{
		"zimbra1_sqldb-data", "kept\n", "dm-14", "none: a request-based map", "none: not a device of device-mapper",
		"histograms of 14 LUNs. Device-mapper's statistics take 908 KiB", "once the config says histograms: true",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if status != 0 || errs != "" || len(kernel.of) != 14 {
		t.Errorf("status %d, %d regions, %s", status, len(kernel.of), errs)
	}
	on := map[string]string{"LUNSTAT_HISTOGRAMS": "true"}
	if _, out, _ := setup(on); !strings.Contains(out, "so the collector reads them") {
		t.Errorf("switched on: %s", out)
	}
	status, out, _ = setup(on, "--remove")
	if status != 0 || len(kernel.of) != 0 || !strings.Contains(out, "14 histograms removed") || !strings.Contains(out, "makes them again") {
		t.Errorf("status %d, %d regions: %s", status, len(kernel.of), out)
	}
	c := newCaptured(t)
	c.on(h.Paths)
	for vars, want := range map[string]bool{"true": true, "false": false} {
		c.vars["LUNSTAT_HISTOGRAMS"] = vars
		for lun, has := range map[string]bool{"mpatha": want, "zimbra1_sqldb-data": false} {
			if out := c.run("lookup", lun); strings.Contains(out, "no histogram: ") != has {
				t.Errorf("histograms: %s: lookup %s says why there is none: %v\n%s", vars, lun, !has, out)
			}
		}
	}
	kernel.refuse = unix.EACCES
	for _, args := range [][]string{nil, {"--remove"}} {
		if status, _, errs := setup(nil, args...); status != 1 || strings.Count(errs, "error:") != 1 || !strings.Contains(errs, "CAP_SYS_ADMIN") {
			t.Errorf("without the right, %v: status %d, %s", args, status, errs)
		}
	}
}

// TestNoHistogram: a host without a device that can have one is told so.
func TestNoHistogram(t *testing.T) {
	h := hosttest.New(t, hosttest.LUN{Name: "mpatha", WWID: "3600508b400105e21", On: []string{"sdx", "sdy"}})
	h.Write("sys/block/dm-0/queue/scheduler", "[mq-deadline] none\n")
	c := newCaptured(t)
	c.on(h.Paths)
	c.vars["LUNSTAT_LAYERS"] = "maps"
	e, out, errs := world(t, c.vars)
	e.DeviceMapper = func(mapper.Paths) dmstats.Messenger { return &regions{of: map[mapper.DevNo]string{}} }
	status := run(t.Context(), []string{"setup", "histograms"}, e)
	if status != 0 || !strings.Contains(out.String(), "\nThe kernel keeps no histogram of this host's LUNs.") {
		t.Errorf("status %d: %s%s", status, out, errs)
	}
}

// TestHistogramsOfAnotherHost: a captured host's devices are other ones here.
func TestHistogramsOfAnotherHost(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	c := newCaptured(t)
	c.on(h.Paths)
	c.vars["LUNSTAT_HISTOGRAMS"] = "true"
	if status, _, errs := c.try("setup", "histograms"); status != 1 || !strings.Contains(errs, "another host's") {
		t.Errorf("status %d, %s", status, errs)
	}
	if ownDeviceMapper(h.Paths) != nil {
		t.Error("this host's device-mapper would be asked")
	}
	if _, _, errs := c.try("collect", "--reading-time", time.Date(2026, 11, 16, 11, 55, 0, 0, time.UTC).Format(time.RFC3339)); errs != "" {
		t.Errorf("collect: %s", errs)
	}
}
