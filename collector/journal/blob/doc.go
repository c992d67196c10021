// Package blob turns what a journal stores into bytes and back: intervals and spaces, a
// host's last readings, its mapping, its keys, and refused points. It knows the types of
// package series, and no SQL.
//
// [Encoder.Block] writes intervals column by column; [Decoder.Run] and [Decoder.Bin]
// read them. [HostState], mapping and keys are what a run leaves for the next. Each
// begins with a version byte. Journals are read for years, so the golden files in
// testdata fix every byte.
//
// Mapping and state have hand-written codecs too, because each run reads them. As JSON,
// those of 10,000 LUNs would cost more than everything else in a run (BenchmarkState).
// Package journal stores what is small and rarely changes as JSON.
//
// The package checks what a blob claims to hold before it allocates memory for it. A
// malformed blob gives [ErrMalformed], never a panic.
package blob
