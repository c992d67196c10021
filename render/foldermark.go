package render

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"time"
)

// mostMark is more than the report.json of thousands of LUNs has, in bytes.
const mostMark = 1 << 30

// errNoMark: a report.json is not lunstat's.
var errNoMark = errors.New("not lunstat's")

// readMark gives the pictures that a report says it has. A report of a lunstat that didn't
// name itself yet is known by what it has, and its pictures by its LUNs.
func readMark(path string) (pictures []string, err error) {
	var m mark
	if err := m.readFile(path, mostMark); err != nil && (m.by != maker || m.listed == nil) {
		return nil, err
	}
	return m.pictures()
}

// readFile reads a report.json of at most so many bytes.
func (m *mark) readFile(path string, most int64) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errNoMark
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return m.read(json.NewDecoder(io.LimitReader(bufio.NewReader(file), most)))
}

// mark is what is read of a report.json.
type mark struct {
	by     string
	listed []string
	luns   []string
	has    []string // the names at its top

	title    string
	from, to time.Time
	findings []markFinding
}

// markFinding is a finding as the list of weeks needs it.
type markFinding struct {
	Text   string
	PartOf string `json:"part_of"`
}

// leading is how many findings have to be read.
func (m *mark) leading() int {
	n := 0
	for _, f := range m.findings {
		if f.PartOf == "" {
			n++
		}
	}
	return n
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
		case "title":
			err = d.Decode(&m.title)
		case "from":
			err = d.Decode(&m.from)
		case "to":
			err = d.Decode(&m.to)
		case "findings":
			err = d.Decode(&m.findings)
		case "luns":
			if m.by == maker {
				return nil
			}
			err = m.readLUNs(d)
		default:
			var skip json.RawMessage
			err = d.Decode(&skip)
		}
		if err != nil {
			return err
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
