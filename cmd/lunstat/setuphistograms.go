package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector"
	"lunstat/collector/dmstats"
	"lunstat/mapper"
)

func newSetupHistogramsCommand(e *env) *cobra.Command {
	remove := false
	cmd := &cobra.Command{
		Use:   "histograms",
		Short: "Let the kernel count how long each I/O takes, or stop it",
		Long: `setup histograms makes device-mapper count how long each I/O of each LUN takes, and
shows for which LUNs it can. It is a trial: the collector reads the counts only if the
config says histograms: true. With that, it also makes the histograms by itself, so that
this command is not needed again after a reboot.

Each I/O takes a little longer: the kernel looks at the clock twice and adds to a few
counters. docs/numbers.md has what was measured.

Each histogram takes kernel memory: about 65 KB on the kernels of most distributions,
and 250 bytes more for each CPU. The command prints how much is in use.

When a histogram is made, the kernel holds the LUN's new I/O back until the I/O in
flight has completed: milliseconds, once per boot. lunstat makes none for a LUN whose
I/O hangs. After that, a run of the collector sends the kernel one message a LUN, of
some microseconds.

The kernel wants root, or the capability CAP_SYS_ADMIN and the right to read
/dev/mapper/control. The systemd unit gets both from a drop-in:

    install -D -m 0644 -t /etc/systemd/system/lunstat-collect.service.d \
        /usr/share/doc/lunstat/deploy/systemd/lunstat-collect.service.d/histograms.conf
    systemctl daemon-reload

Reads, writes and discards are counted together. LVs, dm-crypt and all else that is
bio-based can be counted; request-based multipath maps can't, but the LVs on them can.

    lunstat setup histograms
    lunstat setup histograms --remove

--remove deletes every histogram that lunstat made, on all devices of this host, and
leaves those of other programs alone.

Exit status: 0 done, 1 failed, 2 wrong usage.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if remove {
				return runRemoveHistograms(e)
			}
			return runSetupHistograms(cmd.Context(), e)
		},
	}
	cmd.Flags().BoolVar(&remove, "remove", false, "delete all histograms that lunstat made")
	return cmd
}

// histogramOptions are the config, what the collector would be told, and the kernel's side.
func histogramOptions(e *env) (*config.Config, collector.Options, *dmstats.Keeper, error) {
	c, err := e.Config()
	if err != nil {
		return nil, collector.Options{}, nil, err
	}
	o, err := collectorOptions(e, c, collectOptions{})
	if err != nil {
		return nil, o, nil, err
	}
	dm := e.DeviceMapper(o.Paths)
	if dm == nil {
		return nil, o, nil, withHint(errors.New("paths.procfs or paths.sysfs is another host's, whose kernel can't be asked"),
			"run setup histograms on that host")
	}
	keeper := dmstats.NewKeeper(dm)
	o.Histograms = keeper
	return c, o, &keeper, nil
}

func runSetupHistograms(ctx context.Context, e *env) error {
	c, o, _, err := histogramOptions(e)
	if err != nil {
		return err
	}
	tried, warnings, err := collector.TryHistograms(ctx, o)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		sayWarning(e.Stderr, "warning", w)
	}
	kept := 0
	var failed error
	out := tabwriter.NewWriter(e.Stdout, 0, 8, 2, ' ', 0)
	for _, t := range tried {
		says := "none: " + t.Why
		if t.Reading != nil {
			kept++
			says = "kept"
		}
		if t.Err != nil {
			failed = t.Err
		}
		fmt.Fprintf(out, "%s\t%s\t%s\n", clean(t.LUN.Name()), clean(t.LUN.Kernel), clean(says))
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	if kept == 0 && failed != nil {
		return notAllowed(fmt.Errorf("making the histograms: %w", failed))
	}
	if kept == 0 {
		fmt.Fprintf(e.Stdout, "\nThe kernel keeps no histogram of this host's LUNs.%s\n", inUse(o.Paths))
		return nil
	}
	fmt.Fprintf(e.Stdout, "\nThe kernel keeps the histograms of %s.%s\n", english.Plural(kept, "LUN", ""), inUse(o.Paths))
	if c.Histograms {
		fmt.Fprintln(e.Stdout, "The config says histograms: true, so the collector reads them.")
	} else {
		fmt.Fprintln(e.Stdout, "The collector will read them once the config says histograms: true.\nTo undo all of it: lunstat setup histograms --remove")
	}
	return nil
}

// inUse says how much memory the kernel's statistics take, all programs' together.
func inUse(p mapper.Paths) string {
	text, err := mapper.ReadBounded(filepath.Join(p.Sys, "module/dm_mod/parameters/stats_current_allocated_bytes"))
	if err != nil {
		return ""
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return ""
	}
	return " Device-mapper's statistics take " + humanize.IBytes(n) + " of memory."
}

// notAllowed adds what to do about an error if the kernel refused.
func notAllowed(err error) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return withHint(err, "run it as root: the kernel wants CAP_SYS_ADMIN, and the right to read /dev/mapper/control")
}

// runRemoveHistograms asks every device, not only those that are stored: the config may
// have been another one when the histograms were made.
func runRemoveHistograms(e *env) error {
	c, o, keeper, err := histogramOptions(e)
	if err != nil {
		return err
	}
	luns, warnings, err := collector.Names(o)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		sayWarning(e.Stderr, "warning", w)
	}
	removed := 0
	var failures []error
	for i := range luns {
		l := &luns[i]
		if collector.NoHistogram(o.Paths, l) != "" {
			continue
		}
		n, err := keeper.Remove(l.Dev)
		removed += n
		if errors.Is(err, fs.ErrPermission) { // of the next it would be the same
			return notAllowed(fmt.Errorf("removing the histograms: %w", err))
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("removing the histogram of %s: %w", l.Name(), err))
		}
	}
	if err := errors.Join(failures...); err != nil {
		return err
	}
	// The kernel frees their memory a little later, so how much is in use says nothing yet.
	fmt.Fprintf(e.Stdout, "%s removed.\n", english.Plural(removed, "histogram", ""))
	if c.Histograms {
		fmt.Fprintln(e.Stdout, "The config still says histograms: true, so the next run of the collector makes them again.")
	}
	return nil
}
