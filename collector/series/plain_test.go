package series

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestPlainCell(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "zimbra1_sqldb-data": "zimbra1_sqldb-data", "a=b": "a=b", "ü 名": "ü 名",
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@A1": "'@A1", "\t=1": `'\t=1`, "\r=1": `'\r=1`, "＝1": "'＝1",
		"\x1b[31m": `\x1b[31m`, "\a": `\a`, "\u009b31m": `\u009b31m`, "a\u202eb": `a\u202eb`, "\xff": `\xff`, "\u200b": `\u200b`,
	} {
		if got := PlainCell(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// FuzzPlainJSON: nothing but white space and visible characters is left, and the
// value is the same.
func FuzzPlainJSON(f *testing.F) {
	for _, s := range []string{"", "a", "\x7f", "\u009b", "\u202e", "\U000e0001", "\xff", "ü", "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, err := json.Marshal(map[string]string{"x": s})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if n, err := PlainJSON(&b).Write(text); n != len(text) || err != nil {
			t.Fatal(n, err)
		}
		if bytes.ContainsFunc(b.Bytes(), func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q", b.Bytes())
		}
		var was, is map[string]string
		if json.Unmarshal(text, &was) != nil || json.Unmarshal(b.Bytes(), &is) != nil || was["x"] != is["x"] {
			t.Errorf("%q became %q", text, b.Bytes())
		}
		if p := Plain(s); !utf8.ValidString(p) {
			t.Errorf("%q became %q", s, p)
		}
	})
}
