// Package storetest is one suite for all stores of intervals: what is committed
// comes back as it was, at every width, with its ledger, spaces and runs.
//
// [Run] runs it; each test opens a store of its own.
package storetest
