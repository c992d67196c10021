#!/bin/sh
# Builds the two InfluxDB servers that the tests of collector/influx run against,
# from Go modules and Rust crates alone, into the user's cache folder. What is
# there already is left alone. About one minute for 1.8 and six for 2.8 on two
# cores, in the background of whatever else the machine does.
set -eu

cache=${XDG_CACHE_HOME:-$HOME/.cache}/lunstat/influxdb
v1=1.8.10
v2=2.8.0

fail() {
	echo "influxdb.sh: $*" >&2
	exit 1
}

need() {
	command -v "$1" >/dev/null 2>&1 || fail "$1 is missing: it is needed to build InfluxDB $2"
}

# place moves a finished binary into the cache: another process finds all of it or nothing.
place() {
	mv -f "$1" "$cache/.$2.$$"
	mv -f "$cache/.$2.$$" "$cache/$2"
	echo "$cache/$2"
}

build1() {
	need go $v1
	GOBIN=$tmp nice -n 19 go install -trimpath -ldflags "-s -w" \
		github.com/influxdata/influxdb/cmd/influxd@v$v1
	place "$tmp/influxd" influxd-$v1
}

# build2 needs three things that plain `go build` doesn't do: a pkg-config that
# has cargo build libflux, rustc's warnings kept from being errors (flux denies
# some that its own old compiler didn't know), and the installed toolchain in
# place of the one that flux pins.
build2() {
	need go $v2
	need cargo $v2
	need cc $v2
	need pkg-config $v2
	mkdir -p "$tmp/bin"
	(cd "$tmp" && GOBIN=$tmp/bin nice -n 19 go install github.com/influxdata/pkg-config@v0.2.14)
	cat >"$tmp/rustc" <<'WRAPPER'
#!/bin/sh
case " $* " in *" --cap-lints "*) exec "$@" ;; esac
exec "$@" --cap-lints warn
WRAPPER
	chmod +x "$tmp/rustc"
	module=$(cd "$tmp" && go mod download -json github.com/influxdata/influxdb/v2@v$v2 |
		sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p')
	[ -n "$module" ] || fail "the source of InfluxDB $v2 could not be downloaded"
	toolchain=$(rustup toolchain list 2>/dev/null | sed -n 's/^\(stable[^ ]*\).*/\1/p' | head -n 1)
	(
		cd "$module"
		# Flux itself is never run: little optimisation, half the time.
		export PATH="$tmp/bin:$PATH" RUSTC_WRAPPER="$tmp/rustc" \
			CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_OPT_LEVEL=1
		[ -z "$toolchain" ] || export RUSTUP_TOOLCHAIN="$toolchain"
		nice -n 19 go build -trimpath -ldflags "-s -w" \
			-tags sqlite_foreign_keys,sqlite_json -o "$tmp/influxd" ./cmd/influxd
	)
	place "$tmp/influxd" influxd-$v2
}

umask 022
mkdir -p "$cache"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

[ -x "$cache/influxd-$v1" ] || build1
[ -x "$cache/influxd-$v2" ] || build2
