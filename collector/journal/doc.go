// Package journal is the embedded store in which every interval lands first: one
// SQLite file, crash-safe, that the collector appends to once a minute and that
// reports read weeks of.
//
// [Open] is where to start. [Journal.State] gives what the last run left,
// [Journal.Commit] stores a minute whole or not at all, and [Journal.Intervals]
// reads at the width that a picture needs and no finer. [Journal.Backlog] gives
// what another store has not got yet, and [Journal.Sent] moves its cursor.
//
// What stands in the file:
//
//	host, boot   names that many rows share
//	series       whose intervals they are: identity, host, source, and a number
//	ledger       what was what, from when to when
//	run          one row a call of the collector; its number only grows
//	warnings     what was wrong in runs, each text once
//	sums         the intervals of a run, in blocks of 128 series, column by column
//	rollup       the same for bins of 15 minutes and of an hour
//	space        filesystems, all those of one run in one row
//	filesystem   what a space row leaves out because it seldom changes
//	state        what a run leaves for the next: last readings, mapping, keys
//	turn         runs before which a boot, a clock or a gap changed something, each with
//	             the run before it; they are kept for ever
//	note         the admin's marks
//	progress     up to which run roll-ups reach, from when raw intervals stand
//	closing      which run closed which bin, that is, wrote its row: the store that runs
//	             are forwarded to gets the bin with that run
//	forward, refused   what that store has got, and what it would not take
//
// Blobs are never rewritten. Each raw interval is rolled up exactly once, when
// the bin of the newest run is no longer that of the run before: what comes late
// (a clock that was set back, an imported history) makes a second row for its
// bin, and a reader merges the two. Merging is exact, so this changes no figure.
//
// The package refuses files that another program or a later version made, and
// sets aside a journal that SQLite finds corrupt, if its caller holds the
// collector's lock: see [ForeignError], [NewerError], [CorruptError]. A blob that
// does not decode costs what it holds, and nothing else: it is left out, and
// [Journal.Warnings] counts it. What a blob claims to hold is never allocated
// unseen.
//
// No clock is trusted. Runs are ordered by their number, a time outside 1970 to
// 9625 is in no bin, and nothing is deleted for its age by a clock that has been
// ahead for less than a day's runs.
package journal
