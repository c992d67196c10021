// Package deploy holds files for cron, systemd and monitoring systems; its tests
// ask the tools that read them.
package deploy

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestCronFile checks the file for what makes cron ignore it silently.
func TestCronFile(t *testing.T) {
	files, err := filepath.Glob("cron.d/*")
	if err != nil || len(files) != 1 {
		t.Fatalf("files in cron.d: %v, %v", files, err)
	}
	if name := filepath.Base(files[0]); !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(name) {
		t.Errorf("cron passes over a file called %q", name)
	}
	text := read(t, files[0])
	if !strings.HasSuffix(text, "\n") {
		t.Error("cron wants a line feed after the last line")
	}
	job := regexp.MustCompile(`^#?([0-9*]\S*\s+){5}root\s`)
	jobs := 0
	for line := range strings.Lines(text) {
		if !job.MatchString(line) {
			continue
		}
		jobs++
		if bare := strings.ReplaceAll(line, `\%`, ""); strings.Contains(bare, "%") {
			t.Errorf("cron ends the line at its first bare %%: %s", line)
		}
	}
	if jobs != 2 {
		t.Errorf("%d jobs, want the collector and the report", jobs)
	}
	if !strings.Contains(text, " --mail ") {
		t.Error("the report's job mails nothing")
	}
}

// TestWeek runs the words by which both report jobs name the week that ended on
// Sunday, as cron and systemd hand them to the shell.
func TestWeek(t *testing.T) {
	if err := exec.Command("date", "-d", "last sunday").Run(); err != nil {
		t.Skip("date(1) is not GNU's")
	}
	for path, percent := range map[string]string{"cron.d/lunstat": `\%`, "systemd/lunstat-report.service": "%%"} {
		call := regexp.MustCompile(`\((date [^)]*)\)`).FindStringSubmatch(read(t, path))
		if call == nil {
			t.Errorf("%s: no date in $(…)", path)
			continue
		}
		before := lastWeek(time.Now())
		out, err := exec.Command("sh", "-c", strings.ReplaceAll(call[1], percent, "%")).Output()
		got, after := strings.TrimSpace(string(out)), lastWeek(time.Now())
		if err != nil || got != before && got != after {
			t.Errorf("%s: %s gives %q, %v, want %s", path, call[1], got, err, after)
		}
	}
}

// lastWeek is the ISO week that the last Sunday before today ended.
func lastWeek(now time.Time) string {
	back := int(now.Weekday())
	if back == 0 {
		back = 7
	}
	year, week := now.AddDate(0, 0, -back).ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, week)
}

