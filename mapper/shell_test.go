package mapper

import "testing"

func TestShellWord(t *testing.T) {
	for in, want := range map[string]string{
		"/etc/lunstat/config.yaml": "/etc/lunstat/config.yaml",
		"my file":                  "'my file'",
		"it's":                     `'it'\''s'`,
		"$(id)":                    "'$(id)'",
		"":                         "''",
		"~/x":                      "'~/x'",
	} {
		if got := ShellWord(in); got != want {
			t.Errorf("ShellWord(%q) is %s, want %s", in, got, want)
		}
	}
}
