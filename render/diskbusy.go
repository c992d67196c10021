package render

import (
	"fmt"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

// drawBusy draws disk-busy.png, the share of time with I/O in flight. It is not capped: a
// value above 100 % shows that the kernel's time stamps lag.
func drawBusy(d *data, m medium) vg.CanvasWriterTo {
	o := overview{
		metric:  util,
		title:   "Busy time by LUN",
		says:    "share of the time with I/O in flight (iostat's %util)",
		axis:    "%",
		percent: true,
		level:   100,
		order:   by95,
		notes:   utilNotes(d.kernels),
	}
	return o.draw(d, m)
}

// utilNotes say what the kernels of the range count as busy.
func utilNotes(kernels []string) []string {
	var out []string
	for _, k := range kernels {
		out = append(out, fmt.Sprintf("Linux %s: %s. 100 %% means always at least one I/O in flight; arrays serve several at once.", visible(k), utilMeaning(k)))
	}
	return out
}

// utilMeaning is what io_ticks counts in a kernel. By now Linux has counted it in four
// ways, and vendors have back-ported some of them into kernels with older version
// numbers.
func utilMeaning(kernel string) string {
	major, minor, ok := kernelVersion(kernel)
	switch {
	case !ok:
		return "what counts as busy is not known"
	case major < 4 || major == 4 && minor < 18:
		return "busy time is exact"
	case isVendor(kernel):
		return "what counts as busy is the vendor's choice and not known"
	case major < 5:
		return "busy time is exact"
	case major == 5 && minor < 7:
		return "busy time is counted in ticks and low for slow I/O"
	case major < 6 || major == 6 && minor < 10:
		return "busy time is high for few short I/Os"
	}
	return "busy time is exact to the tick"
}

func kernelVersion(s string) (major, minor int, ok bool) {
	parts := strings.SplitN(s, ".", 3)
	if len(parts) < 2 {
		return 0, 0, false
	}
	major, err := strconv.Atoi(parts[0])
	if err != nil {
		return 0, 0, false
	}
	end := strings.IndexFunc(parts[1], func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(parts[1])
	}
	minor, err = strconv.Atoi(parts[1][:end])
	return major, minor, err == nil
}

func isVendor(kernel string) bool {
	for _, tag := range []string{".el", ".amzn", ".oe", "-default", ".fc", "uek"} {
		if strings.Contains(kernel, tag) {
			return true
		}
	}
	return false
}
