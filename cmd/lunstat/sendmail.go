package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"lunstat/cmd/lunstat/config"
	"lunstat/render"
)

// sendmailTimeout is how long sendmail may take to accept a message. An MTA puts it
// into its queue and answers at once; msmtp speaks to its server meanwhile.
const sendmailTimeout = 90 * time.Second

// toStdout is the recipient that means: print the message.
const toStdout = "-"

// mailFlag is --mail.
type mailFlag struct {
	to    string
	given bool
}

func (f mailFlag) printed() bool { return f.given && f.to == toStdout }

// options are whom a report's mail is from and to; nil: no mail. The flag goes before
// the config, but one that only prints takes the config's recipients.
func (f mailFlag) options(e *env, c *config.Config) (*render.Mail, error) {
	to := c.Report.Mail
	if f.given && !f.printed() {
		to = config.Addresses(f.to)
	}
	all, err := to.List()
	if err != nil {
		return nil, usagef("--mail: %w", err)
	}
	if len(all) == 0 && !f.printed() {
		return nil, nil
	}
	m := &render.Mail{To: all}
	if m.Host, err = e.Hostname(); err != nil {
		m.Host = "localhost"
	}
	from, err := c.Report.MailFrom.List()
	if err != nil {
		return nil, err // not reached: the value was checked with its line
	}
	m.From = sender(m.Host, readMailname(e.Mailname))
	if len(from) > 0 {
		m.From = from[0]
	}
	return m, nil
}

// deliver prints the message or hands it to the MTA; nil is none.
func (f mailFlag) deliver(ctx context.Context, e *env, c *config.Config, message []byte) error {
	if message == nil {
		return nil
	}
	if f.printed() {
		_, err := e.Stdout.Write(message)
		return err
	}
	path, err := findSendmail(c.Report.Sendmail)
	if err != nil {
		return err
	}
	return sendmail(ctx, path, message, sendmailTimeout)
}

// sender is the user who runs lunstat, at the domain of the host's name or, if that has
// none, of Debian's mailname, which is how Debian's MTAs complete an address. If no
// domain is known, sender is nil and the MTA writes the header: dma and msmtp don't
// complete an address that is there, and nobody could answer to one without a domain.
func sender(host, mailname string) *mail.Address {
	name := "root"
	if u, err := user.Current(); err == nil && config.LocalUser(u.Username) {
		name = u.Username
	}
	for _, domain := range []string{host, mailname} {
		if !strings.Contains(domain, ".") {
			continue
		}
		if full, err := mail.ParseAddress(name + "@" + domain); err == nil {
			full.Name = "lunstat"
			return full
		}
	}
	return nil
}

// readMailname gives the first line of the file in which Debian keeps the domain of the
// host's mail, or "" if there is none.
func readMailname(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSpace(line)
}

// sendmailError is a message that no MTA took.
type sendmailError struct {
	path string
	err  error
}

func (e *sendmailError) Error() string {
	return fmt.Sprintf("mailing the report by %s: %v", e.path, e.err)
}
func (e *sendmailError) Unwrap() error { return e.err }

// Hint is what to look at when a message wasn't taken.
func (e *sendmailError) Hint() string {
	switch {
	case errors.Is(e.err, context.Canceled):
		return "" // it was interrupted, and the MTA is not to blame
	case errors.Is(e.err, exec.ErrNotFound), errors.Is(e.err, fs.ErrNotExist):
		return "install an MTA (postfix, dma, msmtp-mta), or name its sendmail as report.sendmail in the config; --mail - prints the message"
	}
	return "the MTA's log says more (journalctl -u postfix, /var/log/mail.log); --mail - prints the message"
}

// findSendmail is the MTA's program. Cron's PATH and a user's often lack its folder.
func findSendmail(configured string) (string, error) {
	names := []string{"sendmail", "/usr/sbin/sendmail", "/usr/lib/sendmail"}
	if configured != "" {
		names = []string{configured}
	}
	var first error
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err == nil {
			return path, nil
		}
		if first == nil {
			first = &sendmailError{name, err}
		}
	}
	return "", first
}

// sendmail hands a message to the MTA, which takes the recipients from its headers.
func sendmail(ctx context.Context, path string, message []byte, within time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("no answer within %v", within))
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "-t", "-i") // -i: a line with a dot alone is text
	cmd.Dir = "/"
	cmd.Stdin = bytes.NewReader(message)
	said := &firstBytes{}
	cmd.Stdout, cmd.Stderr = said, said
	// A group of its own, so that what it started goes with it when it hangs.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 2 * time.Second // a child that keeps its standard error open
	err := cmd.Run()
	switch cause := context.Cause(ctx); {
	case errors.Is(err, exec.ErrWaitDelay): // it said yes; a child of it goes on
		return nil
	case err == nil:
		return nil
	case cause != nil:
		err = cause
	case said.String() != "":
		err = fmt.Errorf("%w: %s", err, said)
	}
	return &sendmailError{filepath.Clean(path), err}
}

// firstBytes keeps the beginning of what a program says.
type firstBytes struct{ b []byte }

// mostSaid is enough for a program's error, and no flood.
const mostSaid = 1024

func (f *firstBytes) Write(p []byte) (int, error) {
	f.b = append(f.b, p[:min(len(p), mostSaid-len(f.b))]...)
	return len(p), nil
}

func (f *firstBytes) String() string { return strings.Join(strings.Fields(string(f.b)), " ") }
