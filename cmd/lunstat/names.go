package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// namesOptions are the flags of lunstat names.
type namesOptions struct {
	at, host     string
	role, dryRun bool
}

func newNamesCommand(e *env) *cobra.Command {
	var o namesOptions
	cmd := &cobra.Command{
		Use:   "names [FILE]",
		Short: "Put the LUNs' names into any text: dm-13 becomes zimbra1_sqldb-data",
		Long: `names copies its input and replaces the kernel's name of a LUN with the LUN's own name.
It knows dm-13, /dev/dm-13, 253:13, (253:13), 253,13 and dev253-13 (as sar writes it). If
sdq is a path of a multipath map, it becomes mpathb(sdq). names changes nothing else.

    iostat -x 1 | lunstat names
    dmesg | lunstat names --role
    sar -d -f sa05 | lunstat names
    sar -d -f sa05 | lunstat names --at "2026-11-05 12:00"

names uses this host's names of now. In sar's output the heading has a day and the lines
have times, so names uses the names at each line's time, from the journal's ledger. They
are right even across a reboot that renumbered the LUNs. A day such as 11/05/2026 means
month, day, year. --at sets one time for all lines. If the ledger doesn't reach back that
far, or if the heading is from another host, the text stays as it is, and a line on
standard error says so.

In a table of iostat or sar, names widens the column if a name is too long for it. It
writes each line as soon as it has read it.

Exit status: 0 done, 1 the input, the output or the ledger failed, 2 wrong usage.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runNames(cmd.Context(), e, o, append(args, "-")[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.at, "at", "", "use the names of this `TIME`, written as for report --from")
	f.StringVar(&o.host, "host", "", "use the names of this `HOST`, as the journal knows it")
	f.BoolVar(&o.role, "role", false, "write \"MySQL data\" instead of the dm name")
	f.BoolVar(&o.dryRun, "dry-run", false, "replace nothing, but add each name in braces: dm-13{zimbra1_sqldb-data}")
	return cmd
}

func runNames(ctx context.Context, e *env, o namesOptions, file string) error {
	c, err := e.Config()
	if err != nil {
		return err
	}
	n := namer{ctx: ctx, e: e, c: c, o: o}
	if n.host, err = n.hostName(); err != nil {
		return err
	}
	r := mapper.Renamer{Mark: o.dryRun, Names: n.names, Day: n.day, Widest: n.widest, Knows: n.knows, Zone: e.Zone, Now: e.Now()}
	if o.at != "" {
		at, err := parseMoment(e.Now(), e.times(), o.at)
		if err != nil {
			return err
		}
		n.fixed, r.Zone = at, nil
	}
	in, err := openText(e, file)
	if err != nil {
		return err
	}
	defer in.Close()
	err = untilSignal(ctx, func() error { return r.Copy(e.Stdout, in) })
	if errors.Is(err, syscall.EPIPE) { // as with head: the reader has enough
		return nil
	}
	return err
}

// openText opens a file, or standard input for "-". A pipe with a name serves, too.
func openText(e *env, file string) (io.ReadCloser, error) {
	if file == "-" {
		return io.NopCloser(e.Stdin), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, fmt.Errorf("%s: is a directory, not a file", file)
	}
	return f, nil
}

// untilSignal does what may wait for input for ever, and returns early at a signal.
func untilSignal(ctx context.Context, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// namer finds the names for a text: of now from the host itself, of earlier times from
// the journal's ledger.
type namer struct {
	ctx   context.Context
	e     *env
	c     *config.Config
	o     namesOptions
	host  string
	fixed time.Time // of --at

	live    *mapper.Names
	seq     uint64
	asked   time.Time      // when the host was last asked for changes
	entries []mapper.Entry // of all hosts
	past    *pastNames     // of the host that is asked about
	loaded  bool
	known   bool // there is a ledger, though it may be empty
	said    bool
}

func (n *namer) hostName() (string, error) {
	if n.o.host != "" {
		return n.o.host, nil
	}
	return hostOf(n.c)
}

// knows reports whether the names are those of the host in a heading.
func (n *namer) knows(host string) bool {
	if n.o.host != "" || sameHost(host, n.host) {
		return true
	}
	n.say(series.Warning{
		What: fmt.Sprintf("the text is from host %s, but the names are from %s: nothing is replaced", clean(host), clean(n.host)),
		Hint: "--host " + clean(n.host) + " uses these names anyway; --journal FILE reads that host's journal",
	})
	return false
}

// sameHost compares host names; one of them may be without its domain.
func sameHost(a, b string) bool {
	short := func(s string) string { s, _, _ = strings.Cut(s, "."); return s }
	if strings.Contains(a, ".") && strings.Contains(b, ".") {
		return strings.EqualFold(a, b)
	}
	return strings.EqualFold(short(a), short(b))
}

// names are those of a time; the zero time is now.
func (n *namer) names(at time.Time) *mapper.Names {
	if !n.fixed.IsZero() {
		at = n.fixed
	}
	const justNow = 2 * time.Minute // what sar prints while it runs
	if since := n.e.Now().Sub(at); n.o.host == "" && (at.IsZero() || since > -justNow && since < justNow) {
		return n.now()
	}
	if at.IsZero() {
		at = n.e.Now()
	}
	if !n.load(at) {
		return nil
	}
	names := n.past.at(at)
	if names.None() {
		n.say(n.unknown(at))
	}
	return names
}

// day are the names at noon of a day, or the first that the ledger has of that day.
func (n *namer) day(noon time.Time) *mapper.Names {
	if !n.load(noon) {
		return nil
	}
	at := noon
	if n.past.at(noon).None() {
		for i := range n.entries {
			from := n.entries[i].From
			if from.After(noon) && from.In(noon.Location()).Format(time.DateOnly) == noon.Format(time.DateOnly) && (at == noon || from.Before(at)) {
				at = from
			}
		}
	}
	return n.names(at)
}

func (n *namer) of(devices []mapper.LUN) *mapper.Names {
	if n.o.role {
		call := mapper.ByRole(devices)
		return mapper.NewNames(devices, func(l *mapper.LUN) string { return clean(call(l)) })
	}
	return mapper.NewNames(devices, nil)
}

// now reads the devices of this host, and again when the kernel has announced a change.
func (n *namer) now() *mapper.Names {
	if n.live != nil && n.e.Now().Sub(n.asked) < time.Second {
		return n.live
	}
	n.asked = n.e.Now()
	seq, ok := mapper.UeventSeq(pathsOf(n.c))
	if n.live != nil && ok && seq == n.seq {
		return n.live
	}
	devices, doubts, err := hostDevices(n.c)
	if err != nil {
		n.say(series.Warning{What: fmt.Sprintf("the present names are not known: %v", err), Hint: hintFor(err)})
		return n.live
	}
	if n.live == nil {
		for _, d := range doubts {
			sayWarning(n.e.Stderr, "warning", d)
		}
	}
	n.seq, n.live = seq, n.of(devices)
	return n.live
}

func hintFor(err error) string {
	_, hint := diagnose(err)
	return hint
}

// load reads the ledger, once, and reports whether there is one.
func (n *namer) load(at time.Time) bool {
	if n.loaded {
		return n.known
	}
	n.loaded = true
	var err error
	n.entries, err = n.e.wholeLedger(n.ctx, n.c)
	if n.known = err == nil; !n.known {
		n.say(series.Warning{What: fmt.Sprintf("the names of %s are not known: %v", n.when(at), err), Hint: hintFor(err)})
	}
	n.past = newPastNames(n.entries, n.host, n.of)
	return n.known
}

// widest is the longest name that the ledger has for the day from a time on.
func (n *namer) widest(from time.Time) int {
	if !n.fixed.IsZero() || !n.load(from) {
		return 0
	}
	return n.past.widestFrom(from)
}

// unknown says since when the ledger knows the host.
func (n *namer) unknown(at time.Time) series.Warning {
	var first time.Time
	var hosts []string
	for i := range n.entries {
		en := &n.entries[i]
		if en.Host == n.host && (first.IsZero() || en.From.Before(first)) {
			first = en.From
		}
		if !slices.Contains(hosts, en.Host) {
			hosts = append(hosts, en.Host)
		}
	}
	w := series.Warning{What: fmt.Sprintf("the ledger knows no LUN of %s at %s: nothing is replaced there", clean(n.host), n.when(at))}
	switch {
	case !first.IsZero():
		w.Hint = "it begins at " + n.when(first)
	case len(hosts) > 0:
		w.Hint = "it knows " + clean(strings.Join(hosts, ", "))
	default:
		w.Hint = "the ledger is empty; each run of `lunstat collect` writes into it"
	}
	return w
}

func (n *namer) when(t time.Time) string {
	return t.In(n.e.times()).Format(minuteForm)
}

// say says only one thing: somebody who filters a year of text wants one line.
func (n *namer) say(w series.Warning) {
	if !n.said {
		n.said = true
		sayWarning(n.e.Stderr, "warning", w)
	}
}
