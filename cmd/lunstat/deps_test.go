package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows says which rooms of the house each room may know; all arrows point down.
// A room that is not listed may know none.
func arrows() map[string][]string {
	below := []string{"collector/series", "mapper"}
	return map[string][]string{
		"cmd/lunstat":     {"*"},
		"render":          {"render/draw", "render/calendar", "render/facts", "collector/series", "mapper"},
		"render/draw":     nil, // it knows no LUN: any gonum plot draws on it
		"render/calendar": nil, // dates and zones are everybody's
		"render/facts":    below,
		"collector":       below,
		// What status says is of no use to the minute itself: the collector never imports it.
		"collector/health":    {"collector", "collector/series", "mapper"},
		"collector/series":    {"mapper"},
		"collector/journal":   below,
		"collector/influx":    below,
		"collector/sysstat":   below,
		"collector/zmstat":    below,
		"collector/clariion":  below,
		"collector/mailstore": below,
		"mapper":              nil,
		"mapper/hosttest":     {"mapper"},
		"collector/storetest": below,
	}
}

// forbidden are packages of others that a room must not import, and why.
func forbidden() map[string]string {
	return map[string]string{
		// Package plot itself may be linked: each start pays 0.9 ms for its fonts, and in
		// turn all pictures are gonum's plots and there is no other engine to learn.
		"gonum.org/v1/plot/plotter": "its plotters have no gaps and no pixel columns; render has its own",
		"github.com/spf13/cobra":    "flags belong to cmd",
		"github.com/spf13/viper":    "the config belongs to cmd; packages get plain structs",
		"github.com/spf13/pflag":    "flags belong to cmd",
		"time/tzdata":               "which zones there are is the command's to say",
	}
}

// TestArrows reads the imports of all files, tests aside: those may look further.
func TestArrows(t *testing.T) {
	root := "../.."
	rooms := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		rooms++
		room, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		checkImports(t, path, filepath.ToSlash(room))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if rooms < 10 {
		t.Errorf("only %d files seen: the walk is wrong", rooms)
	}
}

// checkImports holds one file's imports against the arrows.
func checkImports(t *testing.T, path, room string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	allowed := arrows()[room]
	for _, spec := range file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Error(err)
			continue
		}
		if why, bad := forbidden()[name]; bad && (room != "cmd/lunstat" || strings.HasPrefix(name, "gonum.org/")) {
			t.Errorf("%s imports %s: %s", path, name, why)
		}
		if ours, ok := strings.CutPrefix(name, "lunstat/"); ok && !slices.Contains(allowed, "*") && !slices.Contains(allowed, ours) {
			t.Errorf("%s imports %s: %s may know only %v", path, name, room, allowed)
		}
	}
}

// TestCollectStaysLight: what is linked is initialised at every start, so neither
// gonum's plotters nor a test's helpers may come in by way of another package.
func TestCollectStaysLight(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command to ask")
	}
	cmd := exec.Command(goTool, "list", "-deps", ".")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	linked := strings.Fields(string(out))
	if !slices.Contains(linked, "lunstat/cmd/lunstat") {
		t.Fatalf("go list doesn't name the command itself: %q", out)
	}
	for _, name := range linked {
		switch {
		case name == "gonum.org/v1/plot/plotter":
			t.Errorf("%s is linked: %s", name, forbidden()[name])
		case name == "testing", strings.HasSuffix(name, "test") && strings.HasPrefix(name, "lunstat/"):
			t.Errorf("%s is linked: it is for tests", name)
		}
	}
}

// modernc.org/libc is the C library that this very version of SQLite was
// translated against: an update of one without the other may miscalculate.
func TestLibcIsSQLites(t *testing.T) {
	module := func(path string) (version, dir string) {
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}} {{.Dir}}", path).Output()
		if err != nil {
			t.Fatalf("go list -m %s: %v", path, err)
		}
		version, dir, _ = strings.Cut(strings.TrimSpace(string(out)), " ")
		return version, dir
	}
	libc, _ := module("modernc.org/libc")
	_, dir := module("modernc.org/sqlite")
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "modernc.org/libc " + libc + "\n"; !strings.Contains(string(text), want) {
		t.Errorf("go.mod has modernc.org/libc %s, which is not the one that sqlite asks for", libc)
	}
}
