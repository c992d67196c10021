package render

import (
	"strings"
	"testing"
)

func TestSlugs(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"zimbra1_sqldb-data", "zimbra1_sqldb-data"},
		{"sda", "sda"},
		{"a/b", "a-b-c14cddc0"},
		{"../../etc/passwd", "etc-passwd-"},
		{"Data", "data"},
		{"日本語", "77710aed"},
		{"", "e3b0c442"},
		{"x\ny", "x-y-"},
		{strings.Repeat("x", 128), strings.Repeat("x", maxSlug-9) + "-"},
	} {
		got := slugs{}.of(c.name)
		if !strings.HasPrefix(got, c.want) || len(got) > maxSlug {
			t.Errorf("%q becomes %q, want %q…", c.name, got, c.want)
		}
	}
	s := slugs{}
	if a, b := s.of("data"), s.of("Data"); a == b {
		t.Errorf("two names become %q", a)
	}
}

func FuzzSlugs(f *testing.F) {
	for _, s := range []string{"a", "A", "", ".", "..", "a/b", "a-b", "<script>", "\x00", strings.Repeat("é", 200)} {
		f.Add(s, s+"x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		s := slugs{}
		x, y := s.of(a), s.of(b)
		if a != b && x == y {
			t.Errorf("%q and %q both become %q", a, b, x)
		}
		for _, slug := range []string{x, y} {
			if slug == "" || len(slug) > maxSlug || strings.Trim(slug, "abcdefghijklmnopqrstuvwxyz0123456789._-") != "" || slug[0] == '.' {
				t.Errorf("%q is no safe name", slug)
			}
		}
	})
}
