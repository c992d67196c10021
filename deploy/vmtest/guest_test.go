//go:build vm

package vmtest

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	judge = flag.String("judge", "", "judge the results of an earlier run in this `DIR`, without a guest")
	old   = flag.String("old", "", "a `DEB` of the release before, to upgrade from; built where none is named")
)

// TestDebian boots a guest for each scenario, and judges each check that it made.
func TestDebian(t *testing.T) {
	out := *judge
	if out == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		out = filepath.Join(cache, "lunstat", "vm-debian", "results")
	}
	for _, s := range []struct{ scenario, init string }{
		{"monday", "systemd"},
		{"admin", "systemd"},
		{"cron", "sysvinit"},
	} {
		t.Run(s.scenario, func(t *testing.T) {
			dir := filepath.Join(out, s.scenario)
			if *judge == "" {
				boot(t, s.scenario, s.init, dir)
			}
			checks(t, dir)
			if s.scenario != "admin" {
				load(t, filepath.Join(dir, "intervals"))
			}
		})
	}
}

// boot runs the scenario in a guest and leaves its results in the folder.
func boot(t *testing.T, scenario, init, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	job := t.TempDir()
	if err := os.CopyFS(job, os.DirFS("guest")); err != nil {
		t.Fatal(err)
	}
	packages(t, job)
	for name, text := range map[string]string{
		"scenario": scenario,
		"readme":   strings.Join(installing(t), "\n") + "\n",
		"every":    everySecond(t),
	} {
		if err := os.WriteFile(filepath.Join(job, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run(t, exec.Command("./boot", init, job, dir))
}

// packages puts the package of this release into the job, and that of the release
// before.
func packages(t *testing.T, job string) {
	t.Helper()
	c := exec.Command("./packages", job+"/packages")
	c.Env = append(os.Environ(), "OLD="+*old)
	run(t, c)
}

// everySecond is the drop-in that deploy/README.md shows, with the package's path of the
// program.
func everySecond(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(text), "```ini\n")
	block, _, _ = strings.Cut(block, "```")
	if !strings.Contains(block, "--every 1s") {
		t.Fatal("deploy/README.md shows no drop-in for collect --every 1s")
	}
	return strings.ReplaceAll(block, "/usr/local/bin/", "/usr/bin/")
}

// checks judges each line of the file of that name.
func checks(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "checks.raw"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^(ok|FAIL) (.+)$`).FindAllStringSubmatch(string(text), -1)
	if len(found) < 10 {
		t.Errorf("only %d checks", len(found))
	}
	for _, f := range found {
		if f[1] != "ok" {
			t.Errorf("not so: %s (see %s)", f[2], filepath.Join(dir, "log"))
		}
	}
	console, err := os.ReadFile(filepath.Join(dir, "console.log"))
	if err != nil || !regexp.MustCompile(`(?m)^[0-9.]+ end\r?$`).Match(console) {
		t.Errorf("the scenario did not come to its end: %v", err)
	}
}

// load compares the intervals with what the guest wrote: 2 MiB at a time, six times a
// minute, and that whole, as it passes the page cache.
func load(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var bytes, ms, intervals float64
	for line := range strings.Lines(string(text)) {
		var i struct {
			WriteBytes float64 `json:"write_bytes"`
			ElapsedMS  float64 `json:"elapsed_ms"`
		}
		if err := json.Unmarshal([]byte(line), &i); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		bytes, ms, intervals = bytes+i.WriteBytes, ms+i.ElapsedMS, intervals+1
	}
	if intervals < 10 {
		t.Fatalf("%v intervals, want ten or more", intervals)
	}
	t.Logf("%.0f intervals of %.1f s, %.0f MiB written", intervals, ms/1000/intervals, bytes/(1<<20))
	if mean := ms / 1000 / intervals; mean < 55 || mean > 65 {
		t.Errorf("an interval is %.1f s, want a minute", mean)
	}
	// A guest that has to wait for its processor writes less often, never more.
	if each := bytes / (1 << 20) / (ms / 60000); each < 4 || each > 13 {
		t.Errorf("%.1f MiB written a minute, want up to 12", each)
	}
}

// run lets a command speak for itself: a guest takes minutes.
func run(t *testing.T, c *exec.Cmd) {
	t.Helper()
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	if err := c.Run(); err != nil {
		t.Fatalf("%s: %v", filepath.Base(c.Path), err)
	}
}
