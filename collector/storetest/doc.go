// Package storetest is one test suite for all stores of intervals. It checks that what
// was committed comes back unchanged, at every width, with its ledger, spaces and runs.
//
// [Run] runs the suite; each test opens its own store.
package storetest
