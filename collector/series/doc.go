// Package series has the words and the arithmetic of lunstat. It does no I/O of
// its own.
//
// A [Reading] is one device's raw kernel counters at one instant.
//
// An [Interval] is what one LUN did between two readings: exact sums ([Sums]),
// never rates, and the peaks in between if it was looked at more often. [Close]
// makes one out of two readings; it knows every way in which kernel counters go
// wrong. [Merge] puts intervals together exactly, so that a coarser table is
// sums and maxima, and nothing ever averages averages. Rates ([Interval.IOPS],
// [Interval.Util], …) are derived on reading.
//
// A sum may be absent (a kernel with 14 fields, sar's history), and absent is
// not 0: every figure comes with an ok.
//
// [Quality] is the set of marks that says what went wrong with an interval.
//
// A [Space] is a filesystem's size and use at one instant; a [Minute] is all that
// one run of the collector commits.
package series
