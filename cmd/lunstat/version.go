package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// release is the version that docs/changelog.md begins with, and that packages carry.
const release = "0.7.0"

// version is the release with the revision that it was built from, as
// far as the build knows them.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return release
	}
	var revision, date, changed string
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.time":
			date = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				changed = ", changed since"
			}
		}
	}
	text := release
	if revision != "" {
		text += fmt.Sprintf(" (revision %.12s of %s%s)", revision, date, changed)
	}
	return fmt.Sprintf("%s, %s %s/%s", text, info.GoVersion, runtime.GOOS, runtime.GOARCH)
}
