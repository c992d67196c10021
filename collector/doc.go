// Package collector is one cron minute. [Run] reads top to bottom, a line a step:
//
//  1. take the lock: one collector at a time;
//  2. open the journal and read the [series.State] that the last run left;
//  3. read the clocks and diskstats at one instant, a bad line named and the others
//     kept, and say which device is which LUN (package mapper): a [series.Sample];
//  4. if asked to, read the counters again and again until second 57, for peaks;
//  5. ask the mounted filesystems for their space. None of them may hold up the rest;
//  6. make the [series.Minute] of state and sample: [Close], the one place where that
//     happens, closes each LUN's interval (package series);
//  7. commit it in one transaction, and let go of the lock;
//  8. forward what is not there yet to another store.
//
// A process that is killed between any two steps loses nothing and counts nothing
// twice: intervals and the counters they were closed from are committed together.
//
// The package decides nothing about storage: it writes to a [Journal] and a [Sink], and
// knows neither SQL nor InfluxDB.
package collector
