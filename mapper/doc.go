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
// The package imports nothing else of lunstat and never writes to a device.
package mapper
