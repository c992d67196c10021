package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// noArguments does what cobra.NoArgs does, but doesn't call an argument an unknown
// command.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("%s takes flags only, not %q", cmd.CommandPath(), args[0])
}

var exclusiveFlags = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^if any flags in the group \[.*\] are set none of the others can be; \[(.*)\] were all set$`)
})

// usageText says in lunstat's words what cobra and pflag say about a wrong command line:
// which flag, what was typed, what it must be.
func usageText(err error) error {
	if m := exclusiveFlags().FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("--%s: give only one of them", strings.ReplaceAll(m[1], " ", ", --"))
	}
	wrong, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return err
	}
	must := wrong.Unwrap().Error()
	switch wrong.GetFlag().Value.Type() {
	case "int", "int64", "int64Slice":
		must = "must be a whole number"
	case "bool":
		must = "must be true or false, or have no value"
	case "duration":
		must = "must be a number and a unit: 1s, 15m, 1h"
	}
	return fmt.Errorf("--%s %q: %s", wrong.GetFlag().Name, wrong.GetValue(), must)
}
