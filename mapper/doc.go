// Package mapper says which block device is which LUN. It turns the kernel's
// addresses (dm-13, 253:13) into the names that their owner uses ("MySQL data of
// zimbra1"), and records which address had which name, from when to when.
//
// Start with [DevicesAfter]. It reads a host's devices from sysfs. [Classify] sorts
// them into LUNs and the layers below them, by mountinfo and swaps ([ReadUseFiles]).
// [Find] finds the LUN that an admin typed. [ParseDmsetup] reads the output of
// `dmsetup ls`.
//
// An identity ([ID]) names one LUN for good: it is the dm uuid, or else the disk's
// WWID, or else its serial. A device number ([DevNo]) is only an address at one
// moment. The two are different types, so that one can't be used for the other.
//
// What it says about a device ([LUN]):
//
//   - Its [Layer]: a LUN, or what is below one: a map, a partition, a disk, a path.
//   - Its role (mysql, redo, …), label and group (the mailstore it belongs to), by the rules
//     of the config ([Rule]) or else by its names and mounts. [Explain] says which of them
//     decided.
//   - Its [Reach]: how far its identity is unique, on this host only or on all hosts.
//
// The ledger is a list of entries ([Entry]): what a LUN was, from when to when. Package
// journal keeps it, and a [Renamer] writes the names of their time into old texts.
//
// The package imports nothing else of lunstat and never writes to a device.
package mapper
