package influx

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// withheld is said in place of a text that has the token in it in another form.
const withheld = "(the server's words repeat the token, so they are not shown)"

// hide takes the token out of a text of the server's. A server may repeat it as it
// is, quoted, or encoded, and a proxy may do so once more; the plain token is
// masked, and a text that has it in any other form is not shown at all.
func hide(text, token string) string {
	for _, secret := range secretsOf(token) {
		text = trimBegun(strings.ReplaceAll(text, secret, "******"), secret)
		if revealed(text, secret) {
			return withheld
		}
	}
	return text
}

// secretsOf: of 1.8's "user:password", the password alone is a secret too. A
// password of a few letters may be part of any word.
func secretsOf(token string) []string {
	const shortest = 4
	var all []string
	if token != "" {
		all = append(all, token)
	}
	if _, password, ok := strings.Cut(token, ":"); ok && len(password) >= shortest {
		all = append(all, password)
	}
	return all
}

// trimBegun drops a token that the end of a text cut in its middle.
func trimBegun(text, secret string) string {
	const shortest = 4
	for n := min(len(text), len(secret)-1); n >= shortest; n-- {
		if strings.HasSuffix(text, secret[:n]) {
			return text[:len(text)-n]
		}
	}
	return text
}

// revealed reports whether a text that lacks the plain secret has it encoded. What
// looks encoded in the secret itself is decoded too, so both are compared at the end.
func revealed(text, secret string) bool {
	const deepest = 8 // encodings of encodings
	bare := secret
	for range deepest {
		if encoded(text, secret) || holds(text, secret) {
			return true
		}
		next := unescape(html.UnescapeString(text))
		if next == text {
			break
		}
		text, bare = next, unescape(html.UnescapeString(bare))
	}
	return holds(text, bare)
}

// holds compares letters, digits and signs alone.
func holds(text, secret string) bool {
	s := squeeze(secret)
	return s != "" && strings.Contains(squeeze(text), s)
}

// encoded finds a secret in base64 or hexadecimal, also as a part of what was
// encoded.
func encoded(text, secret string) bool {
	if len(secret) < 4 {
		return false // too little is left of it to know it by
	}
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			// What is before and after it changes the characters at both ends.
			whole := alphabet.EncodeToString([]byte(strings.Repeat("\x00", before) + secret))
			from, to := (before*8+5)/6, (before+len(secret))*8/6
			if strings.Contains(text, whole[from:to]) {
				return true
			}
		}
	}
	return strings.Contains(strings.ToLower(text), hex.EncodeToString([]byte(secret)))
}

// squeeze drops spaces, the plus that means one in a URL, and invisible characters.
func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}

// unescape undoes one layer of %XX, \xXX, \uXXXX and \c.
func unescape(text string) string {
	if !strings.ContainsAny(text, `%\`) {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		n := 1
		switch {
		case text[i] == '%':
			if v, ok := hexNumber(text, i+1, 2); ok {
				b, n = append(b, byte(v)), 3
			} else {
				b = append(b, text[i])
			}
		case text[i] == '\\' && i+1 < len(text):
			b, n = appendEscaped(b, text, i)
		default:
			b = append(b, text[i])
		}
		i += n
	}
	return string(b)
}

// appendEscaped takes the escape at text[at:], and says how long it is.
func appendEscaped(b []byte, text string, at int) ([]byte, int) {
	switch text[at+1] {
	case 'x':
		if v, ok := hexNumber(text, at+2, 2); ok {
			return append(b, byte(v)), 4
		}
	case 'u':
		if v, ok := hexNumber(text, at+2, 4); ok {
			return utf8.AppendRune(b, rune(v)), 6
		}
	}
	return append(b, text[at+1]), 2
}

func hexNumber(text string, at, digits int) (uint64, bool) {
	if at+digits > len(text) {
		return 0, false
	}
	v, err := strconv.ParseUint(text[at:at+digits], 16, 32)
	return v, err == nil
}

// fit makes an error's text fit to be shown: part of it may be the server's. What
// the error wraps stays.
func fit(err error, token string) error {
	if err == nil {
		return nil
	}
	if text := oneLine(err.Error(), token); text != err.Error() {
		return &fitError{text, err}
	}
	return err
}

type fitError struct {
	text string
	err  error
}

func (e *fitError) Error() string { return e.text }

func (e *fitError) Unwrap() error { return e.err }
