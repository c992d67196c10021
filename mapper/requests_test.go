package mapper_test

import (
	"os"
	"path/filepath"
	"testing"

	"lunstat/mapper"
)

func TestRequestBased(t *testing.T) {
	p := mapper.Paths{Sys: t.TempDir()}
	for kernel, c := range map[string]struct {
		scheduler string
		mq        bool
		want      bool
	}{
		"dm-0": {"none\n", false, false},
		"dm-1": {"[mq-deadline] none\n", true, true},
		"dm-2": {"[none] mq-deadline\n", true, true},
		"dm-3": {"noop [deadline] cfq\n", false, true}, // RHEL 7
		"dm-4": {"", true, true},
		"dm-5": {"", false, false}, // newer kernels give a bio-based map none
	} {
		queue := filepath.Join(p.Sys, "block", kernel, "queue")
		if err := os.MkdirAll(queue, 0o755); err != nil {
			t.Fatal(err)
		}
		if c.scheduler != "" {
			if err := os.WriteFile(filepath.Join(queue, "scheduler"), []byte(c.scheduler), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if c.mq {
			if err := os.Mkdir(filepath.Join(p.Sys, "block", kernel, "mq"), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.RequestBased(kernel); got != c.want {
			t.Errorf("%s: %v, want %v", kernel, got, c.want)
		}
	}
	if p.RequestBased("dm-99") {
		t.Error("a device that is not there")
	}
}