// units lays the units out as a host has them, with a stand-in for the program.
func units(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	system := filepath.Join(root, "etc/systemd/system")
	if err := os.CopyFS(system, os.DirFS("systemd")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"usr/local/bin/lunstat", "bin/sh", "bin/systemctl"} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// TestUnits has systemd read them: a misspelt setting is a warning to it, and an
// error here.
func TestUnits(t *testing.T) {
	analyze := analyzer(t)
	root := units(t)
	for _, name := range []string{"lunstat-collect.service", "lunstat-collect.timer", "lunstat-report.service", "lunstat-report.timer", "lunstat-report-mail.service"} {
		out, err := exec.Command(analyze, "verify", "--man=no", "--recursive-errors=no", "--root="+root, name).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// analyzer finds a systemd-analyze that can verify below another root.
func analyzer(t *testing.T) string {
	t.Helper()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze here")
	}
	out, err := exec.Command(analyze, "--version").Output()
	var version int
	if _, scan := fmt.Sscanf(string(out), "systemd %d", &version); err != nil || scan != nil || version < 252 {
		t.Skipf("systemd-analyze is of %d, want 252 or later", version)
	}
	return analyze
}

// TestOldSystemd: an older systemd passes over a setting that it does not know. RHEL 8 has
// 239 and Ubuntu 18.04 has 237, so what the work depends on must be older still.
func TestOldSystemd(t *testing.T) {
	later := regexp.MustCompile(`^(OnSuccess|Upholds|ExecCondition|ExecSearchPath|LoadCredential|OpenFile)=|^Exec\w+=:|^Standard\w+=(append|truncate):`)
	services, err := filepath.Glob("systemd/*.service")
	if err != nil || len(services) != 3 {
		t.Fatal(services, err)
	}
	for _, path := range services {
		for line := range strings.Lines(read(t, path)) {
			if later.MatchString(line) {
				t.Errorf("%s: %s", path, line)
			}
		}
	}
}

// TestMailUnit runs what the mail's unit runs, with a stand-in for the MTA.
func TestMailUnit(t *testing.T) {
	command := regexp.MustCompile(`(?m)^ExecStart=/bin/sh -c '(.*)'$`).FindStringSubmatch(read(t, "systemd/lunstat-report-mail.service"))
	if command == nil {
		t.Fatal("the unit runs no shell")
	}
	for _, tt := range []struct {
		name, message, sent string
		mta                 int
	}{
		{name: "to somebody", message: "From: a@b\nTo: c@d\n\ntext\n", sent: "-t -i\nFrom: a@b\nTo: c@d\n\ntext\n"},
		{name: "to nobody", message: "From: a@b\n\nTo: is said below\n"},
		{name: "the MTA refuses", message: "To: c@d\n\n", sent: "-t -i\nTo: c@d\n\n", mta: 75},
	} {
		dir := t.TempDir()
		mta := fmt.Sprintf("#!/bin/sh\n{ echo \"$@\"; cat; } >%s/sent\nexit %d\n", dir, tt.mta)
		if err := errors.Join(os.WriteFile(dir+"/mta", []byte(mta), 0o755), os.WriteFile(dir+"/report.eml", []byte(tt.message), 0o644)); err != nil {
			t.Fatal(err)
		}
		shell := strings.NewReplacer("$$", "$", "/var/lib/lunstat", dir, "/usr/sbin/sendmail", dir+"/mta").Replace(command[1])
		cmd := exec.Command("sh", "-c", shell)
		out, err := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != tt.mta || len(out) > 0 {
			t.Errorf("%s: %v, want status %d: %s", tt.name, err, tt.mta, out)
		}
		if sent, _ := os.ReadFile(dir + "/sent"); string(sent) != tt.sent {
			t.Errorf("%s: sent %q, want %q", tt.name, sent, tt.sent)
		}
	}
}

// TestCollectorSeesTheHost: a setting that gives the collector a mount namespace
// hides mounts from it or shows them as they are not.
func TestCollectorSeesTheHost(t *testing.T) {
	namespace := regexp.MustCompile(`^(Protect(System|Home|Kernel\w+|ControlGroups|Proc)|Private(Tmp|Devices|Mounts|Users|Network|IPC)|ProcSubset|DynamicUser|\w+Paths|TemporaryFileSystem|Root\w+|MountFlags|MountImages|ExtensionImages|LogNamespace)=`)
	files, err := filepath.Glob("systemd/lunstat-collect.service.d/*.conf")
	if err != nil || len(files) == 0 {
		t.Fatalf("drop-ins: %v, %v", files, err)
	}
	for _, path := range append(files, "systemd/lunstat-collect.service") {
		for line := range strings.Lines(read(t, path)) {
			if namespace.MatchString(line) {
				t.Errorf("%s: %s", path, line)
			}
		}
	}
}

// TestPackageScripts: the shell can read what the packages run, and the changelog begins
// with the release that the program shows.
func TestPackageScripts(t *testing.T) {
	for _, script := range []string{"build", "changelog", "postinstall", "preremove", "postremove"} {
		if out, err := exec.Command("sh", "-n", "packages/"+script).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
	}
	release := regexp.MustCompile(`const release = "(.+)"`).FindStringSubmatch(read(t, "../cmd/lunstat/version.go"))
	latest := regexp.MustCompile(`(?m)^## (\S+) - \d{4}-\d\d-\d\d$`).FindStringSubmatch(read(t, "../docs/changelog.md"))
	if release == nil || latest == nil || release[1] != latest[1] {
		t.Errorf("the program is release %v, the changelog's newest is %v", release, latest)
	}
	cmd := exec.Command("packages/changelog")
	cmd.Stdin = strings.NewReader("# x\n\n## 1.2.3 - 2026-01-02\n\n- A \"b\"\n  c.\n- " + strings.Repeat("word ", 30) + "\n\n## 1.2.2 - 2026-01-02\n\n- D.\n")
	out, err := cmd.Output()
	if err != nil || !strings.Contains(string(out), `    - note: "A \"b\" c."`) || !strings.Contains(string(out), `word\n    word`) || !strings.HasPrefix(string(out), "- semver: 1.2.3\n  date: 2026-01-02T00:59:00Z\n") ||
		!strings.Contains(string(out), "date: 2026-01-02T00:58:00Z\n") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestTmpfiles: a journal that cron's collector left as root is the user's, whoever owned
// the folder. Else the timer's collector may not open it.
func TestTmpfiles(t *testing.T) {
	tmpfiles, err := exec.LookPath("systemd-tmpfiles")
	if err != nil || os.Geteuid() != 0 {
		t.Skip("needs systemd-tmpfiles, and root to give files away")
	}
	root := t.TempDir()
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"etc/passwd":                      "root:x:0:0::/root:/bin/sh\nlunstat:x:4321:4321::/:/bin/false\n",
		"etc/group":                       "root:x:0:\nlunstat:x:4321:\n",
		"usr/lib/tmpfiles.d/lunstat.conf": read(t, "systemd/lunstat.tmpfiles"),
		"var/lib/lunstat/journal.db":      "",
	} {
		path := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	folder := filepath.Join(root, "var/lib/lunstat")
	if err := os.Chown(folder, 4321, 4321); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tmpfiles, "--root="+root, "--create", "lunstat.conf").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(folder + "/journal.db")
	if err != nil {
		t.Fatal(err)
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !ok || owner.Uid != 4321 || owner.Gid != 4321 || info.Mode() != 0o644 {
		t.Errorf("the journal is %+v, %v, want the user's", owner, info.Mode())
	}
}

// TestPathsOfThePackage: what a text says is in the package's documents is there, as
// packages/build copies it.
func TestPathsOfThePackage(t *testing.T) {
	named := regexp.MustCompile(`/usr/share/doc/lunstat/([\w./-]+\w)`)
	texts := []string{"README.md", "../README.md"}
	for _, pattern := range []string{"../cmd/lunstat/*.go", "../collector/*.go", "../docs/*.md", "vmtest/guest/*"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		texts = append(texts, files...)
	}
	found := 0
	for _, text := range texts {
		for _, path := range named.FindAllStringSubmatch(read(t, text), -1) {
			found++
			if _, err := os.Stat("../" + path[1]); err != nil {
				t.Errorf("%s names %s: %v", text, path[0], err)
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d paths found", found)
	}
}

// TestPostinstall: which line the script prints on a host with systemd, after a first
// installation, an upgrade and a return of what was removed.
func TestPostinstall(t *testing.T) {
	for _, tt := range []struct {
		name    string
		args    []string
		enabled bool
		says    string
	}{
		{name: "first, deb", args: []string{"configure", ""}, says: "lunstat samples from now on with: systemctl enable --now lunstat-collect.timer\n"},
		{name: "first, rpm", args: []string{"1"}, says: "lunstat samples from now on with: systemctl enable --now lunstat-collect.timer\n"},
		{name: "upgrade, deb", args: []string{"configure", "0.6.0-1"}, enabled: true},
		{name: "upgrade, rpm", args: []string{"2"}, enabled: true},
		{name: "back after a removal", args: []string{"configure", "0.6.0-1"}, says: "lunstat samples from now on with: systemctl enable --now lunstat-collect.timer\n"},
	} {
		dir := t.TempDir()
		enabled := 1
		if tt.enabled {
			enabled = 0
		}
		for name, does := range map[string]string{
			"systemctl":        fmt.Sprintf(`echo "systemctl $*" >>%s/did; [ "$2" != is-enabled ] || exit %d`, dir, enabled),
			"systemd-sysusers": `echo "sysusers $*" >>` + dir + `/did`,
			"systemd-tmpfiles": `echo "tmpfiles $*" >>` + dir + `/did; exit 1`,
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+does+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		script := strings.NewReplacer("/run/systemd/system", dir, "/usr/local", dir+"/local", "/etc/systemd", dir+"/etc").Replace(read(t, "packages/postinstall"))
		cmd := exec.Command("sh", append([]string{"-c", script, "sh"}, tt.args...)...)
		cmd.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
		out, err := cmd.CombinedOutput()
		if err != nil || string(out) != tt.says {
			t.Errorf("%s: %v, says %q, want %q", tt.name, err, out, tt.says)
		}
		did := read(t, dir+"/did")
		for _, want := range []string{"sysusers lunstat.conf\n", "tmpfiles --create lunstat.conf\n", "systemctl daemon-reload\n"} {
			if !strings.Contains(did, want) {
				t.Errorf("%s: did %q, want %q too", tt.name, did, want)
			}
		}
		if tt.name != "upgrade, rpm" {
			continue
		}
		// What was installed by hand goes before the package's.
		if err := errors.Join(os.MkdirAll(dir+"/local/bin", 0o755), os.WriteFile(dir+"/local/bin/lunstat", nil, 0o755)); err != nil {
			t.Fatal(err)
		}
		cmd = exec.Command("sh", append([]string{"-c", script, "sh"}, tt.args...)...)
		cmd.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "local/bin/lunstat was not installed by this package") {
			t.Errorf("beside another: %v, %q", err, out)
		}
	}
}

// TestRemoval runs the script that a removal runs: only purge deletes the journal. It is
// read, not run, where it names the real folder.
func TestRemoval(t *testing.T) {
	dir := t.TempDir()
	script := strings.ReplaceAll(read(t, "packages/postremove"), "/var/lib/lunstat", dir+"/journal")
	script = strings.ReplaceAll(strings.ReplaceAll(script, "/etc/lunstat", dir+"/etc"), "/run/systemd/system", dir+"/no")
	for _, tt := range []struct {
		arg  string
		kept bool
	}{{"remove", true}, {"upgrade", true}, {"0", true}, {"1", true}, {"purge", false}} {
		if err := os.MkdirAll(dir+"/journal/x", 0o755); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("sh", "-c", script, "sh", tt.arg).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", tt.arg, err, out)
		}
		if _, err := os.Stat(dir + "/journal/x"); (err == nil) != tt.kept {
			t.Errorf("%s: journal kept %v, want %v", tt.arg, err == nil, tt.kept)
		}
	}
}

// TestLicences: each module that is linked has a licence that lets the packages carry it.
func TestLicences(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command to ask")
	}
	out, err := exec.Command(goTool, "list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Dir}}{{end}}", "../cmd/lunstat").Output()
	if err != nil {
		t.Fatal(err)
	}
	known := regexp.MustCompile(`(?i)permission is hereby granted|redistribution and use in source and binary forms|apache license|mozilla public license|bitstream vera|freetype license|free and unencumbered software|creative commons attribution 4|sil open font license`)
	modules := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		module, dir, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || module == "lunstat" || modules[module] {
			continue
		}
		modules[module] = true
		files, _ := filepath.Glob(dir + "/*[Ll][Ii][Cc][Ee][Nn]*")
		found := false
		for _, f := range files {
			text, err := os.ReadFile(f)
			found = found || err == nil && known.Match(text)
		}
		if !found {
			t.Errorf("%s: no licence that is known, in %v", module, files)
		}
	}
	if len(modules) < 10 {
		t.Errorf("only %d modules", len(modules))
	}
}
