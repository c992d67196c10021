package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// lookupOptions are the flags of lunstat lookup.
type lookupOptions struct {
	dmsetup  string
	from     string
	at, host string
	history  bool
	tree     bool
	explain  bool
	json     bool

	several  bool                       // a token names several LUNs: they are listed
	hardware map[string]mapper.Hardware // of disks and maps, as far as a text has it
}

func newLookupCommand(e *env) *cobra.Command {
	var o lookupOptions
	cmd := &cobra.Command{
		Use:   "lookup [WHAT ...]",
		Short: "Show what dm-13 is, what it does, and which devices are below it",
		Long: `lookup finds a LUN by any of its names: dm-13, 253:13, 13, dev253-13 (as sar writes
it), a dm name, /dev/mapper/NAME, /dev/VG/LV, a mount point or any path below one, a
WWID, sdq (a path of a multipath map), 1:0:0:7 (the address of a SCSI disk), a role or
a label. Without WHAT it lists all LUNs.

    lunstat lookup dm-13
    lunstat lookup /opt/zimbra/store/0/12
    ssh old-host 'dmsetup ls; multipath -ll' | lunstat lookup --from - sdq
    lunstat lookup --from old-host.txt 253:13
    lunstat lookup --at "2026-11-05 03:00" dm-13
    lunstat lookup --history /opt/zimbra/store

The first line shows the LUN's name, its load in the last interval, how full it is, and
its paths. The lines below it show everything else. The tree at the end is the chain from
the mount point down to the disks and paths; < marks the device that you asked about. If
a path does not exist, lookup answers for the nearest folder above it, and says so. If a
LUN is gone, the error says what the ledger knows about it.

--at answers for a time in the past, with the load of that minute. --history lists from
when to when the LUN had which number, size, mounts and paths. Both read the journal's
ledger. If a name was given to a new volume, that is another LUN, with its own table.

If several LUNs have the role, label or group, or if a word is the name of one and the
kernel's name of another, lookup lists them.

Exit status: 0 found, 1 something is no LUN, or is several LUNs, or could not be read
(lookup still answers for the others), 2 wrong usage.`,
		RunE: func(cmd *cobra.Command, args []string) error { return runLookup(cmd.Context(), e, o, args) },
	}
	f := cmd.Flags()
	f.StringVar(&o.dmsetup, "dmsetup", "", "look in `FILE` (- is standard input), which has the output of dmsetup ls, and not on this host")
	_ = f.MarkHidden("dmsetup") // --from takes that, too
	f.StringVar(&o.from, "from", "", "look in `FILE` (- is standard input) and not on this host: the output of dmsetup, multipath -ll, lsblk, lvs, pvs or zmvolume -l, or several of them")
	f.StringVar(&o.at, "at", "", "show the LUN as it was at this `TIME`, from the journal's ledger")
	f.BoolVar(&o.history, "history", false, "list what the LUN was and when, from the journal's ledger")
	f.BoolVar(&o.tree, "tree", false, "print only the chain from the mount to the disks and paths")
	f.BoolVar(&o.explain, "explain", false, "also say which rule gave the role, the label, the group and the identity")
	f.StringVar(&o.host, "host", "", "with --at or --history: the LUNs of this `HOST`, as the journal knows it")
	f.BoolVar(&o.json, "json", false, "print one JSON object for each LUN instead of text")
	return cmd
}

func runLookup(ctx context.Context, e *env, o lookupOptions, args []string) error {
	c, err := e.Config()
	if err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	if o.history {
		return lookupHistory(ctx, e, c, o, args)
	}
	asOf, err := o.time(e)
	if err != nil {
		return err
	}
	devices, err := lookupDevices(ctx, e, c, &o, asOf)
	if err != nil {
		return err
	}
	found := mapper.Stored(devices, "luns")
	slices.SortStableFunc(found, byNumber)
	var missed error
	if len(args) > 0 {
		paths := pathsOf(c)
		if o.elsewhere() {
			paths = mapper.Paths{} // this host's links and mounts say nothing about another host's LUNs, nor about the past
		}
		found, missed = o.findAll(e, devices, args, paths)
		missed = o.asked(missed)
		if !o.fromText() {
			missed = withPast(ctx, e, c, o, missed)
		}
		if len(found) == 0 {
			return missed
		}
	}
	facts, err := o.facts(ctx, e, c, devices, found, asOf, len(args) > 0 && !o.several)
	if err != nil {
		return err
	}
	return errors.Join(o.print(e, facts, len(args) == 0 || o.several), missed)
}

