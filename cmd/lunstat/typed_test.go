package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/mapper/hosttest"
)

// typed is a command line that a document shows.
type typed struct {
	file, line string
	path       string // cron's, or what a shell of an admin has
}

const (
	cronPath  = "/usr/bin:/bin"
	adminPath = "/usr/local/bin:/usr/bin:/bin"
)

// TestTypedAsShown runs each command line of help texts, README, docs and deploy in a
// shell, as it is and with the PATH that it would have there. (The manual pages are
// the help texts.)
func TestTypedAsShown(t *testing.T) {
	t.Parallel()
	all := slices.Concat(helpLines(t), documentLines(t), deployLines(t))
	root := sandbox(t)
	ran := 0
	for _, c := range all {
		switch {
		case strings.Contains(c.line, "date -d") && exec.Command("date", "-d", "last sunday").Run() != nil:
			continue // not GNU's
		case strings.Contains(c.line, "lunstat demo"), strings.Contains(c.line, "--every 1s"):
			continue // they take a minute; their scripts and TestDocumentedCommands have them
		case strings.HasPrefix(c.line, "lunstat watch"):
			continue // it goes on until a signal; its own tests end it
		}
		t.Run(c.file+"/"+c.line, func(t *testing.T) { runTyped(t, root, c) })
		ran++
	}
	if ran < 60 {
		t.Errorf("only %d command lines found", ran)
	}
}

// runTyped demands status 0, or a finding of status; what needs an InfluxDB must say
// that there is none, and what asks the kernel that this is a captured host.
func runTyped(t *testing.T, root *typedRoot, c typed) {
	t.Helper()
	root.host.Pass(time.Minute)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // not 0 or 1: it would hang for ever
	defer cancel()
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", root.below(c.line))
	cmd.Dir = filepath.Join(root.dir, "work")
	cmd.Env = append(root.env, "PATH="+filepath.Join(root.dir, "stubs")+":"+root.below(c.path))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second // what the shell started may hold on to the pipes
	err := cmd.Run()
	status := cmd.ProcessState.ExitCode()
	needsInflux := strings.Contains(c.line, "influx") || strings.Contains(c.line, "lunstat forward")
	switch {
	case err == nil:
	case needsInflux && (status == 1 || status == 3) && strings.Contains(stderr.String(), "no InfluxDB is configured"):
	case strings.Contains(c.line, "setup histograms") && status == 1 && strings.Contains(stderr.String(), "another host's"):
	case strings.Contains(c.line, "lunstat status") && status < 3 && strings.HasPrefix(stdout.String(), "LUNSTAT "):
	default:
		t.Errorf("%v\n%s%s", err, stdout.String(), stderr.String())
	}
}

// typedRoot is a folder in which /usr/local, /etc and /var are, and a captured host.
type typedRoot struct {
	dir  string
	host *hosttest.Host
	env  []string
}

// below moves the folders that are written to below the test's own.
func (r *typedRoot) below(line string) string {
	return regexp.MustCompile(`(^|[\s"':=(>])/(usr/local|usr/share/doc|etc|var|backup)/`).ReplaceAllString(line, "${1}"+r.dir+"/${2}/")
}

