package render

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const (
	pageFile    = "index.html"
	numbersFile = "report.json"
)

// folder is where a report's files go.
type folder struct{ path string }

// openFolder makes the folder and makes sure that it can be written, so that an
// unwritable one is said before any work is done.
func openFolder(path string) (*folder, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("report folder: %w", err)
	}
	probe, err := os.CreateTemp(path, ".lunstat-*")
	if err != nil {
		return nil, fmt.Errorf("report folder: %w", err)
	}
	probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return nil, fmt.Errorf("report folder: %w", err)
	}
	return &folder{path}, nil
}

// write puts a file in place as a whole or not at all: a web server that serves
// the folder never shows half a picture.
func (f *folder) write(name string, content []byte) error {
	return f.fill(name, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// fill is write for what is too large to be held whole.
func (f *folder) fill(name string, with func(io.Writer) error) (err error) {
	tmp, err := os.CreateTemp(f.path, ".lunstat-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	w := bufio.NewWriterSize(tmp, 64<<10)
	if err := with(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := tmp.Chmod(0o644); err != nil { // others read reports
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), filepath.Join(f.path, name))
}

// maxSlug keeps a file name readable in a listing.
const maxSlug = 48

// slugs gives each name a short one of lower-case ASCII letters, digits, dots and
// hyphens, safe in any filesystem, shell and URL. A name that loses something on
// the way, or that meets another, gets a hash of itself: no two are ever the
// same, and a name's slug doesn't change because another LUN came.
type slugs map[string]string // slug → the name it stands for

func (s slugs) of(name string) string {
	slug := plain(name)
	if slug != strings.ToLower(name) || s.taken(slug, name) {
		slug = strings.Trim(cut(slug, maxSlug-9), "-.") + "-" + hash(name)
		slug = strings.TrimPrefix(slug, "-")
	}
	s[slug] = name
	return slug
}

func (s slugs) taken(slug, name string) bool {
	have, ok := s[slug]
	return ok && have != name || len(slug) > maxSlug || slug == ""
}

// plain keeps what is safe, and puts one hyphen for each run of the rest.
func plain(name string) string {
	var b strings.Builder
	hyphen := false
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			b.WriteRune(r)
			hyphen = r == '-'
		case !hyphen:
			b.WriteByte('-')
			hyphen = true
		}
	}
	return strings.Trim(b.String(), "-.")
}

func cut(s string, n int) string { return s[:min(len(s), n)] }

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:4])
}
