package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestManPages compares docs/man with the commands' own help; with -update it writes the
// pages. They are made here, so that lunstat doesn't link cobra's generator, and no page
// differs from --help. The date is left out: the same source gives the same bytes.
func TestManPages(t *testing.T) {
	e, _, _ := world(t, nil)
	root := newRootCommand(e)
	pages := make(map[string]string)
	for _, cmd := range documented(root) {
		pages[manName(cmd)+".1"] = manPage(cmd)
	}
	dir := filepath.Join("..", "..", "docs", "man")
	if *update {
		writePages(t, dir, pages)
	}
	there, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range there {
		if _, wanted := pages[filepath.Base(path)]; !wanted {
			t.Errorf("%s: there is no such command", path)
		}
	}
	for name, want := range pages {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s is not what the command says (%v): make man", name, err)
		}
	}
}

// TestManHasAllVariables: what the program reads of the environment is in lunstat(1).
func TestManHasAllVariables(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "man", "lunstat.1"))
	if err != nil {
		t.Fatal(err)
	}
	read := regexp.MustCompile(`Getenv\("(\w+)"\)|Variable += "(\w+)"`)
	found := 0
	for _, pattern := range []string{"*.go", "config/*.go", "when/*.go", "../../collector/*.go", "../../collector/*/*.go", "../../render/*.go", "../../mapper/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, m := range read.FindAllStringSubmatch(contents(t, file), -1) {
				found++
				if name := m[1] + m[2]; !strings.Contains(string(page), name) {
					t.Errorf("lunstat.1 doesn't have %s, which %s reads", name, file)
				}
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d variables found", found)
	}
}

// documented are the commands that have a page, parents first.
func documented(cmd *cobra.Command) []*cobra.Command {
	if !hasPage(cmd) {
		return nil
	}
	list := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		list = append(list, documented(c)...)
	}
	return list
}

// hasPage leaves out help, which is what the pages are, and what is hidden.
func hasPage(cmd *cobra.Command) bool {
	return !cmd.HasParent() || cmd.IsAvailableCommand() && cmd.Name() != "help"
}

func writePages(t *testing.T, dir string, pages map[string]string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func manName(cmd *cobra.Command) string {
	return strings.ReplaceAll(cmd.CommandPath(), " ", "-")
}

// manPage is a command's page in man's own macros.
func manPage(cmd *cobra.Command) string {
	var b bytes.Buffer
	section := func(name string) { fmt.Fprintf(&b, ".SH %s\n", name) }
	fmt.Fprintf(&b, ".TH %s 1\n", strings.ToUpper(manName(cmd)))
	section("NAME")
	fmt.Fprintf(&b, "%s \\- %s\n", roff(manName(cmd)), roff(cmd.Short))
	section("SYNOPSIS")
	usage := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		usage = cmd.CommandPath() + " COMMAND [flags]"
	}
	fmt.Fprintf(&b, "%s\n", roff(usage))
	section("DESCRIPTION")
	paragraphs(&b, orElse(cmd.Long, cmd.Short+"."))
	commandList(&b, cmd)
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	if cmd.LocalFlags().HasAvailableFlags() {
		section("OPTIONS")
		flags(&b, cmd.LocalFlags())
	}
	if cmd.InheritedFlags().HasAvailableFlags() {
		section("OPTIONS OF ALL COMMANDS")
		flags(&b, cmd.InheritedFlags())
	}
	if cmd.Example != "" {
		section("EXAMPLES")
		fmt.Fprintf(&b, ".nf\n%s\n.fi\n", roff(cmd.Example))
	}
	if !cmd.HasParent() {
		b.WriteString(rootSections)
	}
	section("SEE ALSO")
	fmt.Fprintf(&b, "%s\n", strings.Join(related(cmd), ", "))
	return b.String()
}

// commandList is a command's own commands, each with what it does.
func commandList(b *bytes.Buffer, cmd *cobra.Command) {
	if len(documented(cmd)) < 2 {
		return
	}
	b.WriteString(".SH COMMANDS\n")
	for _, c := range cmd.Commands() {
		if hasPage(c) {
			fmt.Fprintf(b, ".TP\n\\fB%s\\fR\n%s; see \\fB%s\\fR(1)\n", roff(c.Name()), roff(c.Short), roff(manName(c)))
		}
	}
}

// rootSections are what lunstat(1) has for all commands.
const rootSections = `.SH FILES
.TP
\fI/etc/lunstat/config.yaml\fR
the configuration. If a user has \fI~/.config/lunstat/config.yaml\fR (in $XDG_CONFIG_HOME), lunstat reads that file instead. lunstat works without any.
.TP
\fI/var/lib/lunstat/journal.db\fR
root's journal, which holds every sample and which anybody may read. \fIjournal.db\-wal\fR and \fIjournal.db\-shm\fR are part of it while it is in use. \fIjournal.db.lock\fR is held by the one collector that runs.
.TP
\fI~/.local/state/lunstat/journal.db\fR
the journal of a user who isn't root (in $XDG_STATE_HOME)
.TP
\fI/run/lunstat\fR
where a collector records failed runs if it can't write to its journal's folder (a user who isn't root: \fBTMPDIR\fR)
.TP
\fI/etc/cron.d/lunstat\fR
the usual file for the cron lines that run the collector and the report
.SH ENVIRONMENT
.TP
\fBLUNSTAT_\fR...
sets a key of the configuration that has a single value, and overrides the file: LUNSTAT_JOURNAL_PATH is journal.path
.TP
\fBLUNSTAT_INFLUX_TOKEN\fR
the token for InfluxDB; overrides influx.token_file
.TP
\fBXDG_CONFIG_HOME\fR, \fBXDG_STATE_HOME\fR, \fBHOME\fR
where a user's own configuration and journal are
.TP
\fBTZ\fR
the time zone of times that you type and that lunstat shows, unless report.zone is set
.TP
\fBHTTP_PROXY\fR, \fBHTTPS_PROXY\fR, \fBNO_PROXY\fR
the proxy for requests to InfluxDB
.TP
\fBGOGC\fR
how seldom Go collects garbage; collect uses 400 unless this is set
`

func orElse(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

// paragraphs writes text; lines that begin with a space stay as they are.
func paragraphs(b *bytes.Buffer, text string) {
	for i, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		if strings.HasPrefix(p, " ") {
			fmt.Fprintf(b, ".nf\n%s\n.fi\n", roff(p))
		} else {
			fmt.Fprintf(b, "%s\n", roff(p))
		}
	}
}

func flags(b *bytes.Buffer, set *pflag.FlagSet) {
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		if value != "" {
			name += " " + value
		}
		fmt.Fprintf(b, ".TP\n\\fB%s\\fR\n%s\n", roff(name), roff(usage))
	})
}

func related(cmd *cobra.Command) []string {
	var names []string
	for _, c := range documented(cmd.Root()) {
		if c != cmd {
			names = append(names, "\\fB"+roff(manName(c))+"\\fR(1)")
		}
	}
	slices.Sort(names)
	return append(names, "\\fBiostat\\fR(1)", "\\fBlsblk\\fR(8)")
}

// roff keeps text from being read as roff's requests and escapes.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
