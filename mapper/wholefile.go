package mapper

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// WholeTemp matches the temporary names that [WriteWhole] uses. A process that was
// killed leaves such a file behind.
const WholeTemp = ".lunstat-*"

// WriteWhole writes a file under a temporary name in the same folder and renames it. So
// a reader sees the old file or the new one, even after a power failure. A name that is
// a symbolic link is replaced, not followed.
func WriteWhole(name string, mode fs.FileMode, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), WholeTemp)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // after the rename there is nothing to remove
	w := bufio.NewWriterSize(f, 64<<10)
	if err = write(w); err == nil {
		err = errors.Join(w.Flush(), f.Chmod(mode), f.Sync()) // synced, or a power failure leaves an empty file
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
