package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each command line that the documents show is one that the program takes.
func TestDocumentedCommands(t *testing.T) {
	var files []string
	for _, pattern := range []string{"../../README.md", "../../docs/*.md", "../../deploy/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		files = append(files, found...)
	}
	command := regexp.MustCompile("(?m)^(?:\\$ |.*\\| )?lunstat ([a-z-][^#|>\\n]*)|`lunstat ([a-z][^`\\n]*)`")
	word := regexp.MustCompile(`"[^"]*"|'[^']*'|\S+`)
	tried := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range command.FindAllStringSubmatch(codeOf(string(text)), -1) {
			line := strings.TrimSpace(m[1] + m[2])
			var args []string
			for _, w := range word.FindAllString(line, -1) {
				args = append(args, strings.Trim(w, `"'`))
			}
			e, _, _ := world(t, nil)
			root := newRootCommand(e)
			addCompletion(root)
			cmd, rest, err := root.Find(args)
			if err != nil || cmd == cmd.Root() {
				if strings.HasPrefix(line, "help") || strings.HasPrefix(line, "--") {
					continue
				}
				t.Errorf("%s: lunstat %s: no such command", file, line)
				continue
			}
			if err := cmd.ParseFlags(rest); err != nil {
				t.Errorf("%s: lunstat %s: %v", file, line, err)
			} else if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
				t.Errorf("%s: lunstat %s: %v", file, line, err)
			}
			tried++
		}
	}
	if tried < 15 {
		t.Errorf("only %d commands found in %d documents", tried, len(files))
	}
}

// codeOf is what is between fences or single backticks, the latter still in them; prose,
// which may begin with the program's name, is left out.
func codeOf(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(text, "```") {
		if i%2 == 1 {
			b.WriteString(part + "\n")
			continue
		}
		for _, inline := range regexp.MustCompile("`[^`\n]+`").FindAllString(part, -1) {
			b.WriteString(" " + inline + "\n")
		}
	}
	return b.String()
}
