package series

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Plain makes a text from outside (a name, a mount point) safe to print. Control
// characters, escapes, invalid UTF-8, and characters that reverse or hide others become
// \n, \x1b, \u202e. Visible characters stay.
func Plain(s string) string {
	if plainASCII(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		}
		i += n
	}
	return b.String()
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// PlainCell is Plain for a text cell of CSV: a spreadsheet runs a cell that begins
// like a formula, unless it begins with a quote.
func PlainCell(s string) string {
	const formula = "=+-@\t\r\n＝＋－＠"
	if r, _ := utf8.DecodeRuneInString(s); s != "" && r != utf8.RuneError && strings.ContainsRune(formula, r) {
		return "'" + Plain(s)
	}
	return Plain(s)
}

// plainUTF8 writes bytes that are not UTF-8 as \xff, where the json package would make
// one character of all of them.
func plainUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, s[i])
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// PlainJSON is a writer for JSON texts. It escapes what a terminal would act on, and
// characters that reverse or hide others; the values stay the same. A Write must not
// end inside a character.
func PlainJSON(w io.Writer) io.Writer { return plainJSON{w} }

type plainJSON struct{ w io.Writer }

func (p plainJSON) Write(b []byte) (int, error) {
	if _, err := p.w.Write(escapeJSON(b)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// escapeJSON escapes what is not printable; outside strings, JSON has no such characters
// except white space.
func escapeJSON(text []byte) []byte {
	var out []byte
	from := 0
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf && text[i] != 0x7f {
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if !unicode.IsPrint(r) {
			out = append(out, text[from:i]...)
			if hi, lo := utf16.EncodeRune(r); hi != unicode.ReplacementChar {
				out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
			} else {
				out = fmt.Appendf(out, `\u%04x`, r)
			}
			from = i + n
		}
		i += n
	}
	if from == 0 {
		return text
	}
	return append(out, text[from:]...)
}
