package mapper

import (
	"slices"
	"testing"
)

func TestNear(t *testing.T) {
	commands := []string{"collect", "report", "lookup", "export", "status", "demo"}
	for _, tt := range []struct {
		word string
		want []string
	}{
		{"colect", []string{"collect"}},
		{"stauts", []string{"status"}},
		{"EXPORT", []string{"export", "report"}},
		{"repo", []string{"report", "demo"}},
		{"xport", []string{"export", "report"}},
		{"dm", nil},
		{"watch", nil},
		{"", nil},
	} {
		if got := Near(tt.word, commands); !slices.Equal(got, tt.want) {
			t.Errorf("Near %q is %q, want %q", tt.word, got, tt.want)
		}
	}
	if got := Near("dm-1", []string{"dm-10", "dm-11", "dm-12", "dm-1"}); len(got) != 3 || got[0] != "dm-1" {
		t.Errorf("Near dm-1 is %q, want three with dm-1 first", got)
	}
}
