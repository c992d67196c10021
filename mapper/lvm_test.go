package mapper

import (
	"strings"
	"testing"
)

func TestSplitName(t *testing.T) {
	tests := []struct {
		name, vg, lv, layer string
		ok                  bool
	}{
		{"zimbra1_sqldb-data", "zimbra1_sqldb", "data", "", true},
		{"vg--odd-a--b", "vg-odd", "a-b", "", true},
		{"vg--a.b+c-d----e_f+g.h", "vg-a.b+c", "d--e_f+g.h", "", true},
		{"vg--a.b+c-trap--real", "vg-a.b+c", "trap-real", "", true},
		{"vgthin-plain--snap-cow", "vgthin", "plain-snap", "cow", true},
		{"vgthin-pool0-tpool", "vgthin", "pool0", "tpool", true},
		{"a---b", "a-", "b", "", true},
		{"a-b---real", "a", "b-", "real", true},
		{"slow", "", "", "", false},
		{"mpath--a", "", "", "", false},
		{"-b", "", "", "", false},
		{"a-", "", "", "", false},
		{"", "", "", "", false},
	}
	for _, tt := range tests {
		vg, lv, layer, ok := SplitName(tt.name)
		if vg != tt.vg || lv != tt.lv || layer != tt.layer || ok != tt.ok {
			t.Errorf("SplitName(%q) is %q, %q, %q, %v", tt.name, vg, lv, layer, ok)
		}
	}
}

func FuzzSplitName(f *testing.F) {
	f.Add("vg-odd", "a-b", "cow")
	f.Add("vg-", "b--", "")
	f.Add("a", "b", "tpool")
	f.Fuzz(func(t *testing.T, vg, lv, layer string) {
		SplitName(vg + lv + layer)
		// LVM refuses an LV whose name begins with a hyphen, as do we; its layers
		// have none at all.
		if vg == "" || lv == "" || lv[0] == '-' || strings.Contains(layer, "-") {
			t.Skip()
		}
		name := JoinName(vg, lv)
		if layer != "" {
			name += "-" + layer
		}
		gotVG, gotLV, gotLayer, ok := SplitName(name)
		if !ok || gotVG != vg || gotLV != lv || gotLayer != layer {
			t.Errorf("%q is %q, %q, %q, %v; want %q, %q, %q", name, gotVG, gotLV, gotLayer, ok, vg, lv, layer)
		}
	})
}

func TestUnmangle(t *testing.T) {
	for mangled, want := range map[string]string{
		`plain`:              "plain",
		`with\x20space`:      "with space",
		`\x3cb\x3e`:          "<b>",
		`\xd0\xb4\xd0\xB0`:   "да",
		`cut\x2`:             `cut\x2`,
		`\x`:                 `\x`,
		`\xzz`:               `\xzz`,
		`a\x5cx20b`:          `a\x20b`,
		`zimbra1_sqldb-data`: "zimbra1_sqldb-data",
	} {
		if got := Unmangle(mangled); got != want {
			t.Errorf("Unmangle(%q) is %q, want %q", mangled, got, want)
		}
	}
}
