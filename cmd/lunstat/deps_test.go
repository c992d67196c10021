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

// arrows says which rooms of the house each room may know, and why; all arrows point
// down. It lists every room, also those that know no other.
func arrows() map[string]map[string]string {
	const (
		words      = "readings, intervals and the rules that both stores follow"
		identities = "what a LUN is, and files read with a bound"
	)
	return map[string]map[string]string{
		"cmd/lunstat": {
			"cmd/lunstat/config":  "the settings",
			"cmd/lunstat/when":    "times as they are typed",
			"collector":           "collect",
			"collector/dmstats":   "the kernel's side of Histograms",
			"collector/health":    "status",
			"collector/influx":    "the store behind Sink and Source",
			"collector/journal":   "the store behind Journal and Source",
			"collector/mailstore": "the demo's simulated weeks",
			"collector/series":    words,
			"mapper":              "lookup, and the host's LUNs",
			"render":              "report",
			"render/facts":        "what status tells of the last day",
		},
		"cmd/lunstat/config": {
			"cmd/lunstat/when": "durations as values",
			"collector/influx": "which URLs its client takes",
			"collector/series": "hints of errors",
			"mapper":           "files read with a bound, and the key that was meant",
		},
		"cmd/lunstat/when": {
			"render/calendar": "days and hours in a zone whose clock changes",
		},
		"collector": {"collector/series": words, "mapper": identities},
		"collector/health": { // the collector never looks back at it
			"collector":        "what a run left: its state, lock and failures",
			"collector/series": words,
			"mapper":           identities,
		},
		"collector/dmstats": {"collector/series": words, "mapper": identities},
		"collector/series":  {"mapper": "the identity that a series belongs to"},
		"collector/journal": {
			"collector/journal/blob": "what it keeps as bytes",
			"collector/series":       words,
			"mapper":                 identities,
		},
		"collector/journal/blob": {
			"collector/series": "intervals, spaces and readings, whose bytes it makes",
			"mapper":           "the devices of a mapping",
		},
		"collector/influx":            {"collector/series": words, "mapper": identities},
		"collector/influx/influxtest": nil,
		"collector/mailstore":         {"collector/series": words, "mapper": identities},
		"collector/storetest":         {"collector/series": words, "mapper": identities},
		"collector/vmtest":            nil,
		"deploy/vmtest":               nil,
		"mapper":                      nil,
		"mapper/hosttest":             {"mapper": "the paths of the host that it makes"},
		"render": {
			"collector/series": words,
			"mapper":           "the ledger's entries: names, roles, colours",
			"render/calendar":  "days and weeks on the time axis",
			"render/draw":      "strokes, text and files of pictures",
			"render/facts":     "what the numbers say",
		},
		"render/calendar":          nil, // dates and zones are everybody's
		"render/calendar/zonetest": nil,
		"render/draw":              nil, // it knows no LUN: any gonum plot draws on it
		"render/facts": {
			"collector/series": words,
			"mapper":           identities,
			"render/calendar":  "hours in a zone whose clock changes",
		},
	}
}

// forbidden are packages of others that a room must not import, and why.
func forbidden() map[string]string {
	return map[string]string{
		// Package plot itself may be linked: it costs each start 0.9 ms for its fonts,
		// but all pictures are gonum's plots, and nobody has to learn another engine.
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
	rooms := make(map[string]map[string]bool) // and which others each of them imports
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
		room, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		room = filepath.ToSlash(room)
		if rooms[room] == nil {
			rooms[room] = make(map[string]bool)
		}
		checkImports(t, path, room, rooms[room])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	checkRooms(t, rooms)
}

// checkRooms compares the rooms that exist with the list of arrows.
func checkRooms(t *testing.T, rooms map[string]map[string]bool) {
	t.Helper()
	for room := range rooms {
		if _, listed := arrows()[room]; !listed {
			t.Errorf("%s is in no list: say in arrows which rooms it may know, and why", room)
		}
	}
	for room, targets := range arrows() {
		if rooms[room] == nil {
			t.Errorf("%s is listed, but there is no such room", room)
		}
		for target, why := range targets {
			if !rooms[room][target] {
				t.Errorf("%s may import %s, but it doesn't: take the arrow away", room, target)
			}
			if why == "" {
				t.Errorf("%s may know %s: no reason is given", room, target)
			}
		}
	}
}

// checkImports compares one file's imports with the arrows, and notes them.
func checkImports(t *testing.T, path, room string, imports map[string]bool) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	for _, spec := range file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Error(err)
			continue
		}
		inCommand := room == "cmd/lunstat" || strings.HasPrefix(room, "cmd/lunstat/")
		if why, bad := forbidden()[name]; bad && (!inCommand || strings.HasPrefix(name, "gonum.org/")) {
			t.Errorf("%s imports %s: %s", path, name, why)
		}
		ours, ok := strings.CutPrefix(name, "lunstat/")
		imports[ours] = ok
		if _, allowed := arrows()[room][ours]; ok && !allowed {
			t.Errorf("%s imports %s: arrows doesn't list that for %s", path, name, room)
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
