// Package when reads the times that people type: lengths ("7d"), moments ("yesterday",
// "2026-11-16 08:30"), ranges between two moments, and the host's time zone. Start with
// [Range]. Some texts have two meanings: a day is a whole range, and the clock can show
// an hour twice. At the beginning of a range the first one counts, at its end the last
// one. A time more than 100 years away is refused, so nothing overflows.
package when
