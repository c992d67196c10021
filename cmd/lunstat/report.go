package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/config"
	"lunstat/mapper"
	"lunstat/render"
)

// reportOptions are the flags of lunstat report.
type reportOptions struct {
	period period
	out    string
	source sourceOptions
	luns   []string
	width  int
	format []string
	scale  int
	mail   mailFlag
	json   bool
}

func newReportCommand(e *env) *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Draw the pictures of a week, or of any other range",
		Long: `report draws what the LUNs did: one picture each of all LUNs' IOPS, busy time and
space, and one picture for each LUN. index.html shows the pictures, and report.json has
every number in them.

    lunstat report                       # the last 7 days, into ./report
    lunstat report --week 2026-W47 --out /var/www/html/storage/2026-W47
    lunstat report --last 6h --lun mysql --group zimbra1
    lunstat report --source influx --host mail1,mail2
    lunstat report --format png,pdf      # PDF and SVG stay sharp at any size, for print
    lunstat report --mail storage@example.com   # the findings and week.png, by sendmail -t
    lunstat report --mail - >week.eml    # the same message, printed
    lunstat report --json >week.json     # report.json alone, printed: nothing is drawn

Exit status: 0 drawn, 1 failed (if there is nothing in the range, the error says which
times have data), 2 wrong usage.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.mail.given = cmd.Flags().Changed("mail")
			return runReport(cmd.Context(), e, o)
		},
	}
	o.period.AddFlags(cmd)
	o.source.AddFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "", "write to `FOLDER`, which must be empty or hold an earlier report (default report.out of the config)")
	f.StringArrayVar(&o.luns, "lun", nil, "only this `LUN`, by any name that lookup takes; may be repeated")
	f.IntVar(&o.width, "width", 0, "the width of the pictures in `PIXELS` (default report.width of the config)")
	f.StringSliceVar(&o.format, "format", []string{"png"}, "the `FORMATS` of the pictures: png, svg, pdf; the page shows png or svg")
	f.IntVar(&o.scale, "scale", 1, "with `2`, draw each PNG twice as large too; the page shows those on sharp screens")
	f.StringVar(&o.mail.to, "mail", "", "mail the findings to `ADDRESSES`, separated by commas; - prints the message (default report.mail of the config; \"\" is none)")
	f.BoolVar(&o.json, "json", false, "print report.json and draw nothing")
	for _, other := range []string{"out", "format", "mail"} {
		cmd.MarkFlagsMutuallyExclusive("json", other)
	}
	return cmd
}

func (o *reportOptions) check() error {
	if o.width != 0 && (o.width < render.LeastWidth || o.width > render.MostWidth) {
		return usagef("--width %d: must be %d to %d pixels", o.width, render.LeastWidth, render.MostWidth)
	}
	if o.scale != 1 && o.scale != 2 {
		return usagef("--scale %d: must be 1 or 2", o.scale)
	}
	if len(o.format) == 0 {
		return usagef("--format %q: must be png, svg or pdf, separated by commas", "")
	}
	if err := render.CheckFormats(o.format); err != nil {
		return usagef("--format %s: %w", strings.Join(o.format, ","), err)
	}
	return nil
}

// options are the config's with what the flags say.
func (o *reportOptions) options(e *env, c *config.Config, from, to time.Time) render.Options {
	r := renderOptions(e, c, from, to)
	r.Formats, r.Sharp, r.Mailboxes = o.format, o.scale == 2, mailboxes(c)
	r.Keep = c.Report.Keep
	r.Group, r.Hosts, r.Command = o.source.group, o.source.hosts, o.source.command()
	if o.out != "" {
		r.Out = o.out
	}
	if o.width != 0 {
		r.Width = o.width
	}
	return r
}

func runReport(ctx context.Context, e *env, o reportOptions) error {
	c, err := e.Config()
	if err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	from, to, err := o.period.parse(e.Now(), e.times(), c.Report.Last)
	if err != nil {
		return err
	}
	post, err := o.mail.options(e, c)
	if err != nil {
		return err
	}
	src, err := o.source.open(ctx, e)
	if err != nil {
		return err
	}
	defer src.close()
	r := o.options(e, c, from, to)
	r.Mail = post
	entries, err := src.LUNs(ctx, from, to)
	if err != nil {
		return err
	}
	if s, ok := src.(*ruledStore); ok && s.hidAll {
		return withHint(errAllIgnored, "`luns:` in the config has the entries with `ignore: true`")
	}
	if entries, err = o.source.narrow(entries); err != nil {
		return err
	}
	if len(o.luns) > 0 && len(entries) > 0 {
		if r.Keys, err = keysOf(entries, o.luns, pathsOf(c)); err != nil {
			return err
		}
	}
	if o.json {
		return printNumbers(ctx, e, src, r)
	}
	result, err := drawReport(ctx, e, src, r)
	if err != nil {
		return err
	}
	if !o.mail.printed() {
		sayPage(e.Stdout, r, result)
	}
	return o.mail.deliver(ctx, e, c, result.Mail)
}

// knownIn refuses the name of a group or host that no LUN of the range has.
func knownIn(entries []mapper.Entry, kind, name string, of func(mapper.Entry) string) error {
	var there []string
	for _, en := range entries {
		switch n := of(en); {
		case n == name:
			return nil
		case n != "" && !slices.Contains(there, n):
			there = append(there, n)
		}
	}
	if name == "" || len(entries) == 0 {
		return nil // an empty range has an error of its own
	}
	hint := "the range has these: " + strings.Join(there, ", ")
	if len(there) == 0 {
		hint = "no LUN of this range has a " + kind
	}
	return withHint(fmt.Errorf("no LUN of %s %q in this range", kind, name), hint)
}

// renderOptions are what the config says about a report.
func renderOptions(e *env, c *config.Config, from, to time.Time) render.Options {
	limits := make(map[string]time.Duration, len(c.AwaitLimits))
	for role, d := range c.AwaitLimits {
		limits[role] = time.Duration(d)
	}
	return render.Options{
		Out: c.Report.Out, From: from, To: to, Zone: e.Zone, Width: c.Report.Width, Font: c.Report.Font,
		Limits: limits, Now: e.Now(), Version: version(),
	}
}

// mailboxes is how many mailboxes each group has, for the groups whose number the config
// says.
func mailboxes(c *config.Config) map[string]int {
	out := map[string]int{}
	for _, g := range c.Groups {
		if g.Mailboxes > 0 {
			out[g.Group] = g.Mailboxes
		}
	}
	return out
}

// showReport draws and says where the page is.
func showReport(ctx context.Context, e *env, src render.Source, o render.Options) error {
	result, err := drawReport(ctx, e, src, o)
	if err == nil {
		sayPage(e.Stdout, o, result)
	}
	return err
}

// printNumbers prints report.json, and on standard error what is wrong with the data.
func printNumbers(ctx context.Context, e *env, src render.Source, o render.Options) error {
	warnings, err := render.Numbers(ctx, src, o, e.Stdout)
	for _, w := range warnings {
		sayWarning(e.Stderr, "warning", w)
	}
	return err
}

// drawReport draws, with progress bars on a terminal.
func drawReport(ctx context.Context, e *env, src render.Source, o render.Options) (render.Result, error) {
	progress, doing := &bar{}, ""
	o.Progress = func(part string, done, total int) {
		if part != doing {
			progress.Done()
			progress, doing = newBar(e.Stderr, part, total), part
		}
		progress.To(done)
	}
	e.SaveMemory()
	result, err := render.Report(ctx, src, o)
	progress.Done()
	if err != nil {
		return result, err
	}
	for _, w := range result.Warnings {
		sayWarning(e.Stderr, "warning", w)
	}
	return result, nil
}

// sayPage says where the page is.
func sayPage(w io.Writer, o render.Options, r render.Result) {
	if len(r.Files) > 0 {
		fmt.Fprintf(w, "%s: %s, %s\n", clean(filepath.Join(o.Out, r.Files[0])), english.Plural(r.LUNs, "LUN", ""), english.Plural(r.Pictures, "picture", ""))
	}
}
