// Package blob is what a journal keeps as bytes: intervals and spaces, a host's last
// readings, its mapping, its keys, and refused points. It knows no SQL: it makes
// bytes of the types of package series and back.
//
// [Encoder.Block] writes intervals column by column, [Decoder.Run] and [Decoder.Bin]
// read them. [HostState], mapping and keys are what a run leaves for the next. All
// start with a version byte; the golden files in testdata fix every byte, since
// journals are read for years.
//
// Mapping and state are written by hand, too, since each run reads them: JSON of
// 10,000 LUNs would cost more than all else that a run does (BenchmarkState). What is
// small and seldom changes is JSON, in package journal.
//
// What a blob claims to hold is never allocated unseen, and a blob that isn't as it
// should be is [ErrMalformed], never a panic.
package blob
