package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
)

// The demo's own I/O: enough to be seen, little enough to harm nobody.
const (
	loadBlock  = 4096 // direct I/O wants whole blocks
	loadBlocks = 4096 // a file of 16 MiB
	loadRate   = 60   // I/Os a second
)

// startLoad does a little direct I/O on a file in the current folder until stop is
// called, which also removes the file. Where that can't be had, the demo goes on
// without.
func startLoad(e *env) (stop func()) {
	f, err := loadFile()
	if err != nil {
		sayWarning(e.Stderr, "warning", series.Warning{What: fmt.Sprintf("can't read and write a small file here, so this machine may show no I/O: %v", err)})
		return func() {}
	}
	end := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		defer f.Close()
		defer os.Remove(f.Name())
		readAndWrite(f, end)
	})
	return func() { close(end); done.Wait() }
}

// loadFile makes the file. Some filesystems (tmpfs) have no direct I/O: there each
// write is synchronous instead.
func loadFile() (*os.File, error) {
	name := fmt.Sprintf(".lunstat-demo-%d", os.Getpid())
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|unix.O_DIRECT, 0o600)
	if errors.Is(err, unix.EINVAL) {
		f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC|os.O_SYNC, 0o600)
	}
	return f, err
}

// readAndWrite fills the file and then reads and writes single blocks of it, busier every
// third ten seconds, so that the pictures have something to show.
func readAndWrite(f *os.File, end <-chan struct{}) {
	buffer, err := unix.Mmap(-1, 0, 256*loadBlock, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE) // aligned, as direct I/O wants it
	if err != nil {
		return
	}
	defer unix.Munmap(buffer)
	for at := 0; at < loadBlocks*loadBlock; at += len(buffer) {
		if _, err := f.WriteAt(buffer, int64(at)); err != nil {
			return // a full disk: leave it alone
		}
	}
	tick := time.NewTicker(time.Second / loadRate)
	defer tick.Stop()
	began := time.Now()
	for n := 0; ; n++ {
		select {
		case <-end:
			return
		case now := <-tick.C:
			ios := 1
			if int(now.Sub(began)/(10*time.Second))%3 == 1 {
				ios = 4
			}
			for range ios {
				at := int64(rand.IntN(loadBlocks)) * loadBlock
				if n%3 == 0 {
					_, err = f.WriteAt(buffer[:loadBlock], at)
				} else {
					_, err = f.ReadAt(buffer[:loadBlock], at)
				}
				if err != nil {
					return
				}
			}
		}
	}
}
