// Package vmtest runs lunstat in a virtual machine, on a Linux kernel with real
// device-mapper volumes. It compares lunstat's figures with those of fio, which makes
// the load, and with those of iostat, which measures at the same time:
//
//	make test-vm
//
// The scenarios are in .ci/vm/guest/scenarios. The tests in this package, under the
// build tag vm, judge their results. They are not part of go test ./..., because they
// need root, qemu and Debian's packages.
package vmtest
