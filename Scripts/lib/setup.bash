# What Scripts/run and Scripts/test share: checks for Swift, installs what is missing, builds.
# To be sourced; expects the working directory to be the top of the checkout.

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }

# The compiler whose instructions Scripts/lib/instructions must know and that .ci/run requires. Any from 6.2 on builds.
readonly pinned_swift=6.3.1

# What each Debian package is for, so that nobody installs without knowing why.
readonly system_packages="
libmosquitto-dev   MQTT client library
libsimdjson-dev    JSON parser
libzstd-dev        compression of the journal
libssl-dev         SHA-256 and TLS
libxlsxwriter-dev  reports as Excel workbooks
libzip-dev         unpacks ledgers that are Excel workbooks
zlib1g-dev         packs long workbooks
libexpat1-dev      reads the XML in them
libsqlite3-dev     the embedded store
mosquitto          MQTT broker for the demonstration and the tests
mosquitto-clients  mosquitto_pub and mosquitto_sub
$(if [ "${SETUP_FOR_TESTS:-}" = 1 ]; then echo "
sqlite3            reads a store from outside, in tests
strace             kills the collector at the very moment it synchronizes
openssl            makes certificates for tests
chromium           opens HTML reports and prints PDF, in tests
poppler-utils      reads PDF reports back, in tests
fonts-noto-cjk     Chinese in PDF reports, in tests
python3-pip        fetches axe-core, Sparkplug nodes and oee, in tests
python3-venv       keeps the peers of benchmarks
valgrind           counts instructions
binutils           takes the symbols off what valgrind runs
dpkg-dev           unpacks the sources of later libmosquittos, in tests
gcc                compiles them
make               compiles them
libcjson-dev       is what they are built with
cmark-gfm          reads Markdown as GitHub does, in tests
faketime           gives commands the clock of a scenario, in tests
python3-openpyxl   reads workbooks back, in tests
python3-jsonschema holds JSON reports against their schema, in tests
wrk                asks the web server at full speed, in benchmarks
slowhttptest       asks it as slowly as attackers do, in benchmarks
prometheus         checks metrics and alert rules with promtool, in tests"; fi)
"

swift_version() { swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1; }

check_swift() {
  command -v swift >/dev/null ||
    fail "Swift is not installed. Install 6.2 or later for Debian 12 from https://www.swift.org/install/linux and put it on the PATH."
  local version
  version=$(swift_version | cut -d. -f1,2)
  [ "${version%%.*}" -gt 6 ] 2>/dev/null || { [ "${version%%.*}" = 6 ] && [ "${version#*.}" -ge 2 ]; } ||
    fail "Swift ${version:-of unknown version} is too old: Millwright needs 6.2 or later (https://www.swift.org/install/linux)."
}

install_packages() {
  local missing=()
  local name purpose
  while read -r name purpose; do
    [ -n "$name" ] || continue
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || {
      missing+=("$name")
      say "missing: $name ($purpose)"
    }
  done <<<"$system_packages"
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "install these first, by the names your system has for them: ${missing[*]}"
  local root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "run as root, or install sudo: apt-get install ${missing[*]}"
    root=(sudo)
  fi
  say "installing with apt-get: ${missing[*]}"
  # A broker of Debian's own would start with the package; this checkout starts its own when it needs one.
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Fetches packages of PyPI into a folder: fetch_wheels LIST FOLDER. They are fetched beside it and put there whole,
# because what a failure leaves would be taken for all of them. A change of the list fetches them anew.
fetch_wheels() {
  local list=$1 folder=$2 made=$2.making wheel
  ! cmp -s "$list" "$folder/list" || return 0
  rm -rf "$folder" "$made"
  mkdir -p "$made"
  python3 -m pip wheel --quiet --require-hashes --no-deps --wheel-dir "$made" -r "$list"
  for wheel in "$made"/*.whl; do python3 -m zipfile -e "$wheel" "$made"; done
  cp "$list" "$made/list"
  mv "$made" "$folder"
}

# Fetches axe-core, which finds what makes a page hard to read, as a package of PyPI ships it.
fetch_axe() {
  local folder=.build/axe made=.build/axe.making
  [ ! -e $folder/axe_core_python/axe.min.js ] || return 0
  rm -rf $folder $made
  mkdir -p $made
  python3 -m pip download --quiet --no-deps --dest $made axe-core-python==0.1.0
  python3 -m zipfile -e $made/axe_core_python-0.1.0-*.whl $made
  mv $made $folder
}

# Fetches the packages whose Sparkplug nodes the tests start, each into a folder with those that it needs: two need
# different versions of others.
fetch_sparkplug_nodes() {
  local list
  for list in Tests/SparkplugNodes/*.txt; do
    fetch_wheels "$list" ".build/sparkplug-nodes/$(basename "$list" .txt)"
  done
}

# Fetches the package that computes overall equipment effectiveness beside us.
fetch_oee() { fetch_wheels Tests/AggregationTests/Forms/oee.txt .build/oee; }

# Builds the release configuration; further arguments go to swift build.
build() {
  say "building (the first time takes a few minutes)"
  swift build -c release "$@" 1>&2
}

# Builds the release configuration and its tests, so that the tests run the program as it is shipped. With testable
# imports, the default of a build with tests, the compiler would keep every internal declaration for them. Only swift
# test can leave them out, and it builds before it finds that no test has this name.
build_tests() {
  say "building (the first time takes several minutes)"
  swift test -c release --disable-testable-imports --filter '^none$' 1>&2
}

# A TCP port of 127.0.0.1 that nothing listens on.
free_port() {
  local port
  for _ in $(seq 100); do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  fail "no free port on 127.0.0.1"
}

# Waits until something takes connections at a port: wait_for_port PORT SECONDS PID
wait_for_port() {
  local deadline=$((SECONDS + $2))
  until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
    kill -0 "$3" 2>/dev/null || return 1
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}
