// Package vmtest runs lunstat on a Linux kernel with real device-mapper volumes,
// in a virtual machine, and holds its figures against those of fio, which made the
// load, and of iostat, which looked at the same time:
//
//	make test-vm
//
// The scenarios stand in .ci/vm/guest/scenarios; the tests here, under the build
// tag vm, judge what they left. It isn't part of go test ./...: it needs root,
// qemu and Debian's packages.
package vmtest
