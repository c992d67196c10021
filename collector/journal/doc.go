// Package journal is the store on the host: one crash-safe SQLite file. The collector
// adds a minute to it, and reports read weeks from it.
//
// Start with [Open]. [Journal.State] gives what the last run left. [Journal.Commit]
// stores a minute whole or not at all. [Journal.Intervals] reads intervals at the width
// that a picture needs, and no finer. [Journal.Backlog] gives the runs that another
// store lacks, and [Journal.Sent] records that it has them.
//
// The tables of the file:
//
//	host, boot   names that many rows share
//	series       whose intervals they are: identity, host, source, and a number
//	ledger       what each LUN was, from when to when
//	run          one row for each run of the collector; its number only grows
//	warnings     what was wrong in runs, each text once
//	sums         the intervals of a run, in blocks of 128 series, column by column
//	rollup       the same for bins of 15 minutes and of an hour
//	space        the space of filesystems, one row for all those of a run
//	filesystem   what rarely changes of a filesystem, so that space need not repeat it
//	state        what a run leaves for the next: last readings, mapping, keys
//	turn         runs before which a boot, a clock or a gap changed something, each with
//	             the run before it; both are kept for ever
//	note         the admin's marks
//	progress     up to which run bins are made, and from when raw intervals are kept
//	closing      which run closed which bin, and so wrote its row; forwarding that run
//	             also forwards the bin
//	forward, refused   what the other store has, and what it refused
//
// The package never rewrites a blob. It rolls each raw interval up exactly once: when
// the newest run is in another bin than the run before it. Intervals that come late
// (after the clock was set back, or from an imported history) make a second row for
// their bin, and a reader merges the two. Merging is exact, so no figure changes.
//
// The package refuses files that another program or a later version made
// ([ForeignError], [NewerError]). It sets aside a journal that SQLite finds corrupt,
// but only if the caller holds the collector's lock ([CorruptError]). A blob that
// doesn't decode costs only what it holds: readers leave it out, and
// [Journal.Warnings] counts it. No memory is allocated for what a blob claims to hold
// before that is checked.
//
// The package trusts no clock. It orders runs by their number, puts no time outside
// 1970 to 9625 into a bin, and deletes nothing because of its age while the clock has
// been ahead for less than a day's runs.
package journal
