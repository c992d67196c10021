package mapper

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// ParseDmsetup reads text in the form of `dmsetup ls`: a name and, in brackets, its
// number as "(253, 1)" or "(253:1)". A line in another form is among the problems, and
// the other lines are kept. There is no uuid, so only its name identifies a LUN.
func ParseDmsetup(r io.Reader) (devs []LUN, problems []error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		n++
		line := strings.TrimSpace(lines.Text())
		if line == "" || line == "No devices found" {
			continue
		}
		l, err := parseDmsetupLine(line)
		if err != nil {
			problems = append(problems, fmt.Errorf("dmsetup ls:%d: %w", n, err))
			continue
		}
		devs = append(devs, l)
	}
	if err := lines.Err(); err != nil {
		problems = append(problems, fmt.Errorf("dmsetup ls:%d: %w", n+1, err))
	}
	return devs, problems
}

func parseDmsetupLine(line string) (LUN, error) {
	open := strings.LastIndexByte(line, '(')
	if open < 0 || !strings.HasSuffix(line, ")") {
		return LUN{}, fmt.Errorf("%q: must be a name and (major, minor)", line)
	}
	name := strings.TrimSpace(line[:open])
	number := line[open+1 : len(line)-1]
	dev, ok := ParseDevNo(strings.Replace(number, ",", ":", 1))
	if !ok || name == "" {
		return LUN{}, fmt.Errorf("%q: must be a name and (major, minor)", line)
	}
	l := LUN{Kernel: fmt.Sprintf("dm-%d", dev.Minor), Dev: dev, DMName: name}
	l.ID = identity(&l)
	nameLV(&l)
	return l, nil
}
