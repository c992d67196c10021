package when

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What TZ and /etc/localtime mean, or that nobody can tell.
func TestHostZone(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	link := func(name, to string) string {
		path := filepath.Join(dir, name)
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	none := filepath.Join(dir, "none")
	text := file("text", "no zone")
	for _, tt := range []struct {
		name, tz, file string // tz "-": unset
		zone           string // what it is; "Local" is Go's own reading
		doubt          string // begins so; "": none
	}{
		{"a name", "Europe/Berlin", none, "Local", ""},
		{"as POSIX has it", ":Europe/Berlin", none, "Local", ""},
		{"UTC", "UTC", none, "Local", ""},
		{"empty", "", text, "Local", ""},
		{"misspelt", "Europe/Belrin", none, "UTC", "TZ=Europe/Belrin: no such zone"},
		{"in lower case", "europe/berlin", none, "UTC", "TZ=europe/berlin: no such zone"},
		{"a rule", "CET-1CEST,M3.5.0,M10.5.0/3", none, "UTC", "TZ=CET-1CEST,M3.5.0,M10.5.0/3: no such zone"},
		{"a blank", "Europe/Berlin ", none, "UTC", "TZ=Europe/Berlin : no such zone"},
		{"Go's own word", "Local", none, "UTC", "TZ=Local: no such zone"},
		{"a file that isn't there", none, none, "UTC", "TZ=" + none},
		{"a file of something else", text, none, "UTC", "TZ=" + text + ": not a time zone file"},
		{"a device", "/dev/zero", none, "UTC", "TZ=/dev/zero: not a time zone file"},
		{"a folder", dir, none, "UTC", "TZ=" + dir + ": not a time zone file"},
		{"unset, no localtime", "-", none, "Local", ""},
		{"unset, a broken localtime", "-", text, "UTC", text + ": not a time zone file"},
		{"unset, a link that leads nowhere", "-", link("a", "/nowhere/zoneinfo/Europe/Berlin"), "Europe/Berlin", ""},
		{"unset, a link to no zone", "-", link("b", "/nowhere/zoneinfo/Europe/Belrin"), "UTC", filepath.Join(dir, "b") + " -> /nowhere/zoneinfo/Europe/Belrin: "},
	} {
		env := []string{"PATH=/bin", "TZ=" + tt.tz}
		if tt.tz == "-" {
			env = env[:1]
		}
		zone, err := HostZone(env, tt.file)
		doubt := ""
		if err != nil {
			doubt = err.Error()
		}
		if zone.String() != tt.zone || !strings.HasPrefix(doubt, tt.doubt) || (doubt == "") != (tt.doubt == "") {
			t.Errorf("%s: zone %s, %q; want %s, %q", tt.name, zone, doubt, tt.zone, tt.doubt)
		}
	}
}
