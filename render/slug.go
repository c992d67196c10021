package render

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// maxSlug keeps a file name readable in a listing.
const maxSlug = 48

// slugs gives each name a short one of lower-case ASCII letters, digits, dots and
// hyphens, safe in any filesystem, shell and URL. A name that loses something on
// the way, or that meets another, gets a hash of itself: no two are ever the
// same, and a name's slug doesn't change because another LUN came.
type slugs map[string]string // slug → the name that it replaces

func (s slugs) of(name string) string {
	slug := plain(name)
	if slug != strings.ToLower(name) || s.taken(slug, name) {
		slug = strings.Trim(cut(slug, maxSlug-9), "-.") + "-" + hash(name)
		slug = strings.TrimPrefix(slug, "-")
	}
	s[slug] = name
	return slug
}

func (s slugs) taken(slug, name string) bool {
	have, ok := s[slug]
	return ok && have != name || len(slug) > maxSlug || slug == ""
}

// plain keeps what is safe, and puts one hyphen for each run of the rest.
func plain(name string) string {
	var b strings.Builder
	hyphen := false
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			b.WriteRune(r)
			hyphen = r == '-'
		case !hyphen:
			b.WriteByte('-')
			hyphen = true
		}
	}
	return strings.Trim(b.String(), "-.")
}

func cut(s string, n int) string { return s[:min(len(s), n)] }

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:4])
}
