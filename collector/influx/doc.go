// Package influx is the store that many hosts forward to: InfluxDB 1.8, 2.x and, by its
// documentation (not tested), 3. It uses only what the three have in common,
// /api/v2/write and InfluxQL on /query.
//
// [Sink] writes what the journal committed. A run may be written any number of times:
// its tags and time stamps are fixed at the commit, so it always gives the same points.
// [Source] reads them back, series by series, grouped only by host, uuid and source, so
// that a new role or a new name doesn't break a curve. [Telegraf] reads what a Telegraf
// wrote. [Setup] makes the two buckets.
//
// Raw intervals go to one bucket (in 1.8: a database and its default retention policy)
// and roll-ups to another, because InfluxDB sets the retention for a whole bucket.
// Spaces and the ledger go to both: a picture of a year needs them as long as it needs
// roll-ups.
//
// The server's answer means one of three things. It has the points. Or it will take them
// later ([LaterError]). Or it will never take some of them: then those come back with the
// server's reason, and the others are written. Only 204 counts as written, because a
// login page or a redirect isn't InfluxDB.
//
// The prefix of a file's name says which half it belongs to: write_ to [Sink], read_ to
// [Source], telegraf_ to [Telegraf], setup_ to [Setup]. Files without a prefix serve all.
//
// No error contains the token.
package influx
