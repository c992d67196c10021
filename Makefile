# What people type often. Everything here is a plain command that works without make.

.PHONY: demo influxdb test lint bench fuzz man update test-vm packages peers

demo: ## the main job on this machine, in about a minute
	go run ./cmd/lunstat demo

test:
	go test ./...

# On a real kernel with real device-mapper, in a virtual machine: ten minutes where
# it has to be emulated. Then the package on a whole Debian, an hour. Needs root, qemu,
# mmdebstrap and apt.
test-vm:
	go test -tags vm -count 1 -timeout 60m -v ./collector/vmtest
	go test -tags vm -count 1 -timeout 180m -v ./deploy/vmtest

# Nagios, Icinga, node_exporter, Grafana and Telegraf read what lunstat gives them.
peers:
	cd deploy/peers/schema && go test -count 1 ./...
	deploy/peers/check

influxdb: ## the two servers that tests of InfluxDB run against; built once a machine
	.ci/influxdb.sh

lint: ## all that a change has to pass: gofmt, vet, staticcheck, deadcode, tests
	.ci/run

bench: ## what things cost
	go test -run '^$$' -bench . -benchmem ./...

packages: ## deb and rpm for amd64 and arm64, in dist/
	deploy/packages/build

man: ## docs/man from the commands' own help
	go test ./cmd/lunstat -run '^TestManPages$$' -update

# Each fuzz target for a minute; one at a time, as go test wants it. Without the
# bound on minimising, most of the minute goes there.
fuzz:
	@for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for target in $$(go test -list '^Fuzz' $$dir | grep '^Fuzz'); do \
			echo "$$dir $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime 1m -fuzzminimizetime 10x $$dir || exit 1; \
		done; \
	done

# Rewrites golden files and the scripts' expectations. Look at the difference before
# committing it.
update:
	@for dir in $$(grep -rlE --include='*_test.go' 'flag\.Bool\("update"' . | xargs -n1 dirname | sort -u); do \
		go test $$dir -update || exit 1; \
	done
