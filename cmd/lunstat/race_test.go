//go:build race

package main

// raceEnabled: the race detector is on, and everything takes ten times as long.
const raceEnabled = true
