// Package dmstats asks device-mapper how long each I/O of a LUN took. The kernel counts
// every I/O of a region of a device in the buckets of a histogram, and keeps the counts
// for as long as the device exists, whether somebody reads them or not
// (Documentation/admin-guide/device-mapper/statistics.rst). So one reading a minute, with
// the difference to the last, has the latency of every I/O of that minute.
//
// Start with [Keeper.Latency]: it reads the one region that lunstat keeps on a device, and
// makes it if there is none. [Keeper.Remove] undoes that. A [Control] sends the messages.
//
// The package does not ask whether a device may be asked. A request-based map counts
// rubbish: see [lunstat/mapper.Paths.RequestBased].
package dmstats
