package render

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"lunstat/mapper"
)

// stage is a hidden folder in a report's folder, where its files wait until all of them
// are there. So a full disk, a signal or a kill while they are drawn leaves the earlier
// report whole.
type stage struct {
	folder
	lock *os.File // held as long as the process lives, so that others know it is in use
}

// stage makes one, and removes those of processes that were killed.
func (f *folder) stage() (*stage, error) {
	f.sweep()
	path, err := os.MkdirTemp(f.path, mapper.WholeTemp)
	if err != nil {
		return nil, fmt.Errorf("report folder: %w", err)
	}
	s := &stage{folder: folder{path: path}}
	if s.lock, err = os.Open(path); err == nil {
		_ = tryLock(s.lock) // without, it may be swept after a day
	}
	return s, nil
}

// close removes what is left of it.
func (s *stage) close() {
	_ = os.RemoveAll(s.path)
	if s.lock != nil {
		s.lock.Close()
	}
}

// leftAfter is the age at which a file under a temporary name no longer belongs to a
// running report.
const leftAfter = 24 * time.Hour

// sweep removes what killed processes left.
func (f *folder) sweep() {
	all, _ := os.ReadDir(f.path)
	for _, n := range all {
		path := filepath.Join(f.path, n.Name())
		info, err := n.Info()
		temp, _ := filepath.Match(mapper.WholeTemp, n.Name())
		if !temp || err != nil || !info.IsDir() && !info.Mode().IsRegular() {
			continue
		}
		old := time.Since(info.ModTime()) > leftAfter
		if old || info.IsDir() && unlocked(path) {
			_ = os.RemoveAll(path)
		}
	}
}

// unlocked reports that no process holds the lock of a stage.
func unlocked(path string) bool {
	dir, err := os.Open(path)
	if err != nil {
		return false
	}
	defer dir.Close()
	return tryLock(dir) == nil
}

// tryLock locks a folder until it is closed, or fails at once.
func tryLock(dir *os.File) error {
	return syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// mostWait is how long a report waits for another that puts its files into the same
// folder, which takes milliseconds.
const mostWait = 10 * time.Second

// take moves a report's files from its stage to their places, and removes the pictures of
// an earlier report that are not among them. The page comes last, since it points to all
// else. Two reports don't mix: each takes the whole folder for its own files.
func (f *folder) take(ctx context.Context, s *stage, files []string) error {
	dir, err := os.Open(f.path)
	if err != nil {
		return fmt.Errorf("report folder: %w", err)
	}
	defer dir.Close() // unlocks
	if err := locked(ctx, dir); err != nil {
		return fmt.Errorf("report folder %s: %w", f.path, err)
	}
	// Somebody may have written to it meanwhile.
	if err := f.known(); err != nil {
		return err
	}
	if err := f.spare(files); err != nil {
		return err
	}
	for i := len(files) - 1; i >= 0; i-- {
		if err := os.Rename(filepath.Join(s.path, files[i]), filepath.Join(f.path, files[i])); err != nil {
			return fmt.Errorf("report folder: %w", err)
		}
	}
	if err := f.clean(files); err != nil {
		return fmt.Errorf("removing an earlier report's pictures: %w", err)
	}
	return nil
}

// locked waits until no other report puts its files into the folder. A filesystem without
// locks has none to wait for.
func locked(ctx context.Context, dir *os.File) error {
	ctx, cancel := context.WithTimeoutCause(ctx, mostWait, errors.New("another report has been putting its files there for too long"))
	defer cancel()
	for {
		if !errors.Is(tryLock(dir), syscall.EWOULDBLOCK) {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
