// Package hosttest puts hosts on disk for tests: captured ones ([Shared]) and
// made ones ([New]), whose LUNs a test renumbers, reboots, spoils and takes
// away as it likes.
//
// It is for tests only and refuses what no kernel would show.
package hosttest
