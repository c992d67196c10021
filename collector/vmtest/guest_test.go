//go:build vm

package vmtest

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var judge = flag.String("judge", "", "judge the results of an earlier run in this `DIR`, without a guest")

// TestGuest boots the guest and judges what each scenario left.
func TestGuest(t *testing.T) {
	dir := *judge
	if dir == "" {
		dir = boot(t)
	}
	var figures table
	for _, s := range []struct {
		folder string
		judge  func(*testing.T, results, *table)
	}{
		{"1-peaks", peaks},
		{"2-load", load},
		{"3-hsm", hsm},
		{"4-renumber", renumber},
		{"5-vanish", vanish},
		{"6-suspended", suspended},
		{"7-uevents", uevents},
		{"8-histograms", histograms},
	} {
		t.Run(s.folder, func(t *testing.T) {
			s.judge(t, results(filepath.Join(dir, s.folder)), &figures)
		})
	}
	t.Logf("\n%s", figures.String())
}

// boot builds lunstat, runs the guest, and gives the folder of its results, which
// stays for a look until the next run.
func boot(t *testing.T) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(cache, "lunstat", "vm", "results")
	if err := os.RemoveAll(out); err != nil {
		t.Fatal(err)
	}
	lunstat := filepath.Join(t.TempDir(), "lunstat")
	build := exec.Command("go", "build", "-o", lunstat, "../../cmd/lunstat")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	run(t, build)
	t.Log("results: ", out)
	run(t, exec.Command("../../.ci/vm/run", out, lunstat))
	return out
}

// run lets a command speak for itself: the guest takes minutes.
func run(t *testing.T, c *exec.Cmd) {
	t.Helper()
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	if err := c.Run(); err != nil {
		t.Fatalf("%s: %v", filepath.Base(c.Path), err)
	}
}
