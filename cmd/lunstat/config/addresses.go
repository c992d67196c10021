package config

import (
	"fmt"
	"net/mail"
	"strings"
)

// Addresses are mail addresses by commas, "storage@example.com, root"; "" is none.
type Addresses string

// UnmarshalText takes only what List can read.
func (a *Addresses) UnmarshalText(text []byte) error {
	if _, err := Addresses(text).List(); err != nil {
		return err
	}
	*a = Addresses(text)
	return nil
}

// List are the addresses one by one. A name without "@" is a local user's.
func (a Addresses) List() ([]*mail.Address, error) {
	var all []*mail.Address
	for _, word := range splitAddresses(string(a)) {
		one, err := mail.ParseAddress(word)
		if err != nil && LocalUser(word) {
			one, err = &mail.Address{Address: word}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%q is no mail address: %s", word, strings.TrimPrefix(err.Error(), "mail: "))
		}
		all = append(all, one)
	}
	return all, nil
}

// splitAddresses splits at the commas that are outside of quotes.
func splitAddresses(text string) []string {
	quoted := false
	words := strings.FieldsFunc(text, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ',' && !quoted
	})
	var out []string
	for _, w := range words {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// LocalUser reports whether a word can be a local user or an alias of one.
func LocalUser(s string) bool {
	return s != "" && s[0] != '-' && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._+-", r))
	})
}
