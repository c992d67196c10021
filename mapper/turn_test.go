package mapper

import (
	"slices"
	"testing"
	"time"
)

// Each device has its turn in a bounded number of minutes, however often cron calls,
// and no minute reads many more than are allowed.
func TestTurn(t *testing.T) {
	start := time.Date(2026, 11, 16, 0, 0, 3, 0, time.UTC)
	for _, n := range []int{0, 1, 27, refreshAtMost, refreshAtMost + 1, 10 * refreshAtMost} {
		for _, every := range []int{1, 2, 5, 7} {
			devs := make([]LUN, n)
			turns := (n + refreshAtMost - 1) / refreshAtMost
			read := make([]bool, n)
			last := start.Add(time.Duration(-every) * time.Minute)
			for minute := 0; minute < turns+every; minute += every {
				now := start.Add(time.Duration(minute) * time.Minute)
				which := Turn(devs, last, now)
				if len(which) > every*refreshAtMost {
					t.Errorf("%d devices every %d minutes: %d at once", n, every, len(which))
				}
				for _, i := range which {
					read[i] = true
				}
				last = now
			}
			if i := slices.Index(read, false); i >= 0 {
				t.Errorf("%d devices every %d minutes: number %d has no turn in %d minutes", n, every, i, turns)
			}
		}
	}
}

// Which devices are read again, the clock tells, one of before 1970, too. After a step
// back it is one turn.
func TestTurnWithAnyClock(t *testing.T) {
	devs := make([]LUN, 2500)
	for _, s := range []int64{-1, -61, -121, -3600, 0, 59, 60, 120, 1 << 40, -1 << 40} {
		now := time.Unix(s, 0)
		for _, last := range []time.Time{now.Add(-time.Minute), now.Add(time.Hour)} {
			if which := Turn(devs, last, now); len(which) == 0 || len(which) > refreshAtMost {
				t.Errorf("at %d: %d devices", s, len(which))
			}
		}
		if which := Turn(devs, now.Add(-time.Hour), now); len(which) != len(devs) {
			t.Errorf("at %d, an hour after the last run: %d devices", s, len(which))
		}
	}
}

// Among very many others, a map with paths has its turn within minutes, and one that
// lost a path at once.
func TestTurnOfPathsComesSoon(t *testing.T) {
	devs := make([]LUN, 20_000)
	devs[19_000].Paths = []Path{{Kernel: "sda", State: "running"}, {Kernel: "sdb", State: "offline"}}
	devs[19_001].Suspended = true
	devs[19_002].Paths = []Path{{Kernel: "sdc", State: "running"}, {Kernel: "nvme0c0n1", State: "live"}, {Kernel: "sdd"}}
	for minute := range 5 {
		now := time.Unix(int64(minute)*60, 0)
		which := Turn(devs, now.Add(-time.Minute), now)
		for i := 19_000; i <= 19_002; i++ {
			if !slices.Contains(which, i) {
				t.Errorf("minute %d: device %d has no turn", minute, i)
			}
		}
		if len(which) > refreshAtMost+3 {
			t.Errorf("minute %d: %d devices", minute, len(which))
		}
	}
}
