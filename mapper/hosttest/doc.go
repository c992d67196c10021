// Package hosttest puts hosts on disk for tests. There are captured hosts ([Shared]) and
// made ones ([New]), whose LUNs a test can renumber, reboot, damage and remove.
//
// It is only for tests, and refuses anything that no kernel would show.
package hosttest
