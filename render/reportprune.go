package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// keepWeeks separates the reports of the newest weeks from those to remove. A week may
// have several reports, one for each group, and reports that end now end seconds apart:
// the calendar week counts. The report that was just drawn, which ends at to, and newer
// ones stay. All times are in one zone.
func keepWeeks(all []weekReport, keep int, current string, to time.Time) (kept, old []weekReport) {
	seen := map[isoWeek]bool{weekUpTo(to): true}
	for _, w := range all {
		seen[weekUpTo(w.To)] = true
		if len(seen) <= keep || w.Folder == current || !w.To.Before(to) {
			kept = append(kept, w)
		} else {
			old = append(old, w)
		}
	}
	return kept, old
}

type isoWeek struct{ year, week int }

// weekUpTo is the calendar week of a range's last instant: a range that ends on Monday
// at midnight is of the week before.
func weekUpTo(to time.Time) isoWeek {
	year, week := to.Add(-time.Nanosecond).ISOWeek()
	return isoWeek{year, week}
}

// removeReport removes a report's own files, and its folder if nothing else is in it.
// report.json goes last: if it fails before, the next report tries again.
func removeReport(path string) error {
	before, err := os.Lstat(path)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return err
	}
	defer root.Close()
	// The folder that was opened is the one that was looked at, no link that came since.
	if now, err := root.Stat("."); err != nil || !os.SameFile(before, now) {
		return fmt.Errorf("%s: it changed while it was looked at", path)
	}
	f := folder{path: path}
	if err := f.readOld(); err != nil {
		return err
	}
	own := inFormats(f.old)
	if f.marked {
		own = slices.DeleteFunc(own, func(name string) bool { return !f.ours(name) })
	}
	if isPage(filepath.Join(path, pageFile)) {
		own = append(own, pageFile)
	}
	for _, name := range append(own, numbersFile) {
		if info, err := root.Lstat(name); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	_ = os.Remove(path) // other files in it are somebody's
	return nil
}

// isPage reports whether a page is a report's, of old or of today.
func isPage(path string) bool { return hasMark(path) || has(path, mostPage, oldMark) }

// hasMark reports whether a page is lunstat's.
func hasMark(path string) bool {
	return has(path, markWithin, generatorMark)
}

// markWithin is how far from its beginning a page has its mark.
const markWithin = 2048

// oldMark is in the pages of a lunstat that didn't mark them yet, at their end.
const oldMark = `<a href="report.json">report.json</a>`

// mostPage is more than a page has, in bytes.
const mostPage = 64 << 20

// has reports whether the first bytes of a file have a text.
func has(path string, bytesRead int64, text string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	head, err := io.ReadAll(io.LimitReader(file, bytesRead))
	return err == nil && bytes.Contains(head, []byte(text))
}
