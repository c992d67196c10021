package mapper

import (
	"strings"
	"testing"
)

func TestParseDmsetup(t *testing.T) {
	type dev struct {
		name  string
		dev   DevNo
		vg    string
		layer Layer
	}
	tests := []struct {
		name     string
		text     string
		want     []dev
		problems []string
	}{
		{"nothing", "", nil, nil},
		{"no devices", "No devices found\n", nil, nil},
		{"old form", "vg-lv\t(253, 0)\n", []dev{{"vg-lv", DevNo{253, 0}, "vg", LayerLUN}}, nil},
		{"new form", "vg-lv\t(253:0)\n", []dev{{"vg-lv", DevNo{253, 0}, "vg", LayerLUN}}, nil},
		{"no line end", "vg-lv (253:0)", []dev{{"vg-lv", DevNo{253, 0}, "vg", LayerLUN}}, nil},
		{"from a mail", "  vg-lv   (253:0) \r\n\r\n", []dev{{"vg-lv", DevNo{253, 0}, "vg", LayerLUN}}, nil},
		{"name with spaces", "raw space\t(253:53)", []dev{{"raw space", DevNo{253, 53}, "", LayerLUN}}, nil},
		{"name with brackets", "a (1:2) b\t(253:53)", []dev{{"a (1:2) b", DevNo{253, 53}, "", LayerLUN}}, nil},
		{"name like a number", "253:13\t(253:58)", []dev{{"253:13", DevNo{253, 58}, "", LayerLUN}}, nil},
		{"other major, high minor", "high\t(252:28000)", []dev{{"high", DevNo{252, 28000}, "", LayerLUN}}, nil},
		{"parts of LVs", "vg-lv-real\t(253:1)\nvg-lv_rimage_0\t(253:2)\nvg-lv--real\t(253:3)", []dev{
			{"vg-lv-real", DevNo{253, 1}, "vg", LayerHidden},
			{"vg-lv_rimage_0", DevNo{253, 2}, "vg", LayerHidden},
			{"vg-lv--real", DevNo{253, 3}, "vg", LayerLUN},
		}, nil},
		{"not LVM's", "mpatha-part1\t(253:1)\ndocker-253:1-1051828-pool\t(253:2)\nvg-lv-extra\t(253:3)", []dev{
			{"mpatha-part1", DevNo{253, 1}, "", LayerLUN},
			{"docker-253:1-1051828-pool", DevNo{253, 2}, "", LayerLUN},
			{"vg-lv-extra", DevNo{253, 3}, "", LayerLUN},
		}, nil},
		{"bad lines", "one\nvg-lv\t(253:0)\ntwo\t(253)\nthree\t(a:b)\n(253:4)\n", []dev{{"vg-lv", DevNo{253, 0}, "vg", LayerLUN}},
			[]string{"dmsetup ls:1:", "dmsetup ls:3:", "dmsetup ls:4:", "dmsetup ls:5:"}},
		{"too long a line", "a\t(253:0)\n" + strings.Repeat("x", 2<<20), []dev{{"a", DevNo{253, 0}, "", LayerLUN}}, []string{"dmsetup ls:2:"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			devs, problems := ParseDmsetup(strings.NewReader(tt.text))
			Classify(devs, Use{}, nil)
			if len(devs) != len(tt.want) || len(problems) != len(tt.problems) {
				t.Fatalf("%d devices, problems %v; want %d, %q", len(devs), problems, len(tt.want), tt.problems)
			}
			for i, want := range tt.want {
				if l := devs[i]; l.DMName != want.name || l.Dev != want.dev || l.VG != want.vg || l.Layer != want.layer {
					t.Errorf("%+v, want %+v", l, want)
				}
			}
			for i, want := range tt.problems {
				if !strings.HasPrefix(problems[i].Error(), want) {
					t.Errorf("problem %q, want %q", problems[i], want)
				}
			}
		})
	}
}

func FuzzParseDmsetup(f *testing.F) {
	f.Add("zimbra1_sqldb-data\t(253, 13)\nsysvg-root (253:0)\n")
	f.Add("No devices found\n")
	f.Add("raw space\t(253:53)\nbad\n(1:2)\nx\t(99999999999:1)\n")
	f.Fuzz(func(t *testing.T, text string) {
		devs, problems := ParseDmsetup(strings.NewReader(text))
		if lines := strings.Count(text, "\n") + 1; len(devs)+len(problems) > lines {
			t.Errorf("%d devices and %d problems of %d lines", len(devs), len(problems), lines)
		}
		Classify(devs, Use{}, nil)
		for _, l := range devs {
			if found, err := Find(devs, l.Kernel, Paths{}); err != nil || found[0].Kernel != l.Kernel {
				t.Errorf("%s is not found by its own name: %v", l.Kernel, err)
			}
			again, problems := ParseDmsetup(strings.NewReader(l.DMName + "\t(" + l.Dev.String() + ")"))
			if len(problems) > 0 || len(again) != 1 || again[0].DMName != l.DMName || again[0].Dev != l.Dev {
				t.Errorf("%q printed again is %+v, %v", l.DMName, again, problems)
			}
		}
	})
}
