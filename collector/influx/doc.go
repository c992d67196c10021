// Package influx is the store that a fleet reports from: InfluxDB 1.8, 2.x and,
// by its documents (not tested), 3. It uses only what the three have in common,
// /api/v2/write and InfluxQL on /query.
//
// [Sink] writes what the journal committed. Writing is idempotent: tags and time
// stamps are fixed at the commit, so that the same run sent again is the same
// points. [Source] reads the same back, series by series, grouped by host, uuid
// and source only: an edited role or a new name doesn't break a curve. [Telegraf]
// reads what a Telegraf wrote. [Setup] makes the two buckets.
//
// Raw intervals go to one bucket (a database and its default retention policy in
// 1.8), roll-ups to another, since retention is per bucket. Spaces and the ledger
// go to both, for a picture of a year needs them as long as it needs roll-ups.
//
// What the server answers means one of three things. It has the points; or it
// will have them later ([LaterError]); or it never will, and then the points come
// back with the server's reason and the others are in. Nothing but 204 counts as
// written: a login page or a redirect is no InfluxDB.
//
// Which half a file belongs to is in its name: write_ is the Sink's, read_ the
// Source's, telegraf_ and setup_ theirs. What has no such prefix serves both.
//
// No error holds the token.
package influx
