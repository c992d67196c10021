// Package mapper says which block device is which LUN: it turns the kernel's
// addresses (dm-13, 253:13) into what their owner calls them ("MySQL data of
// zimbra1"), and remembers what was what, from when to when.
//
// Start with [Host], which reads one host's devices from sysfs, mountinfo and
// swaps and sorts them into LUNs and the layers beneath them; [Find] answers
// what an admin types; [ParseDmsetup] reads the text of `dmsetup ls`.
//
// An identity ([ID]) names one LUN for good: the dm uuid, else the disk's WWID,
// else its serial. A minor ([DevNo]) is an address at one moment and never an
// identity: they are different types so that one can't pass for the other.
//
// The package imports nothing else of lunstat and never writes to a device.
package mapper
