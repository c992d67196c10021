package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"lunstat/mapper"
)

// writeOut writes the file that --out names. A regular file, or one that isn't there
// yet, appears whole or not at all, behind a symbolic link too. A character device or
// a pipe is written to and stays what it is. Folders, sockets and block devices are
// refused: nobody wants a LUN to be overwritten with its own statistics.
func writeOut(ctx context.Context, name string, write func(io.Writer) error) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = wholeFile(name, 0o644, write)
	case err != nil:
	case info.Mode().IsRegular():
		err = wholeFile(name, info.Mode().Perm(), write)
	case info.Mode()&(fs.ModeNamedPipe|fs.ModeCharDevice) != 0:
		err = intoDevice(ctx, name, write)
	default:
		err = fmt.Errorf("it is %s, not a file", mapper.FileKind(info.Mode()))
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// isStdout reports whether a name is standard output's: -, or a name of the very file
// that it is, such as /dev/stdout. Replacing that one would lose what >> adds to.
func isStdout(stdout io.Writer, name string) bool {
	if name == "-" {
		return true
	}
	o, ok := stdout.(*output)
	if !ok {
		return false
	}
	open, err := o.file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(name)
	return err == nil && os.SameFile(open, named)
}

// wholeFile is [mapper.WriteWhole], but a symbolic link stays, and the file that it
// leads to is written.
func wholeFile(name string, mode fs.FileMode, write func(io.Writer) error) error {
	name, err := linkTarget(name)
	if err != nil {
		return err
	}
	return mapper.WriteWhole(name, mode, write)
}

// mostLinks is how many links the kernel follows, too.
const mostLinks = 40

// linkTarget follows symbolic links to the file that they lead to. It need not be
// there yet, which filepath.EvalSymlinks demands.
func linkTarget(name string) (string, error) {
	for range mostLinks {
		to, err := os.Readlink(name)
		if errors.Is(err, syscall.EINVAL) || errors.Is(err, fs.ErrNotExist) {
			return name, nil // no link
		}
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			dir, err := filepath.EvalSymlinks(filepath.Dir(name)) // "..", from where the link really is
			if err != nil {
				return "", err
			}
			to = filepath.Join(dir, to)
		}
		name = to
	}
	return "", syscall.ELOOP
}

// intoDevice writes to a device or a pipe. A pipe that nobody reads yet is waited
// for, as a shell does, until a signal comes.
func intoDevice(ctx context.Context, name string, write func(io.Writer) error) error {
	type opened struct {
		f   *os.File
		err error
	}
	done := make(chan opened, 1)
	go func() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		done <- opened{f, err}
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case o := <-done:
		if o.err != nil {
			return o.err
		}
		return errors.Join(write(o.f), o.f.Close())
	}
}
