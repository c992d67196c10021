package influx

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Tags hold what names an identity, a host or a LUN may have, and those may have
// anything, while line protocol can't hold a trailing backslash or a newline, and
// servers refuse what is not printable. tagValue writes such bytes as %XX and a
// percent sign as %25 where it would read as such, so that textOf gives the value
// back to the byte. All that a sane name has stays as it is.
func tagValue(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if keeps(s, i, r) {
			b.WriteString(s[i : i+n])
		} else {
			for _, c := range []byte(s[i : i+n]) {
				b.WriteByte('%')
				b.WriteByte(hexDigits[c>>4])
				b.WriteByte(hexDigits[c&15])
			}
		}
		i += n
	}
	return b.String()
}

const hexDigits = "0123456789ABCDEF"

func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '\\' || c == '%' {
			return false
		}
	}
	return true
}

// keeps reports whether the rune at s[i:] means itself.
func keeps(s string, i int, r rune) bool {
	switch r {
	case '\\': // before what line protocol escapes, it would escape
		return i+1 < len(s) && !strings.ContainsRune(`, =\`, rune(s[i+1]))
	case '%':
		_, escaped := hexByte(s[i:])
		return !escaped
	case utf8.RuneError:
		return false
	}
	return unicode.IsPrint(r)
}

// textOf undoes tagValue.
func textOf(tag string) string {
	if !strings.Contains(tag, "%") {
		return tag
	}
	b := make([]byte, 0, len(tag))
	for i := 0; i < len(tag); i++ {
		if c, ok := hexByte(tag[i:]); ok {
			b = append(b, c)
			i += 2
			continue
		}
		b = append(b, tag[i])
	}
	return string(b)
}

// hexByte reads %XX.
func hexByte(s string) (byte, bool) {
	if len(s) < 3 || s[0] != '%' {
		return 0, false
	}
	hi, lo := strings.IndexByte(hexDigits, s[1]), strings.IndexByte(hexDigits, s[2])
	return byte(hi<<4 | lo), hi >= 0 && lo >= 0
}

// appendTag appends ,key=value; an empty value is left out.
func appendTag(b []byte, key, value string) []byte {
	if value == "" {
		return b
	}
	b = append(b, ',')
	b = append(b, key...)
	b = append(b, '=')
	v := tagValue(value)
	for i := range len(v) {
		switch v[i] {
		case ',', ' ', '=':
			b = append(b, '\\')
		}
		b = append(b, v[i])
	}
	return b
}
