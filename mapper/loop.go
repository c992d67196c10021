package mapper

import (
	"path"
	"path/filepath"
	"strings"
)

// LoopFiles gives, for each loop device, the kernel's name of the device on which its file
// lies. A file that is gone, or on no device of the host, gives nothing.
func LoopFiles(devs []LUN, p Paths) map[string]string {
	var x *index
	files := make(map[string]string)
	f := newFiles()
	for i := range devs {
		if !strings.HasPrefix(devs[i].Kernel, "loop") {
			continue
		}
		file := f.backingFile(p, devs[i].Kernel)
		if !path.IsAbs(file) || strings.HasSuffix(file, " (deleted)") {
			continue
		}
		if x == nil {
			x = newIndex(devs)
		}
		if found, _ := x.mountBelow(path.Clean(file), p); len(found) == 1 { // the kernel's path has no links
			files[devs[i].Kernel] = devs[found[0]].Kernel
		}
	}
	return files
}

// backingFile is the file of a loop device, as the kernel has it.
func (f *files) backingFile(p Paths, kernel string) string {
	dir, err := f.below(cwd, filepath.Join(p.Sys, "block"), sysfsName(kernel))
	if err != nil {
		return ""
	}
	defer f.close(dir)
	loop, err := f.dir(dir, "loop")
	if err != nil {
		return ""
	}
	defer f.close(loop)
	text, _ := f.read(loop, "backing_file")
	return text
}
