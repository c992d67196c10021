// Package collector is one cron minute. [Run] takes these steps from top to bottom:
//
//  1. take the lock, so that only one collector runs at a time;
//  2. open the journal and read the [series.State] that the last run left;
//  3. read the clocks and diskstats at one instant, and find out which device is which
//     LUN (package mapper): together they are a [series.Sample]. A line that can't be
//     read is a warning, and the others are kept;
//  4. if --every asks for peaks, read the counters again and again until second 57;
//  5. ask the mounted filesystems for their space, without waiting for one that hangs;
//  6. make the [series.Minute] from state and sample. Only [Close] does this; it closes
//     the interval of each LUN (package series);
//  7. commit the minute in one transaction, and release the lock;
//  8. forward to the other store what it lacks.
//
// If the process is killed between any two steps, nothing is lost and nothing is
// counted twice, because intervals and the counters that they came from are committed
// together.
//
// The package decides nothing about storage. It writes to a [Journal] and a [Sink], and
// knows neither SQL nor InfluxDB.
package collector
