// Package facts says what a report's numbers mean, and draws nothing: what is wrong with
// which LUN, what is not as usual, which hour is the busiest. Its functions are
// pure.
//
// Start with [Find]: it makes a sorted list of findings from everything that is known of
// some LUNs. The rule and the sentence of a finding are in the file of its [Kind], for
// example slow.go, full.go, paths.go. What to type next is in next.go.
//
// The words:
//
//   - A finding's weight is time × severity. Severity is log₂ of how many times its limit
//     something is, or a fixed number for what has no limit.
//   - One trouble can make several findings of a LUN. The heaviest one leads, and tells the
//     others in its sentence: they are parts of it (carry.go).
//   - A ground is what several LUNs may rest on: a map, a disk, an array, a host. LUNs that
//     were slow in the same hours are told together, with the ground that they share
//     (shared.go).
//   - The usual is what a figure was in the same hour of the four weeks before (usual.go).
//   - A level is how full a filesystem was at one moment (levels.go).
//   - A tail is a few I/Os that took very long, which no mean shows (tail.go).
package facts
