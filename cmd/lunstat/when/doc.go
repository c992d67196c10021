// Package when reads the times that are typed: lengths ("7d"), moments
// ("yesterday", "2026-11-16 08:30"), ranges of two moments, and the zone that the
// host means. Start with [Range]. What has two meanings, an hour that the clock
// shows twice or a whole day, is the first at a range's beginning and the last at
// its end. A time more than 100 years off is refused, so nothing overflows.
package when
