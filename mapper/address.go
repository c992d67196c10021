package mapper

import "strings"

// isAddress reports a SCSI address, "1:0:0:7": host, channel, target, LUN.
func isAddress(s string) bool {
	parts := strings.Split(s, ":")
	for _, p := range parts {
		if _, rest, ok := cutDigits(p); !ok || rest != "" {
			return false
		}
	}
	return len(parts) == 4
}

// addressed finds the SCSI disk at an address, which may be a path of a map. Kernel
// messages begin with it: "sd 1:0:0:7: [sdq]".
func (x *index) addressed(what string) (found []int) {
	if !isAddress(what) {
		return nil
	}
	for i := range x.devs {
		for _, way := range x.devs[i].Paths {
			if j, known := x.kernel[way.Kernel]; known && way.HCTL == what {
				return []int{j}
			}
		}
	}
	for i := range x.devs {
		if x.devs[i].HCTL == what {
			found = append(found, i)
		}
	}
	return found
}
