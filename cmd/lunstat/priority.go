package main

import (
	"os"
	"runtime/debug"
	"strconv"

	"golang.org/x/sys/unix"
)

// The collector gives way to everything that computes or waits for a disk.
const (
	collectNice = 10
	// ioprio_set(2): the best-effort class, lowest of its 8 levels. Not the idle
	// class, under which the journal's fsync might starve in just those minutes
	// that matter.
	ioprioWhoProcess = 1
	ioprioBestEffort = 2<<13 | 7
)

// lowerPriority lowers the CPU and I/O priority of each thread that there is, and
// so of those that they start. Where it isn't allowed, nothing is lost.
func lowerPriority() {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return
	}
	for _, t := range tasks {
		tid, err := strconv.Atoi(t.Name())
		if err != nil {
			continue
		}
		_ = unix.Setpriority(unix.PRIO_PROCESS, tid, collectNice)
		_, _, _ = unix.Syscall(unix.SYS_IOPRIO_SET, ioprioWhoProcess, uintptr(tid), ioprioBestEffort)
	}
}

// garbagePercent is GOGC of a minute, which ends with nearly all that it allocated still
// in use: at 1,000 LUNs a garbage collector at its usual 100 takes a fifth of the CPU to
// free a tenth of the memory.
const garbagePercent = 400

func collectGarbageSeldom() { collectGarbage(garbagePercent) }

// reportGarbage is GOGC of a report. Most of its memory is slices of numbers, which the
// garbage collector doesn't have to look into. At 200 LUNs this saves 50 MB of 200, and
// a few hundredths of the CPU pay for it.
const reportGarbage = 20

// collectGarbage changes nothing if somebody set GOGC.
func collectGarbage(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}
