package render

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"lunstat/mapper"
	"lunstat/render/draw"
)

const (
	pageFile    = "index.html"
	numbersFile = "report.json"
)

// maker is in report.json, with the pictures that belong to it: the mark by which a
// report's folder is known.
const maker = "lunstat"

// folder is where a report's files go.
type folder struct {
	path   string
	old    []string // the pictures of an earlier report
	marked bool     // which carry a mark, as those of old don't
}

// ForeignFolderError says that a folder has files that no report wrote. A report would
// overwrite somebody else's index.html.
type ForeignFolderError struct {
	Path  string
	Files []string // some of them
}

func (e *ForeignFolderError) Error() string {
	return fmt.Sprintf("report folder %s: it has files that don't belong to a report: %s", e.Path, strings.Join(e.Files, ", "))
}

// openFolder makes the folder, or takes one that is empty or an earlier report's.
func openFolder(path string) (*folder, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("report folder: %w", err)
	}
	f := &folder{path: path}
	if err := f.known(); err != nil {
		return nil, err
	}
	return f, nil
}

// known reads the mark. Without one the folder has to be empty, but for what a report
// leaves that was killed before it wrote its mark.
func (f *folder) known() error {
	names, err := os.ReadDir(f.path)
	if err != nil {
		return fmt.Errorf("report folder: %w", err)
	}
	var foreign []string
	for _, n := range names {
		temp, _ := filepath.Match(mapper.WholeTemp, n.Name())
		if !temp && n.Name() != "lost+found" && !f.left(n) {
			foreign = append(foreign, n.Name())
		}
	}
	if len(foreign) == 0 {
		return nil
	}
	if err := f.readOld(); err != nil {
		return &ForeignFolderError{f.path, foreign[:min(len(foreign), 3)]}
	}
	return nil
}

// readOld finds out what an earlier report has. A lunstat that marks its pictures marks
// all of them: if one of a report has a mark, one without is somebody's.
func (f *folder) readOld() (err error) {
	if f.old, err = readMark(filepath.Join(f.path, numbersFile)); err != nil {
		return err
	}
	f.marked = slices.ContainsFunc(inFormats(f.old), func(name string) bool {
		info, err := os.Lstat(filepath.Join(f.path, name))
		return err == nil && info.Mode().IsRegular() && hasPictureMark(filepath.Join(f.path, name))
	})
	return nil
}

// left reports whether a file may be what a killed report left: a picture of ours, or one
// that is still empty.
func (f *folder) left(n fs.DirEntry) bool {
	return isPicture(n.Name()) && n.Type().IsRegular() && f.ours(n.Name())
}

// ours reports whether nothing is lost if a picture is replaced: it isn't there, is empty
// or carries our mark.
func (f *folder) ours(name string) bool {
	path := filepath.Join(f.path, name)
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true
	case err != nil || !info.Mode().IsRegular():
		return false
	case info.Size() == 0:
		return true
	}
	return hasPictureMark(path)
}

func hasPictureMark(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	marked, err := draw.IsMarked(file)
	return err == nil && marked
}

// spare refuses to replace what is neither ours nor an earlier report's.
func (f *folder) spare(names []string) error {
	listed := inFormats(f.old)
	var foreign []string
	for _, name := range names {
		switch name {
		case numbersFile: // it was looked at
			continue
		case pageFile:
			if f.oursPage() {
				continue
			}
		default:
			if f.ours(name) || slices.Contains(listed, name) && f.earlier(name) {
				continue
			}
		}
		foreign = append(foreign, name)
	}
	if len(foreign) > 0 {
		return &ForeignFolderError{f.path, foreign[:min(len(foreign), 3)]}
	}
	return nil
}

// earlier reports whether a picture that an earlier report names is that report's: those
// of old had no mark. A link in its place is nothing that is lost.
func (f *folder) earlier(name string) bool {
	info, err := os.Lstat(filepath.Join(f.path, name))
	switch {
	case err != nil || info.IsDir():
		return false
	case info.Mode().IsRegular():
		return !f.marked
	}
	return true
}

// oursPage reports whether nothing is lost if the page is replaced.
func (f *folder) oursPage() bool {
	page := filepath.Join(f.path, pageFile)
	info, err := os.Lstat(page)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true
	case err != nil || info.IsDir():
		return false
	}
	return !info.Mode().IsRegular() || info.Size() == 0 || isPage(page)
}

var pictureName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(week|disk-(io|busy|space)|lun-[a-z0-9._-]+)(@2x)?\.(png|svg|pdf)$`)
})

// isPicture reports whether a report could have written a picture of that name.
func isPicture(name string) bool {
	return pictureName().MatchString(name)
}

// sharpEnd ends the name of a picture for sharp screens, before its format.
const sharpEnd = "@2x"

// inFormats are pictures in all formats that they may have been drawn in.
func inFormats(pictures []string) []string {
	var out []string
	for _, p := range pictures {
		for _, ext := range []string{".png", sharpEnd + ".png", ".svg", ".pdf"} {
			out = append(out, strings.TrimSuffix(p, filepath.Ext(p))+ext)
		}
	}
	return out
}

// clean removes the pictures of an earlier report that this one didn't write again.
// What it can't remove stays, and is said.
func (f *folder) clean(wrote []string) error {
	var all []error
	for _, name := range inFormats(f.old) {
		if slices.Contains(wrote, name) {
			continue
		}
		path := filepath.Join(f.path, name)
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || f.marked && !f.ours(name) {
			continue // gone, or no longer what was written
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// write puts a file in place whole or not at all: a web server that serves the folder
// never shows half a picture.
func (f *folder) write(name string, content []byte) error {
	return f.fill(name, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// fill is write for what is too large to be held whole. Others read reports.
func (f *folder) fill(name string, with func(io.Writer) error) error {
	return mapper.WriteWhole(filepath.Join(f.path, name), 0o644, with)
}
