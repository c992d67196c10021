package render

import (
	"context"
	"encoding/json"
	"errors"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestWriteWholeOrNot(t *testing.T) {
	dir := t.TempDir()
	out, err := openFolder(filepath.Join(dir, "a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"one", "another"} {
		if err := out.write("f", []byte(text)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, "a", "b", "f"))
		if err != nil || string(got) != text {
			t.Errorf("file is %q, %v", got, err)
		}
	}
	if err := os.Mkdir(filepath.Join(out.path, "taken"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := out.write("taken", []byte("x")); err == nil {
		t.Error("a folder was written over")
	}
	left, err := os.ReadDir(out.path)
	if err != nil || len(left) != 2 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := openFolder(file); err == nil {
		t.Error("a file was taken for a folder")
	}
}

// While a file is written, and when that fails, its old content is there and nothing
// else; a program that has it open can still read it.
func TestOldFileUntilTheNewOneIsWhole(t *testing.T) {
	dir := t.TempDir()
	out, err := openFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "f")
	if err := out.write("f", []byte("old")); err != nil {
		t.Fatal(err)
	}
	open, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	fail := errors.New("half way")
	for _, end := range []error{fail, nil} {
		err := out.fill("f", func(w io.Writer) error {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil { // more than any buffer
				return err
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != "old" {
				t.Errorf("half way, the file has %d bytes (%v)", len(got), err)
			}
			return end
		})
		if !errors.Is(err, end) {
			t.Errorf("%v, want %v", err, end)
		}
		want := map[bool]int{true: len("old"), false: 1 << 20}[end != nil]
		if got, err := os.ReadFile(path); err != nil || len(got) != want {
			t.Errorf("after %v the file has %d bytes (%v)", end, len(got), err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 1 {
			t.Errorf("after %v there are %v", end, left)
		}
	}
	if got, err := io.ReadAll(open); err != nil || string(got) != "old" {
		t.Errorf("who had the old file open reads %d bytes (%v)", len(got), err)
	}
}

// A report goes only into a folder that is empty or has a report. Any other folder stays
// as it is.
func TestForeignFolder(t *testing.T) {
	src := made{luns: madeLUNs(1), start: monday, every: time.Minute, n: 10}.source()
	draw := func(dir string) error {
		_, err := Report(context.Background(), src, Options{Out: dir, From: monday, To: monday.Add(10 * time.Minute), Width: LeastWidth, level: png.NoCompression})
		return err
	}
	for _, tt := range []struct {
		name  string
		files map[string]string
		ours  bool
	}{
		{"empty", nil, true},
		{"a filesystem's own folder", map[string]string{"lost+found": ""}, true},
		{"a page", map[string]string{"index.html": "<h1>mine</h1>"}, false},
		{"another page", map[string]string{"style.css": ""}, false},
		{"a hidden file", map[string]string{".htaccess": ""}, false},
		{"a report.json of something else", map[string]string{"report.json": `{"title": "x"}`}, false},
		{"no JSON", map[string]string{"report.json": "lunstat"}, false},
		{"an array", map[string]string{"report.json": `["made_by", "lunstat"]`}, false},
		{"cut off", map[string]string{"report.json": `{"made_by": "lunstat", "pictures": ["x`}, false},
		{"another's, by name", map[string]string{"report.json": `{"made_by": "another", "pictures": []}`}, false},
		{"what a killed report leaves", map[string]string{"lun-a.png": "", "disk-io.svg": "", ".lunstat-12": ""}, true},
		{"a picture of somebody's under our name", map[string]string{"week.png": "\x89PNG\r\n\x1a\nmine"}, false},
		{"and a report.json of ours", map[string]string{"week.png": "\x89PNG\r\n\x1a\nmine", "report.json": `{"made_by": "lunstat", "pictures": ["disk-io.png"]}`}, false},
		{"and one that lists it, of before there were marks", map[string]string{"week.png": "\x89PNG\r\n\x1a\nmine", "report.json": `{"made_by": "lunstat", "pictures": ["week.png"]}`}, true},
		{"pictures of somebody's", map[string]string{"Lun A.png": "", "disk-io.jpg": ""}, false},
	} {
		dir := t.TempDir()
		for name, content := range tt.files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		err := draw(dir)
		var foreign *ForeignFolderError
		if tt.ours != (err == nil) || !tt.ours && !errors.As(err, &foreign) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if tt.ours {
			continue
		}
		left, _ := os.ReadDir(dir)
		if len(left) != len(tt.files) {
			t.Errorf("%s: %v are there", tt.name, left)
		}
		for name, want := range tt.files {
			if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
				t.Errorf("%s: %s has %q (%v)", tt.name, name, got, err)
			}
		}
	}
	dir := t.TempDir()
	if err := draw(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{pageFile, numbersFile} { // it was killed before it wrote them
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := draw(dir); err != nil {
		t.Errorf("after a report that was killed: %v", err)
	}
	dir = t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, numbersFile), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := draw(dir); err == nil {
		t.Error("a pipe was taken for a report.json")
	}
}

// A report removes the pictures of the one before it that are no longer in it, those
// in other formats too, and nothing else.
func TestOldPicturesAreRemoved(t *testing.T) {
	dir := t.TempDir()
	src := made{luns: madeLUNs(3), start: monday, every: time.Minute, n: 10, space: func(int, int) int { return 500 }}.source()
	o := Options{Out: dir, From: monday, To: monday.Add(10 * time.Minute), Width: LeastWidth, Formats: []string{"png", "svg"}, level: png.NoCompression}
	draw := func() Result {
		t.Helper()
		r, err := Report(context.Background(), src, o)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	there := func() []string {
		t.Helper()
		list, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range list {
			names = append(names, e.Name())
		}
		return names
	}
	draw()
	if err := os.WriteFile(filepath.Join(dir, "lun-mine.png"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	o.Formats, o.Keys = nil, src.keysOf("LVM-0001")
	r := draw()
	want := append(slices.Clone(r.Files), "lun-mine.png")
	slices.Sort(want)
	if got := there(); !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
	// One of a lunstat that had no mark is known, and its pictures are removed.
	old := map[string]any{}
	content, err := os.ReadFile(filepath.Join(dir, numbersFile))
	if err == nil {
		err = json.Unmarshal(content, &old)
	}
	if err != nil {
		t.Fatal(err)
	}
	delete(old, "made_by")
	delete(old, "pictures")
	old["luns"] = []any{map[string]any{"picture": "lun-gone.png"}, map[string]any{"picture": "../lun-mine.png"}, map[string]any{"picture": r.Files[len(r.Files)-1]}}
	content, err = json.Marshal(old)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{numbersFile: content, "lun-gone.png": nil} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	draw()
	if got := there(); !slices.Equal(got, want) {
		t.Errorf("after an old report there are %q, want %q", got, want)
	}
	// What became a folder or a link is left alone.
	picture := slices.IndexFunc(r.Files, func(f string) bool { return strings.HasPrefix(f, "lun-") })
	path := filepath.Join(dir, r.Files[picture])
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("lun-mine.png", path); err != nil {
		t.Fatal(err)
	}
	o.Keys = src.keysOf("LVM-0000")
	draw()
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("a link was removed: %v", err)
	}
}
