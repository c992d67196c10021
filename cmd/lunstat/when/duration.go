package when

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Duration is a length of time in the config and on the command line: Go's own
// notation ("90s", "1h30m", "20ms") with d for 24 hours and w for 7 of those.
type Duration time.Duration

const (
	Day  = 24 * time.Hour
	Week = 7 * Day
)

// UnmarshalText reads a duration.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := ParseDuration(string(text))
	if err == nil {
		*d = Duration(v)
	}
	return err
}

// MarshalText is String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String prints the duration so that ParseDuration can read it: whole days in days
// ("35d"), anything else as Go does without the parts that are 0 ("5m").
func (d Duration) String() string {
	if d != 0 && time.Duration(d)%Day == 0 {
		return fmt.Sprintf("%dd", time.Duration(d)/Day)
	}
	if d == 0 {
		return "0"
	}
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

var errDuration = errors.New("must be a number and a unit: 20ms, 90s, 5m, 12h, 7d, 5w")

// ParseDuration reads "1w2d", "36h", "1.5h", "0".
func ParseDuration(s string) (time.Duration, error) {
	rest, total := s, time.Duration(0)
	for _, u := range []struct {
		letter string
		length time.Duration
	}{{"w", Week}, {"d", Day}} {
		number, after, found := strings.Cut(rest, u.letter)
		if !found {
			continue
		}
		n, ok := wholeNumber(number)
		if !ok || n > int64(math.MaxInt64-total)/int64(u.length) {
			return 0, errDuration
		}
		total += time.Duration(n) * u.length
		rest = after
	}
	if rest == "" && s != "" {
		return total, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil || rest != s && (d < 0 || rest[0] == '+' || rest[0] == '-') || d > math.MaxInt64-total {
		return 0, errDuration
	}
	return total + d, nil
}

// wholeNumber reads only digits: no sign, no fraction.
func wholeNumber(s string) (n int64, ok bool) {
	if s == "" || len(s) > 9 {
		return 0, false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
