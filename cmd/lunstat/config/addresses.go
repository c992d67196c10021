package config

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
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
		if err := asciiDomain(one); err != nil {
			return nil, fmt.Errorf("%q is no mail address: %w", word, err)
		}
		all = append(all, one)
	}
	return all, nil
}

// asciiDomain writes an address's domain as the DNS has it, exämple.com as
// xn--exmple-cua.com: few MTAs take another in a header.
func asciiDomain(a *mail.Address) error {
	at := strings.LastIndexByte(a.Address, '@')
	domain := a.Address[at+1:]
	if !strings.ContainsFunc(domain, func(r rune) bool { return r > unicode.MaxASCII }) {
		return nil
	}
	plain, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return err
	}
	a.Address = a.Address[:at+1] + plain
	_, err = mail.ParseAddress(a.String()) // what is left of a domain may be none
	return err
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
