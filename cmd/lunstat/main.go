// Command lunstat says which LUN is which, what each of them does, and what it
// did: it samples the host's LUNs from cron, draws the weekly report, and answers
// "what is dm-13?".
//
// This package is the only room of the house that knows all others. It turns
// flags and configuration into plain structs, and results and errors into text
// and an exit status; whatever can be decided without a terminal is decided
// elsewhere. Start at [run]. One command stands in one file.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // for hosts without zoneinfo: a report is drawn in the admin's zone
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], systemEnv()))
}
