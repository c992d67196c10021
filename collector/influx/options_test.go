package influx

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadToken(t *testing.T) {
	for _, test := range []struct {
		name, text string
		mode       os.FileMode
		want       string
		open       bool
	}{
		{name: "plain", text: "abc==\n", mode: 0o600, want: "abc=="},
		{name: "read only", text: "user:pass word", mode: 0o400, want: "user:pass word"},
		{name: "as by Windows", text: "\ufeffabc==\r\n", mode: 0o600, want: "abc=="},
		{name: "others read", text: "abc", mode: 0o604, open: true},
		{name: "group reads", text: "abc", mode: 0o640, open: true},
		{name: "others write", text: "abc", mode: 0o602, open: true},
		{name: "empty", text: "\n", mode: 0o600},
		{name: "two lines", text: "a\nb\n", mode: 0o600},
		{name: "too long", text: strings.Repeat("a", 5000), mode: 0o600},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "it's a token")
			if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(file, test.mode); err != nil {
				t.Fatal(err)
			}
			got, err := ReadToken(file)
			if got != test.want || (err == nil) != (test.want != "") {
				t.Errorf("%q, %v, want %q", got, err, test.want)
			}
			var open *OpenTokenError
			if errors.As(err, &open) != test.open {
				t.Errorf("%v", err)
			}
			if open != nil && open.Hint() != `chmod 600 '`+strings.ReplaceAll(file, "'", `'\''`)+`'` {
				t.Errorf("hint %s", open.Hint())
			}
			if err != nil && strings.Contains(err.Error(), "abc") {
				t.Errorf("the token is in %q", err)
			}
		})
	}
	if _, err := ReadToken(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestOptions(t *testing.T) {
	const secret = "s3cret-word"
	for name, o := range map[string]Options{
		"no URL":       {},
		"no scheme":    {URL: "influx:8086"},
		"other scheme": {URL: "ftp://influx"},
		"no host":      {URL: "http:///x"},
		"user in it":   {URL: "http://user:" + secret + "@influx:8086"},
		"broken":       {URL: "http://user:" + secret + "@influx:80 86/%zz"},
		"query":        {URL: "http://influx/?u=x&p=" + secret},
		"user alone":   {URL: "user:" + secret + "@influx:8086"},
		"token of two": {URL: "http://influx", Token: "a\nb" + secret},
		"no CA file":   {URL: "https://influx", CAFile: "/nonexistent/ca.pem"},
		"CA is no CA":  {URL: "https://influx", CAFile: "options.go"},
		"no key":       {URL: "https://influx", CertFile: "/nonexistent/cert.pem", KeyFile: "/nonexistent/key.pem"},
		"key, no cert": {URL: "https://influx", KeyFile: "/nonexistent/key.pem"},
	} {
		if _, err := NewSink(o); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := NewSource(o); err == nil {
			t.Errorf("%s: a source of it", name)
		}
	}
	for _, url := range []string{"http://influx:8086", "https://influx/", "http://[::1]:8086/influx/"} {
		if _, err := NewSink(Options{URL: url}); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}