// print writes the answers in the form that the flags say.
func (o *lookupOptions) print(e *env, facts []lunFacts, list bool) error {
	switch {
	case o.json:
		return printJSON(e.Stdout, facts)
	case list:
		printList(e, facts)
	default:
		for i := range facts {
			if i > 0 {
				fmt.Fprintln(e.Stdout)
			}
			if !o.tree {
				printFacts(e, &facts[i])
				printReasons(e.Stdout, facts[i].reasons)
			}
			if o.tree || facts[i].stacked() {
				if err := printTrees(e.Stdout, facts[i].chain, facts[i].levels, indentOf(o.tree)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func indentOf(alone bool) string {
	if alone {
		return ""
	}
	return "  "
}

// findAll gives what the tokens name, each once, in the order in which they name it,
// and an error for each token that names nothing. A path that does not exist is
// answered for the folder above it, which is said.
func (o *lookupOptions) findAll(e *env, devices []mapper.LUN, tokens []string, p mapper.Paths) (found []mapper.LUN, missed error) {
	type device struct {
		kernel string
		id     mapper.ID
	}
	seen := make(map[device]bool)
	for _, what := range tokens {
		matches, err := mapper.Find(devices, what, p)
		if doubt := mapper.CheckPath(devices, what, p); doubt != nil {
			sayWarning(e.Stderr, "warning", noPath(doubt, len(matches) > 0))
		}
		if mapper.IsKind(devices, what) || mapper.Ambiguous(devices, matches) {
			o.several = true
			err = severalError(devices, what, matches)
		}
		missed = errors.Join(missed, err)
		for _, l := range matches {
			if at := (device{l.Kernel, l.ID}); !seen[at] {
				seen[at] = true
				found = append(found, l)
			}
		}
	}
	return found, missed
}

// severalError says that a role, a label or a name is that of several LUNs.
func severalError(devices []mapper.LUN, what string, luns []mapper.LUN) error {
	return withHint(fmt.Errorf("%q names %d LUNs, listed above", what, len(luns)), "ask for one of them: lunstat lookup "+mapper.ShellWord(mapper.Token(devices, &luns[0])))
}

// noPath says that a path doesn't exist, and what is answered instead.
func noPath(doubt *mapper.NoPathError, answered bool) series.Warning {
	w := series.Warning{What: doubt.Error()}
	switch {
	case !answered:
	case doubt.Exists != "":
		w.Hint = "the answer is for " + doubt.Exists + ", the nearest folder above it that exists"
	default:
		w.Hint = "the answer is for the filesystem that would hold it"
	}
	return w
}

// byNumber orders LUNs as the kernel numbers them: dm-2 before dm-10.
func byNumber(a, b mapper.LUN) int {
	return cmp.Or(cmp.Compare(a.Dev.Major, b.Dev.Major), cmp.Compare(a.Dev.Minor, b.Dev.Minor))
}

// lookupDevices reads the host's devices, or those of a text.
func lookupDevices(ctx context.Context, e *env, c *config.Config, o *lookupOptions, asOf time.Time) (devices []mapper.LUN, err error) {
	var doubts []series.Warning
	if o.at != "" {
		return pastDevices(ctx, e, c, *o, asOf)
	}
	if o.from != "" {
		devices, doubts, err = o.textDevices(ctx, e, c)
	} else if o.dmsetup != "" {
		devices, doubts, err = listedDevices(ctx, e, c, o.dmsetup)
	} else {
		devices, doubts, err = hostDevices(c)
	}
	for _, d := range doubts {
		sayWarning(e.Stderr, "warning", d)
	}
	return devices, err
}

// listedDevices reads the devices of a text in the form of dmsetup ls.
func listedDevices(ctx context.Context, e *env, c *config.Config, file string) ([]mapper.LUN, []series.Warning, error) {
	text, name, err := readText(ctx, e, file)
	if err != nil {
		return nil, nil, fmt.Errorf("reading dmsetup's list: %w", err)
	}
	devices, problems := mapper.ParseDmsetup(bytes.NewReader(text))
	if len(devices) == 0 {
		return nil, nil, withHint(noLUNIn(name, problems), "it must be the output of `dmsetup ls`")
	}
	var doubts []series.Warning
	for _, p := range problems {
		doubts = append(doubts, series.Warning{What: fmt.Sprintf("%s: %v", name, p)})
	}
	for _, p := range mapper.Classify(devices, mapper.Use{}, rulesOf(c)) {
		doubts = append(doubts, series.Warning{What: p.Error()})
	}
	return devices, doubts, nil
}

// hostDevices reads the devices of the host, as a run of the collector does.
func hostDevices(c *config.Config) ([]mapper.LUN, []series.Warning, error) {
	luns, warnings, err := collector.Names(collector.Options{Paths: pathsOf(c), LUNs: rulesOf(c)})
	for i := range warnings {
		warnings[i].Hint = "" // of a minute that is kept: nothing is kept here
	}
	return luns, warnings, err
}

// lookupHost is whose LUNs are looked up.
func lookupHost(c *config.Config, o lookupOptions) (string, error) {
	if o.host != "" {
		return o.host, nil
	}
	if o.fromText() {
		return c.Host, nil
	}
	return hostOf(c)
}

// noLUNIn names the first of the lines that were no LUN: the others of a wrong file
// are wrong in the same way.
func noLUNIn(name string, problems []error) error {
	if len(problems) == 0 {
		return fmt.Errorf("%s: no LUN in it", name)
	}
	return fmt.Errorf("%s: no LUN in it: %w", name, problems[0])
}

// readText reads a captured file, or - for standard input, until a signal comes.
func readText(ctx context.Context, e *env, file string) (text []byte, name string, err error) {
	if file != "-" {
		text, err = mapper.ReadRegular(file, mapper.LargestFile)
		if errors.Is(err, mapper.ErrNotRegular) {
			err = withHint(err, "- reads standard input: dmsetup ls | lunstat lookup --dmsetup -")
		}
		return text, file, err
	}
	const stdin = "standard input"
	var read []byte
	err = untilSignal(ctx, func() (err error) {
		read, err = mapper.ReadAtMost(e.Stdin, stdin, mapper.LargestFile)
		return err
	})
	if err != nil { // after a signal it may still be reading
		return nil, stdin, err
	}
	return read, stdin, nil
}
