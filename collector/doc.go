// Package collector is one cron minute. [Run] reads top to bottom:
//
//  1. take the lock: one collector at a time;
//  2. read what the last run left;
//  3. read the clocks and diskstats once, a bad line named and the others kept;
//  4. say which device is which LUN (package mapper);
//  5. close each LUN's interval (package series);
//  6. ask the mounted filesystems for their space, none of which may hold up
//     the rest;
//  7. commit all of it in one transaction.
//
// A process that is killed between any two steps loses nothing and counts nothing
// twice: intervals and the counters they were closed from are committed together.
package collector
