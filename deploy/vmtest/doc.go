// Package vmtest installs lunstat's package on a Debian that boots in a virtual
// machine, and uses it as an admin does:
//
//	make test-vm
//
// Three boots run what is in the folder guest. monday goes from the package to the first
// Monday's mail with the commands of the README alone. admin looks at what the hardened
// units hide, then removes, purges and upgrades. cron does the work without systemd.
// Each takes about a quarter of an hour, because its minutes are real ones.
//
// The tests are under the build tag vm. They are not part of go test ./..., because
// they need root, qemu, mmdebstrap and Debian's packages.
package vmtest
