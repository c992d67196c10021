package main

import "testing"

// What a finding says to type next reads from where the report did.
func TestSourceCommand(t *testing.T) {
	for _, c := range []struct {
		o    sourceOptions
		want string
	}{
		{sourceOptions{}, "lunstat report"},
		{sourceOptions{source: "influx", allHosts: true}, "lunstat report --source influx --all-hosts"},
		{sourceOptions{source: "influx", hosts: []string{"mail1", "mail2"}, group: "a b"}, "lunstat report --source influx --host mail1,mail2 --group 'a b'"},
	} {
		if got := c.o.command(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