func sandbox(t *testing.T) *typedRoot {
	t.Helper()
	r := &typedRoot{dir: t.TempDir(), host: hosttest.New(t, hosttest.Mail()...)}
	for _, dir := range []string{"usr/local/bin", "etc/cron.d", "var/www/html", "var/lib/lunstat", "var/lib/prometheus/node-exporter", "backup", "work", "stubs", "home"} {
		if err := os.MkdirAll(filepath.Join(r.dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(r.dir, "usr/share/doc/lunstat/deploy"), os.DirFS("../../deploy")); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link(t, self, filepath.Join(r.dir, "usr/local/bin/lunstat")) // TestMain goes by this name
	const list = "zimbra1_primary-store\t(253:8)\nzimbra1_sqldb-data\t(253:13)\n"
	for name, text := range map[string]string{
		"stubs/ssh": "#!/bin/sh\nshift\nexec sh -c \"$*\"\n", // as sshd hands it to a shell
		"stubs/multipath": "#!/bin/sh\ncat <<'EOF'\nmpatha (360060160a1b2c3d4e5f60718293a4b00) dm-8 DGC,VRAID\nsize=600G features='0' hwhandler='0' wp=rw\n" +
			"`-+- policy='round-robin 0' prio=0 status=active\n  |- 0:0:0:1 sdd 8:48 active ready running\n  `- 1:0:0:1 sdq 65:0 active ready running\nEOF\n",
		"stubs/dmsetup":     "#!/bin/sh\nprintf '" + list + "'\n",
		"stubs/iostat":      "#!/bin/sh\necho dm-13 1.00 2.00\n", // the real one never ends
		"stubs/sar":         "#!/bin/sh\necho 03:00:01 dev253-13 1.00 2.00\n",
		"stubs/sendmail":    "#!/bin/sh\ngrep -q ^To: || exit 1\n", // no test mails anybody
		"stubs/dmesg":       "#!/bin/sh\necho 'EXT4-fs (dm-13): mounted'\n",
		"stubs/runuser":     "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\nshift\nexec \"$@\"\n",
		"work/old-host.txt": list,
		"work/new.yaml":     "host: mail1\n",
	} {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c := newCaptured(t)
	c.on(r.host.Paths)
	c.vars["HOME"] = filepath.Join(r.dir, "home")
	c.vars["LUNSTAT_HOST"] = "mail1"
	now := time.Now()
	times := []time.Time{time.Date(2026, 11, 5, 2, 55, 0, 0, time.UTC), time.Date(2026, 11, 18, 9, 0, 0, 0, time.UTC), now.AddDate(0, 0, -7), now.Add(-3 * time.Minute)}
	slices.SortFunc(times, time.Time.Compare)
	for _, at := range times {
		for n := range 3 {
			r.host.Pass(time.Minute)
			c.run("collect", "--reading-time", at.Add(time.Duration(n)*time.Minute).Format(time.RFC3339))
		}
	}
	for range 3 {
		c.run("note", "one to delete")
	}
	if err := os.CopyFS(filepath.Join(r.dir, "backup"), os.DirFS(filepath.Dir(c.vars["LUNSTAT_JOURNAL_PATH"]))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "-wal", "-shm"} {
		at := filepath.Join(r.dir, "backup")
		if err := os.Rename(filepath.Join(at, "journal.db"+name), filepath.Join(at, "lunstat.db"+name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range c.vars {
		r.env = append(r.env, name+"="+value)
	}
	return r
}

// helpLines are the indented lines of the commands' help.
func helpLines(t *testing.T) (all []typed) {
	e, _, _ := world(t, nil)
	for _, cmd := range documented(newRootCommand(e)) {
		for line := range strings.Lines(continued.ReplaceAllString(cmd.Long, " ")) {
			if strings.HasPrefix(line, "    ") && strings.Contains(line, "lunstat") {
				all = append(all, shown(cmd.CommandPath(), strings.TrimSpace(line), cronPath))
			}
		}
	}
	return all
}

var (
	cronLine = regexp.MustCompile(`(?:[0-9*/,-]+ ){5}root ([^\n]+)`)
	// continued is the end of a line that the shell joins with the next one.
	continued = regexp.MustCompile(` \\\n +`)
	command   = regexp.MustCompile(`^(?:[A-Z_]+=\S* )?(?:lunstat|runuser|\w.*\| lunstat) `)
)

// shown is a line as it is run: one of cron's without its times, its % no longer
// escaped, and with cron's PATH.
func shown(file, line, path string) typed {
	if quoted, ok := strings.CutPrefix(line, "echo '"); ok {
		line, _, _ = strings.Cut(quoted, "'")
	}
	if m := cronLine.FindStringSubmatch(line); m != nil {
		return typed{file, strings.ReplaceAll(m[1], `\%`, "%"), path}
	}
	return typed{file, line, adminPath}
}

// documentLines are the commands in the code of README and docs.
func documentLines(t *testing.T) (all []typed) {
	files := []string{"../../README.md", "../../deploy/README.md"}
	docs, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(docs) == 0 {
		t.Fatalf("docs: %v, %v", docs, err)
	}
	for _, file := range append(files, docs...) {
		for line := range strings.Lines(codeOf(contents(t, file))) {
			line = strings.TrimPrefix(strings.Trim(line, " `\n"), "$ ")
			if cronLine.MatchString(line) || command.MatchString(line+" ") {
				all = append(all, shown(filepath.Base(file), line, cronPath))
			}
		}
	}
	return all
}

// deployLines are those of cron, systemd, Nagios, Icinga and Telegraf.
func deployLines(t *testing.T) (all []typed) {
	for file, pattern := range map[string]string{
		"cron.d/lunstat":                  `(?m)^#?((?:[0-9*]\S* +){5}root .*)$`,
		"nagios/nrpe-lunstat.cfg":         `(?m)^#?command\[\w+\]=(.*)$`,
		"nagios/lunstat.cfg":              `command_line +(/usr/local/bin/lunstat.*)`,
		"telegraf/lunstat.conf":           `commands = \["(.*)"\]`,
		"systemd/lunstat-collect.service": `(?m)^ExecStart=(.*)$`,
		"systemd/lunstat-report.service":  `(?m)^ExecStart=(.*)$`,
		"icinga2/lunstat.conf":            `command = \[ (.*) \]`,
	} {
		text := contents(t, filepath.Join("../../deploy", file))
		found := regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1)
		if len(found) == 0 {
			t.Errorf("%s has no command", file)
		}
		path := cronPath
		if m := regexp.MustCompile(`(?m)^PATH=(.*)$`).FindStringSubmatch(text); m != nil {
			path = m[1]
		}
		for _, m := range found {
			line := m[1]
			switch filepath.Dir(file) {
			case "systemd":
				line = strings.NewReplacer("%%", "%", "$$", "$").Replace(line)
			case "icinga2":
				line = strings.NewReplacer(`"`, "", ",", "").Replace(line)
			}
			c := shown(file, line, path)
			if filepath.Dir(file) != "cron.d" {
				c.path = cronPath // none of them is a shell of an admin's
			}
			all = append(all, c)
		}
	}
	return all
}
