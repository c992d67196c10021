package main

import (
	"os/exec"
	"syscall"

	"github.com/spf13/cobra"

	"lunstat/collector"
)

// newAskMountCommand is what the collector starts for a mount that hangs.
func newAskMountCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "ask-mount MOUNT MARKER",
		Hidden: true,
		Args:   cobra.ExactArgs(2),
		RunE:   func(_ *cobra.Command, args []string) error { return collector.AskMount(args[0], args[1]) },
	}
}

// askApart starts this program once more, in a session of its own and with none of
// the collector's files open, to ask a mount that may hang for days.
func askApart(mount, marker string) error {
	cmd := exec.Command("/proc/self/exe", "ask-mount", "--", mount, marker)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}
