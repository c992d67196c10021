package influx

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"lunstat/collector/series"
)

// awkward has what each encoding changes.
const awkward = `Zq3/+ver"y<s&cret>=\tok en%41==`

// forms are ways in which a server, a proxy or a library repeats a text.
func forms() map[string]func(string) string {
	each := func(format string) func(string) string {
		return func(s string) string {
			var b strings.Builder
			for _, c := range []byte(s) {
				fmt.Fprintf(&b, format, c)
			}
			return b.String()
		}
	}
	asJSON := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	forms := map[string]func(string) string{
		"plain":            func(s string) string { return s },
		"Go's quotes":      func(s string) string { return fmt.Sprintf("%q", s) },
		"JSON":             asJSON,
		"JSON twice":       func(s string) string { return asJSON(asJSON(s)) },
		"query":            url.QueryEscape,
		"path":             url.PathEscape,
		"query twice":      func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
		"each as %XX":      each("%%%02X"),
		"each as %xx":      each("%%%02x"),
		"each as \\xXX":    each(`\x%02x`),
		"each as \\uXXXX":  each(`\u%04x`),
		"HTML":             html.EscapeString,
		"each as an HTML":  each("&#%d;"),
		"hex":              func(s string) string { return hex.EncodeToString([]byte(s)) },
		"HEX":              func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
		"base64 in a path": func(s string) string { return url.PathEscape(base64.StdEncoding.EncodeToString([]byte(s))) },
		"with blanks":      func(s string) string { return strings.Join(strings.Split(s, ""), " ") },
		"with nothing":     func(s string) string { return strings.Join(strings.Split(s, ""), "\u200b") },
	}
	for name, e := range map[string]*base64.Encoding{"base64": base64.StdEncoding, "base64 raw": base64.RawStdEncoding, "base64 URL": base64.URLEncoding} {
		for _, before := range []string{"", "u", "us", "Basic user:"} {
			forms[name+" behind "+before] = func(s string) string { return e.EncodeToString([]byte(before + s + "\n")) }
		}
	}
	return forms
}

// readable reports whether a text has the token for somebody who knows encodings.
func readable(text, token string) bool {
	for _, form := range forms() {
		if strings.Contains(text, strings.Trim(form(token), `"`)) {
			return true
		}
	}
	return false
}

func TestHide(t *testing.T) {
	for _, token := range []string{awkward, "Zq3-very-secret-token", "user:" + awkward} {
		for name, form := range forms() {
			for _, secret := range secretsOf(token) {
				got := oneLine("unauthorized: "+form(secret)+" is no token", token)
				if readable(got, secret) || !strings.Contains(got, "******") && got != withheld {
					t.Errorf("%s of %q: %q", name, secret, got)
				}
			}
		}
		// Cut in its middle, and moved to where it would be seen.
		for n := 5; n < len(token); n++ {
			if got := oneLine("x"+strings.Repeat(" ", 1000)+token[:n], token); strings.Contains(got, token[:5]) {
				t.Errorf("%d bytes of %q: %q", n, token, got)
			}
		}
	}
	for _, words := range []string{`partial write: field type conflict: input field "busy_ms" is 100% integer\string dropped=1`, "database not found: \"x\"", "%", `\`, `\u12`, "%4", ""} {
		for _, token := range []string{"", "a", awkward, "user:pw", "admin:secret-secret-77"} {
			if got := oneLine(words, token); token != "a" && got != words {
				t.Errorf("%q became %q with the token %q", words, got, token)
			}
		}
	}
}

// TestEchoedToken: whatever a server answers, and however it writes the token, no
// error and nothing that is set aside has it.
func TestEchoedToken(t *testing.T) {
	for name, form := range forms() {
		echo := form(awkward)
		asJSON, _ := json.Marshal("no token " + echo)
		for kind, answer := range map[string]struct {
			status int
			header string
			body   string
		}{
			"header":     {400, strings.Map(func(r rune) rune { return max(r, ' ') }, echo), ""},
			"JSON":       {422, "", `{"code":"invalid","message":` + string(asJSON) + `}`},
			"page":       {401, "", "<html>" + echo},
			"query":      {200, "", `{"results":[{"error":` + string(asJSON) + `}]}`},
			"columns":    {200, "", `{"results":[{"series":[{"columns":[` + string(asJSON) + `],"values":[[1]]}]}]}`},
			"not a form": {200, "", `{"results":` + string(asJSON) + `}`},
		} {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if answer.header != "" {
					w.Header().Set("X-Influxdb-Error", answer.header)
				}
				w.WriteHeader(answer.status)
				_, _ = io.WriteString(w, answer.body)
			}))
			o := Options{URL: s.URL, Token: awkward, Org: "o"}
			said := ""
			sink, err := NewSink(o)
			if err != nil {
				t.Fatal(err)
			}
			refused, err := sink.Write(t.Context(), []series.Outbound{goldenRun()})
			said += fmt.Sprintln(err, refused)
			source, err := NewSource(o)
			if err != nil {
				t.Fatal(err)
			}
			_, _, _, err = source.Extent(t.Context())
			var q *QueryError
			if errors.As(err, &q) {
				said += q.Reason
			}
			_, policies := source.policies(t.Context(), "lunstat")
			plan, setup := Setup(t.Context(), o, true)
			said += fmt.Sprintln(err, policies, setup, plan)
			if readable(said, awkward) {
				t.Errorf("%s in %s: %s", name, kind, said)
			}
			sink.Close()
			source.Close()
			s.Close()
		}
	}
}
