package mapper

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestWriteWhole: a file appears whole, or stays what it was, and nothing else is left.
func TestWriteWhole(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.json")
	put := func(text string, err error) error {
		return WriteWhole(name, 0o640, func(w io.Writer) error {
			_, e := io.WriteString(w, text)
			return errors.Join(e, err)
		})
	}
	broken := errors.New("broken")
	for _, step := range []struct {
		text string
		err  error
		want string
	}{{"one", nil, "one"}, {"two, and half of thr", broken, "one"}, {"three", nil, "three"}} {
		if err := put(step.text, step.err); !errors.Is(err, step.err) {
			t.Errorf("%q: %v", step.text, err)
		}
		got, err := os.ReadFile(name)
		if err != nil || string(got) != step.want {
			t.Errorf("after %q: %q, %v; want %q", step.text, got, err, step.want)
		}
	}
	if info, err := os.Stat(name); err != nil || info.Mode() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if all, err := os.ReadDir(filepath.Dir(name)); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
	if err := WriteWhole(filepath.Join(name, "no folder"), 0o644, func(io.Writer) error { return nil }); err == nil {
		t.Error("a file was written into a file")
	}
}
