# What people type often. Everything here is a plain command that works without make.

.PHONY: demo influxdb test lint bench fuzz man update test-vm packages

demo: ## the main job on this machine, in about a minute
	go run ./cmd/lunstat demo

test:
	go test ./...

# On a real kernel with real device-mapper, in a virtual machine: ten minutes where
# it has to be emulated. Needs root, qemu and apt.
test-vm:
	go test -tags vm -count 1 -timeout 60m -v ./collector/vmtest

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

# Golden files and the scripts' expectations anew. Look at the difference before
# committing it.
update:
	@for dir in $$(grep -rlE --include='*_test.go' 'flag\.Bool\("update"' . | xargs -n1 dirname | sort -u); do \
		go test $$dir -update || exit 1; \
	done
