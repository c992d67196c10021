// Package series defines lunstat's words and does its arithmetic. It holds every rule
// that both stores follow, and does no I/O.
//
// A [Reading] is the kernel's raw counters of one device at one instant.
//
// An [Interval] is what one LUN did between two readings. It holds exact sums
// ([Sums]), never rates, and also the peaks in between if the collector read the
// counters more often. [Close] makes an interval from two readings, and knows every
// way in which kernel counters go wrong. [Merge] combines intervals exactly, so a
// coarser table is sums and maxima, and nothing ever averages averages. Rates
// ([Interval.IOPS], [Interval.Util], …) are computed when somebody asks for them.
//
// A sum may be absent (from a kernel with 14 fields, or from sar's history). Absent
// is not 0, so every figure comes with an ok.
//
// [Quality] is the set of marks that say what went wrong in an interval.
//
// A [Histogram] is how many I/Os of an interval took how long, if the kernel counts that.
//
// A series ([Key]) is what one host and one source say about one identity.
//
// A bin is a quarter of an hour or an hour of a series ([Roll]). A run closes the bins
// before it ([ClosesBins]), and a [Closing] records which run did. Intervals that are in no
// bin yet are the tail ([Closing.InTail]).
//
// A [Run] is one call of the collector. It is a turn if something happened since the run
// before it: a boot, a suspend, a step of the clock, a gap ([Turn]). Turns explain holes in
// curves, so they are kept when other runs are deleted.
//
// A [Space] is the size and use of a filesystem at one instant. A [Sample] is all that
// one run of the collector reads, a [Minute] all that it stores, and a [State] what it
// leaves for the next run. An [Outbound] is a stored run as another store gets it.
package series
