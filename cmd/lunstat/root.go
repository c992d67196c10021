package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lunstat/mapper"
)

// run carries out one command line, given without the program's name, and
// returns the exit status: 0 done, 1 it could not be done, 2 wrong usage.
func run(ctx context.Context, args []string, e *env) int {
	root := newRootCommand(e)
	addCompletion(root)
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		completeWords(e, root) // not at every start: it costs the collector some of its minute
	}
	root.SetArgs(slices.Concat([]string{}, args)) // of nil cobra makes os.Args
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && !e.started {
		err = asUsage(err, cmd)
		if isPlugin(cmd) {
			sayWrongUsage(e.Stdout, args, err)
		}
	}
	if lost := failed(e.Stdout); lost != nil && (err == nil || !e.started) {
		err = lost
		if isPlugin(cmd) {
			err = withStatus(lost, statusUnknown)
		}
	}
	return explain(e.Stderr, err)
}

// addCompletion adds cobra's command for shells, and has it refuse shells that it
// doesn't know.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	if c, _, err := root.Find([]string{"completion"}); err == nil {
		c.Args = knownCommand
		c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
}

// newRootCommand is the command line as a whole. A command is added here and
// has its own file.
func newRootCommand(e *env) *cobra.Command {
	root := &cobra.Command{
		Use:   "lunstat",
		Short: "Show which LUN is which, what it does, and what it did",
		Long: `lunstat names the LUNs of a host, records what they do once a minute, draws the
pictures of a week, and tells you what dm-13 is.

Exit status: 0 done, 1 failed, 2 wrong usage. "lunstat status" has the exit status of a
Nagios plugin.`,
		Version:       version(),
		Args:          knownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceUsage:  true, // or each failure prints the help
		SilenceErrors: true, // failure.go prints them
	}
	root.SetIn(e.Stdin)
	root.SetOut(e.Stdout)
	root.SetErr(e.Stderr)
	root.SetVersionTemplate("lunstat {{.Version}}\n")
	root.PersistentFlags().StringVar(&e.configFile, "config", "", "read the config from `FILE` instead of ~/.config/lunstat/config.yaml or /etc/lunstat/config.yaml")
	root.PersistentFlags().StringVar(&e.journalPath, "journal", "", "use the journal in `FILE` instead of the config's or the default one")
	help := newHelpCommand()
	root.SetHelpCommand(help)
	root.AddCommand(append(commands(e), help)...)
	markStart(e, root)
	return root
}

// commands are lunstat's own.
func commands(e *env) []*cobra.Command {
	return []*cobra.Command{
		newCollectCommand(e),
		newReportCommand(e),
		newLookupCommand(e),
		newNamesCommand(e),
		newWatchCommand(e),
		newExportCommand(e),
		newStatusCommand(e),
		newNoteCommand(e),
		newConfigCommand(e),
		newForwardCommand(e),
		newSetupCommand(e),
		newDemoCommand(e),
		newAskMountCommand(),
	}
}

// markStart notes when a command begins. Cobra returns what is wrong with flags
// and arguments in many shapes, with nothing in common but that they come before.
func markStart(e *env, cmd *cobra.Command) {
	if begin := cmd.RunE; begin != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			e.started = true
			return begin(cmd, args)
		}
	}
	for _, c := range cmd.Commands() {
		markStart(e, c)
	}
}

// knownCommand refuses what is not the name of a command, and says what is near.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	err := fmt.Errorf("no command %q", strings.Join(append(strings.Fields(cmd.CommandPath())[1:], args[0]), " "))
	if n := mapper.Near(args[0], names); len(n) > 0 {
		return withHint(err, "near: "+strings.Join(n, ", "))
	}
	return err
}

// newHelpCommand replaces cobra's, which answers an unknown command with status 0.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show what a command does and which flags it has",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil {
				return usageError{err}
			}
			if err := knownCommand(about, rest); err != nil {
				return usageError{err}
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}
