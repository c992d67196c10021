package health

import (
	"cmp"
	"time"
)

// Severity is how bad a finding is, in Nagios' numbers.
type Severity int

// The severities. Unknown means that something can't be read.
const (
	OK Severity = iota
	Warning
	Critical
	Unknown
)

// String is Nagios' word.
func (s Severity) String() string {
	return [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}[s]
}

// Finding is one thing that is wrong.
type Finding struct {
	Severity Severity
	What     string    // one line
	Since    time.Time // zero: unknown
	Hint     string    // what to do
}

// Compare orders severities; the worse one is greater.
func Compare(a, b Severity) int { return cmp.Compare(rank(a), rank(b)) }

// rank orders as Nagios' worst-of does: critical before unknown before warning.
func rank(s Severity) int {
	return map[Severity]int{OK: 0, Warning: 1, Unknown: 2, Critical: 3}[s]
}

// Worst is the severity of the whole.
func Worst(f []Finding) Severity {
	worst := OK
	for _, x := range f {
		if rank(x.Severity) > rank(worst) {
			worst = x.Severity
		}
	}
	return worst
}
