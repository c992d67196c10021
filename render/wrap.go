package render

import (
	"strings"

	"gonum.org/v1/plot/text"
)

// wrap breaks a text between words, and a word that is too long for a line within. A
// figure stays with its unit.
func (ch *chart) wrap(txt string, room float64, st text.Style) []string {
	var lines []string
	line := ""
	for _, word := range unbroken(txt) {
		for {
			next := word
			if line != "" {
				next = line + " " + word
			}
			if ch.wide(next, st) <= room {
				line = next
				break
			}
			if line != "" {
				lines = append(lines, line)
				line = ""
				continue
			}
			n := ch.fitting(word, room, st)
			lines = append(lines, word[:n])
			word = word[n:]
		}
	}
	return append(lines, line)
}

// unbroken are the words of a text, a figure and its unit as one: "20 ms", "5.5 ×".
func unbroken(txt string) []string {
	var out []string
	for _, word := range strings.Fields(txt) {
		n := len(out)
		if n > 0 && isFigure(out[n-1]) && !isFigure(word) {
			out[n-1] += " " + word
			continue
		}
		out = append(out, word)
	}
	return out
}

// unparted is a text that breaks nowhere between a figure and its unit, for HTML.
func unparted(txt string) string {
	words := unbroken(txt)
	for i, w := range words {
		words[i] = strings.ReplaceAll(w, " ", "\u00a0")
	}
	return strings.Join(words, " ")
}

// isFigure reports that a word begins and ends with a digit.
func isFigure(word string) bool {
	digit := func(b byte) bool { return b >= '0' && b <= '9' }
	return word != "" && digit(word[0]) && digit(word[len(word)-1])
}

// fitting is how many bytes of a word have room, one letter at least.
func (ch *chart) fitting(word string, room float64, st text.Style) int {
	last := 0
	for i := range word {
		if i > 0 && ch.wide(word[:i], st) > room {
			break
		}
		last = i
	}
	if last == 0 {
		for i := range word {
			if i > 0 {
				return i
			}
		}
		return len(word)
	}
	return last
}
