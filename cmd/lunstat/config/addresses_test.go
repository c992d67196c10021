package config

import (
	"strings"
	"testing"
)

func TestAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "",
		" , ":                                   "",
		"root":                                  "root",
		"a@example.com, root":                   "a@example.com root",
		`"Last, First" <a@example.com>,b@[::1]`: "a@example.com b@[::1]",
		"Störung <a@example.com>":               "a@example.com",
		"Grüße <ops@exämple.com>":               "ops@xn--exmple-cua.com",
		"a@\u00ad\u00ad.com":                    "error", // soft hyphens
		"a b":                                   "error",
		"-f":                                    "error",
		"a@example.com b@example.com":           "error",
		"a@example.com\nBcc: b@example.com":     "error",
		"a\r\nBcc: x":                           "error",
		"|/bin/sh":                              "error",
	} {
		all, err := Addresses(text).List()
		var got []string
		for _, a := range all {
			got = append(got, a.Address)
		}
		if s := strings.Join(got, " "); err == nil && s != want || err != nil && want != "error" {
			t.Errorf("%q: %q, %v, want %q", text, s, err, want)
		}
	}
}
