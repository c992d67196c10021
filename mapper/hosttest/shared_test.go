package hosttest

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSharedMakesLinksAgain(t *testing.T) {
	p := Shared(t, "hosts/mail-load/before")
	for _, link := range []string{
		p.Sys + "/block/dm-13",
		p.Sys + "/block/dm-13/slaves/vdh",
		p.Sys + "/block/sda/holders/dm-15",
	} {
		if _, err := os.Stat(link); err != nil {
			t.Errorf("not followed: %v", err)
		}
	}
	if to, err := os.Readlink(filepath.Join(p.Dev, "mapper/zimbra1_sqldb-data")); err != nil || to != "../dm-13" {
		t.Errorf("/dev/mapper/zimbra1_sqldb-data leads to %q, %v; want ../dm-13", to, err)
	}
	if fi, err := os.Lstat(p.Sys + "/block/dm-13/dm/name"); err != nil || !fi.Mode().IsRegular() {
		t.Errorf("dm/name is no file: %v, %v", fi, err)
	}
}
