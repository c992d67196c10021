// Command lunstat shows which LUN is which, what each of them does, and what it did. From
// cron it samples the host's LUNs and draws the weekly report, and it answers "what is
// dm-13?".
//
// This package is the only one that knows all others. It turns flags and configuration
// into plain structs, and results and errors into text and an exit status. Everything
// that can be decided without a terminal is decided elsewhere. Start with [run]. Each
// command has its own file.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // for hosts without zoneinfo: a report is drawn in the admin's zone
)

func main() { start(systemEnv()) }

// start runs the process's arguments in e, and ends the process.
func start(e *env) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], e))
}
