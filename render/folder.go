package render

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"lunstat/mapper"
)

const (
	pageFile    = "index.html"
	numbersFile = "report.json"
)

// maker stands in report.json, with the pictures that belong to it: the mark by which
// a report's folder is known.
const maker = "lunstat"

// folder is where a report's files go.
type folder struct {
	path string
	old  []string // the pictures of an earlier report
}

// ForeignFolderError says that a folder has files that no report wrote. A report
// would overwrite an index.html of somebody else's.
type ForeignFolderError struct {
	Path  string
	Files []string // some of them
}

func (e *ForeignFolderError) Error() string {
	return fmt.Sprintf("report folder %s: it has files that are not a report's: %s", e.Path, strings.Join(e.Files, ", "))
}

// openFolder makes the folder, or takes one that is empty or an earlier report's. It
// makes sure that it can be written, so that an unwritable one is said before any work
// is done.
func openFolder(path string) (*folder, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("report folder: %w", err)
	}
	f := &folder{path: path}
	if err := f.known(); err != nil {
		return nil, err
	}
	probe, err := os.CreateTemp(path, mapper.WholeTemp)
	if err != nil {
		return nil, fmt.Errorf("report folder: %w", err)
	}
	probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return nil, fmt.Errorf("report folder: %w", err)
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
		if !temp && !isPicture(n.Name()) && n.Name() != "lost+found" {
			foreign = append(foreign, n.Name())
		}
	}
	if len(foreign) == 0 {
		return nil
	}
	old, err := readMark(filepath.Join(f.path, numbersFile))
	if err != nil {
		return &ForeignFolderError{f.path, foreign[:min(len(foreign), 3)]}
	}
	f.old = old
	return nil
}

// isPicture reports whether a report could have written a picture of that name.
func isPicture(name string) bool {
	return regexp.MustCompile(`^(week|disk-(io|busy|space)|lun-[a-z0-9._-]+)\.(png|svg|pdf)$`).MatchString(name)
}

// mostMark is above what a report of thousands of LUNs has in its report.json.
const mostMark = 1 << 30

// errNoMark: a report.json is not lunstat's.
var errNoMark = errors.New("not lunstat's")

// readMark gives the pictures that a report says it has. One of a lunstat that didn't
// name itself yet is known by what it has, and its pictures by its LUNs.
func readMark(path string) (pictures []string, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNoMark
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var m mark
	if err := m.read(json.NewDecoder(io.LimitReader(bufio.NewReader(file), mostMark))); err != nil {
		return nil, err
	}
	return m.pictures()
}

// mark is what is read of a report.json.
type mark struct {
	by     string
	listed []string
	luns   []string
	has    []string // the names at its top
}

// read goes through the top of the file, a LUN at a time: a report's numbers may be
// hundreds of megabytes.
func (m *mark) read(d *json.Decoder) error {
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return errNoMark
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		key, _ := name.(string)
		m.has = append(m.has, key)
		switch key {
		case "made_by":
			err = d.Decode(&m.by)
		case "pictures":
			err = d.Decode(&m.listed)
		case "luns":
			err = m.readLUNs(d)
		default:
			var skip json.RawMessage
			err = d.Decode(&skip)
		}
		if err != nil {
			return err
		}
		if m.by == maker && m.listed != nil {
			return nil
		}
	}
	return nil
}

func (m *mark) readLUNs(d *json.Decoder) error {
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		return errNoMark
	}
	for d.More() {
		var l struct{ Picture string }
		if err := d.Decode(&l); err != nil {
			return err
		}
		m.luns = append(m.luns, l.Picture)
	}
	_, err := d.Token()
	return err
}

// pictures are those that are the report's to remove.
func (m *mark) pictures() ([]string, error) {
	list := m.listed
	if m.by != maker {
		for _, name := range []string{"bin_seconds", "column_seconds", "completeness", "busy_hour", "luns"} {
			if !slices.Contains(m.has, name) {
				return nil, errNoMark
			}
		}
		list = slices.Concat(m.luns, []string{"disk-io.png", "disk-busy.png", "disk-space.png"})
	}
	return slices.DeleteFunc(slices.Clone(list), func(name string) bool { return !isPicture(name) }), nil
}

// inFormats are pictures in all formats that they may have been drawn in.
func inFormats(pictures []string) []string {
	var out []string
	for _, p := range pictures {
		for _, ext := range []string{".png", ".svg", ".pdf"} {
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
		if err != nil || !info.Mode().IsRegular() {
			continue // gone, or no longer what was written
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// write puts a file in place as a whole or not at all: a web server that serves
// the folder never shows half a picture.
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
