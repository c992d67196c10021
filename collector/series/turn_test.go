package series

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What happens between two runs, and whether that makes a turn of the second.
func TestTurn(t *testing.T) {
	was := Run{At: at("a", 1000), Kernel: "6.1", Version: "v1"}
	for _, tt := range []struct {
		name             string
		wall, mono, boot time.Duration // since the run before
		edit             func(*Run)
		want             bool
	}{
		{"a minute", time.Minute, time.Minute, time.Minute, nil, false},
		{"NTP slews", 61 * time.Second, time.Minute, time.Minute, nil, false},
		{"five minutes, of a cron that jitters", 5*time.Minute + 700*time.Millisecond, 5 * time.Minute, 5 * time.Minute, nil, false},
		{"longer", 5*time.Minute + time.Second, 5 * time.Minute, 5 * time.Minute, nil, true},
		{"suspended, no gap", 3 * time.Minute, time.Minute, 3 * time.Minute, nil, true},
		{"suspended for a second", 61 * time.Second, time.Minute, 61 * time.Second, nil, true},
		{"the clocks are read one after the other", time.Minute, time.Minute, time.Minute + 900*time.Millisecond, nil, false},
		{"set forward", 63 * time.Second, time.Minute, time.Minute, nil, true},
		{"set back", 57 * time.Second, time.Minute, time.Minute, nil, true},
		{"set back to the same second", 0, time.Second, time.Second, nil, true},
		{"another boot", time.Minute, time.Minute, time.Minute, func(r *Run) { r.At.BootID = "b" }, true},
		{"boots unknown, the clock began again", time.Minute, -900 * time.Second, -900 * time.Second, func(r *Run) { r.At.BootID = "" }, true},
		{"boots unknown", time.Minute, time.Minute, time.Minute, func(r *Run) { r.At.BootID = "" }, false},
		{"another kernel", time.Minute, time.Minute, time.Minute, func(r *Run) { r.Kernel = "6.2" }, true},
		{"an upgrade", time.Minute, time.Minute, time.Minute, func(r *Run) { r.Version = "v2" }, true},
	} {
		is := was
		is.At.Wall, is.At.Mono, is.At.Boot = was.At.Wall.Add(tt.wall), was.At.Mono+tt.mono, was.At.Boot+tt.boot
		if tt.edit != nil {
			tt.edit(&is)
		}
		if got := Turn(&was, &is); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Turns picks out of runs in order of the wall clock what comparing each run with
// the one before picks, whatever the clock did.
func TestTurnsAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := Instant{Wall: wall, Mono: time.Hour, Boot: time.Hour, BootID: "a"}
		var runs []Run
		stretches := 0
		step := rapid.SampledFrom([]time.Duration{-7 * time.Second, -77 * time.Second, 4 * time.Second}).Draw(t, "step")
		for range rapid.IntRange(1, 60).Draw(t, "runs") {
			at.Wall, at.Mono, at.Boot = at.Wall.Add(time.Minute), at.Mono+time.Minute, at.Boot+time.Minute
			what := rapid.IntRange(0, 20).Draw(t, "what")
			if what < 2 || what == 4 {
				if stretches++; stretches == looksBack {
					break // more side by side are told apart no further, and give more runs
				}
			}
			switch what {
			case 0, 1: // one way only: a clock that is set right again goes on where it was
				at.Wall = at.Wall.Add(step)
			case 2:
				at.Wall, at.Boot = at.Wall.Add(3*time.Minute), at.Boot+3*time.Minute
			case 3:
				at.Wall, at.Mono, at.Boot = at.Wall.Add(time.Hour), at.Mono+time.Hour, at.Boot+time.Hour
			case 4:
				at.Mono, at.Boot, at.BootID = time.Minute, time.Minute, at.BootID+"b"
			}
			runs = append(runs, Run{At: at})
		}
		want := map[Instant]bool{runs[0].At: true, runs[len(runs)-1].At: true}
		for i := 1; i < len(runs); i++ {
			if Turn(&runs[i-1], &runs[i]) {
				want[runs[i-1].At], want[runs[i].At] = true, true
			}
		}
		slices.SortStableFunc(runs, func(a, b Run) int { return a.At.Wall.Compare(b.At.Wall) })
		var turns Turns
		for i := range runs {
			turns.Add(&runs[i])
		}
		got := map[Instant]bool{}
		for _, r := range turns.Runs() {
			got[r.At] = true
		}
		for i := range want {
			if !got[i] {
				t.Fatalf("%v is missing", i)
			}
		}
		if len(got) > len(want)+2 { // the first and the last by the wall clock, too
			t.Fatalf("%d runs, want %d", len(got), len(want))
		}
	})
}
