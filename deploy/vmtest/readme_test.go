package vmtest

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// installing gives the commands of the README's section "Use it" as an admin copies them:
// the lines of its first block, each without the comment behind it.
func installing(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Use it\n")
	_, block, found := strings.Cut(section, "\n```sh\n")
	block, _, closed := strings.Cut(block, "\n```")
	if !found || !closed {
		t.Fatal("the README shows no commands under Use it")
	}
	comment := regexp.MustCompile(`\s+#.*$`)
	var lines []string
	for line := range strings.Lines(block) {
		lines = append(lines, strings.TrimSpace(comment.ReplaceAllString(strings.TrimRight(line, "\n"), "")))
	}
	return lines
}

// TestReadmeInstallsThisRelease: the README names the package that make packages builds.
func TestReadmeInstallsThisRelease(t *testing.T) {
	version, err := os.ReadFile("../../cmd/lunstat/version.go")
	if err != nil {
		t.Fatal(err)
	}
	release := regexp.MustCompile(`const release = "(.+)"`).FindSubmatch(version)
	if release == nil {
		t.Fatal("version.go has no release")
	}
	lines := installing(t)
	for _, want := range []string{
		"apt install ./lunstat_" + string(release[1]) + "-1_amd64.deb",
		"systemctl enable --now lunstat-collect.timer lunstat-report.timer",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("the README does not say %q, but %q", want, lines)
		}
	}
}

// TestReadmeNamesGo: the README says which Go the build needs, as go.mod does.
func TestReadmeNamesGo(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	needs := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(mod)
	if needs == nil {
		t.Fatal("go.mod names no Go")
	}
	for _, name := range []string{"../../README.md", "../README.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if want := "Go " + string(needs[1]) + " or later"; !strings.Contains(string(text), want) {
			t.Errorf("%s does not say %q", name, want)
		}
	}
}
