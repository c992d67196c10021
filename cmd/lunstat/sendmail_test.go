package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// script is a sendmail that does what a shell says.
func script(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sendmail")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSendmail: what an MTA takes, and each way in which it doesn't.
func TestSendmail(t *testing.T) {
	message := []byte("To: root\n\n.\nend\n")
	got := filepath.Join(t.TempDir(), "got")
	for name, c := range map[string]struct {
		body, want, hint string
		within           time.Duration
	}{
		"takes it":                  {body: `echo "$@" >` + got + `; cat >>` + got},
		"says nothing bad":          {body: "cat >/dev/null; echo queued; exit 0"},
		"reads nothing":             {body: "exit 0"},
		"goes on in the background": {body: "cat >/dev/null; sleep 600 & exit 0"},
		"refuses": {
			body: "echo 'postdrop: warning: mail_queue_enter:' >&2; echo 'no space' >&2; exit 75",
			want: "exit status 75: postdrop: warning: mail_queue_enter: no space", hint: "log",
		},
		"floods":           {body: "yes error | head -c 10000000 >&2; exit 1", want: "exit status 1: error error", hint: "--mail -"},
		"hangs":            {body: "sleep 600", want: "no answer within", within: 50 * time.Millisecond, hint: "log"},
		"hangs in a child": {body: "sleep 600 & wait", want: "no answer within", within: 50 * time.Millisecond, hint: "log"},
	} {
		t.Run(name, func(t *testing.T) {
			within := c.within
			if within == 0 {
				within = time.Minute
			}
			err := sendmail(t.Context(), script(t, c.body), message, within)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 2000 {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if status, hint := diagnose(err); status != statusFailed || !strings.Contains(hint, c.hint) {
				t.Errorf("status %d, hint %q, want %q", status, hint, c.hint)
			}
		})
	}
	if b, err := os.ReadFile(got); err != nil || string(b) != "-t -i\n"+string(message) {
		t.Errorf("sendmail got %q, %v", b, err)
	}
}

// TestSendmailStopped: a signal while the MTA works is told as one.
func TestSendmailStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := sendmail(ctx, script(t, "sleep 600"), nil, time.Minute)
	if _, hint := diagnose(err); !errors.Is(err, context.Canceled) || !strings.Contains(hint, "signal") {
		t.Errorf("%v, hint %q", err, hint)
	}
}

func TestFindSendmail(t *testing.T) {
	_, err := findSendmail("/nowhere/sendmail")
	if status, hint := diagnose(err); status != statusFailed || !strings.Contains(hint, "report.sendmail") {
		t.Errorf("%v: status %d, hint %q", err, status, hint)
	}
	mine := script(t, "exit 0")
	if got, err := findSendmail(mine); err != nil || got != mine {
		t.Errorf("%q, %v", got, err)
	}
	t.Setenv("PATH", filepath.Dir(mine))
	if got, err := findSendmail(""); err != nil || got != mine {
		t.Errorf("%q, %v, want that of PATH", got, err)
	}
}

// TestSender: an address that others can answer to, or none, so that the MTA writes one.
func TestSender(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mailname")
	for _, c := range []struct{ host, mailname, domain string }{
		{host: "mail1.example.org", mailname: "example.com\n", domain: "mail1.example.org"},
		{host: "mail1", mailname: "example.com\n", domain: "example.com"},
		{host: "mail1", mailname: " example.com \nsecond.example.org\n", domain: "example.com"},
		{host: "bad..name", mailname: "example.com", domain: "example.com"},
		{host: "mail1", mailname: "localhost\n"},
		{host: "mail1", mailname: "a b.c\n"},
		{host: "mail1", mailname: ""},
	} {
		if err := os.WriteFile(path, []byte(c.mailname), 0o644); err != nil {
			t.Fatal(err)
		}
		got := sender(c.host, readMailname(path))
		if c.domain == "" {
			if got != nil {
				t.Errorf("%q, %q: from %v, want none", c.host, c.mailname, got)
			}
			continue
		}
		if got == nil || !strings.HasSuffix(got.Address, "@"+c.domain) || got.Name != "lunstat" {
			t.Errorf("%q, %q: from %v, want the user at %s", c.host, c.mailname, got, c.domain)
		}
	}
	if got := readMailname(filepath.Join(t.TempDir(), "none")); got != "" {
		t.Errorf("without the file: %q", got)
	}
}
