// Package config is lunstat's configuration: its keys, where their values come from,
// and what is wrong with them. Start with [Load], which puts together the defaults,
// one YAML file and the environment. An unknown key or a wrong value is an error with
// key, value and line; all of them are told at once. The program's other packages
// never see a [Config]: the command gives each of them the few values that it needs.
package config
