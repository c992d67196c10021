package mapper_test

import (
	"fmt"
	"slices"
	"testing"

	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

func TestRefresh(t *testing.T) {
	h := hosttest.New(t, hosttest.LUN{Name: "mpatha", WWID: "3600508b400105e210000900000490000", On: []string{"sda", "sdb"}})
	was, problems := mapper.Devices(h.Paths, h.Counted())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	mapper.Classify(was, mapper.Use{}, nil)
	now := slices.Clone(was)
	for _, step := range []struct {
		name, file, text string
		want             string // suspended, counters off, the states of the paths
	}{
		{"as it was", "sys/block/dm-0/dm/suspended", "0\n", "false false running running"},
		{"suspended", "sys/block/dm-0/dm/suspended", "1\n", "true false running running"},
		{"a path goes offline", "sys/block/sdb/device/state", "offline\n", "true false running offline"},
		{"counters off", "sys/block/dm-0/queue/iostats", "0\n", "true true running offline"},
		{"resumed", "sys/block/dm-0/dm/suspended", "0\n", "false true running offline"},
	} {
		h.Write(step.file, step.text)
		now = mapper.Refresh(h.Paths, now, all(now))
		if got := changeable(t, now); got != step.want {
			t.Errorf("%s: %s, want %s", step.name, got, step.want)
		}
	}
	if got := changeable(t, was); got != "false false running running" {
		t.Errorf("the last run's devices became %s", got)
	}

	h.Delete("sys/block/dm-0")
	now = mapper.Refresh(h.Paths, now, all(now))
	if got := changeable(t, now); got != "false true running offline" {
		t.Errorf("without its folder: %s", got)
	}
}

// all are the places of all devices.
func all(devs []mapper.LUN) (which []int) {
	for i := range devs {
		which = append(which, i)
	}
	return which
}

// changeable is what Refresh reads of the one map.
func changeable(t *testing.T, devs []mapper.LUN) string {
	t.Helper()
	for _, l := range devs {
		if l.Kernel == "dm-0" {
			s := fmt.Sprint(l.Suspended, l.StatsOff)
			for _, p := range l.Paths {
				s += " " + p.State
			}
			return s
		}
	}
	t.Fatal("no dm-0")
	return ""
}
