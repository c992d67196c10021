package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestManPages holds docs/man against what the commands say of themselves; with
// -update it writes the pages. They are made here, so that lunstat neither links
// cobra's generator nor has a page that says otherwise than --help. The date is
// left out: the same source gives the same bytes.
func TestManPages(t *testing.T) {
	e, _, _ := world(t, nil)
	root := newRootCommand(e)
	pages := make(map[string]string)
	for _, cmd := range append([]*cobra.Command{root}, root.Commands()...) {
		if hasPage(cmd) {
			pages[manName(cmd)+".1"] = manPage(cmd)
		}
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
	fmt.Fprintf(&b, "%s\n", roff(cmd.UseLine()))
	section("DESCRIPTION")
	paragraphs(&b, orElse(cmd.Long, cmd.Short+"."))
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
	section("SEE ALSO")
	fmt.Fprintf(&b, "%s\n", strings.Join(related(cmd), ", "))
	return b.String()
}

func orElse(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

// paragraphs writes text; lines that begin with a space stand as they are.
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
	for _, c := range append([]*cobra.Command{cmd.Root()}, cmd.Root().Commands()...) {
		if c != cmd && hasPage(c) {
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
