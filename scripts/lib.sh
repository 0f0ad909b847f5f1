# The scripts of this folder source this file. It prints messages, installs missing packages, and builds.
# shellcheck shell=bash disable=SC2034

root=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
buf=$root/node_modules/.bin/buf

compile_packages=(
  g++ cmake ninja-build ccache pkg-config git lld
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc libabsl-dev
  libpqxx-dev libpq-dev libsodium-dev libcrypt-dev libssl-dev libcurl4-openssl-dev
  libzxcvbn-dev liboath-dev libqrencode-dev libpng-dev
  libgtest-dev libgmock-dev nlohmann-json3-dev libsimdjson-dev libcli11-dev libboost-dev libyaml-cpp-dev)
build_packages=("${compile_packages[@]}" postgresql openssl ca-certificates curl)
frontend_packages=(
  python3-fastapi python3-uvicorn python3-jinja2 python3-grpcio python3-protobuf python3-cryptography python3-httpx)
packing_packages=(dpkg-dev file python3)
test_packages=(
  "${packing_packages[@]}" lintian mandoc man-db systemd
  python3-grpcio python3-protobuf python3-jwt python3-cryptography python3-passlib python3-bcrypt python3-argon2
  python3-pyotp python3-aiosmtpd python3-yaml python3-authlib python3-requests python3-fastapi python3-uvicorn
  "${frontend_packages[@]}" chromium-driver python3-selenium python3-pip python3-setuptools python3-wheel
  prometheus nginx caddy)
debian=$(sed -n 's/^VERSION_ID="\?\([0-9]*\).*/\1/p' /etc/os-release)
# Debian 12 is the last release with python3-jose. Debian sid has no VERSION_ID.
if ((${debian:-99} <= 12)); then test_packages+=(python3-jose); fi
# The tests of k8s/ render it with kubectl. The one of Debian 12 is too old: there, CI builds kustomize with Go, and other
# runs skip those tests.
if ! command -v kubectl >/dev/null; then
  if ((${debian:-99} > 12)); then test_packages+=(kubernetes-client)
  elif [[ ${CI-} == true ]] && ! command -v go >/dev/null; then test_packages+=(golang-go); fi
fi
cluster_packages=(etcd-server python3-jsonschema podman runc debootstrap systemd-container iproute2
  patroni python3-etcd faketime e2fsprogs)
command -v go >/dev/null || cluster_packages+=(golang-go)
check_packages=(clang clang-format clang-tidy shellcheck python3)

say() { printf '==> %s\n' "$*" >&2; }

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Prints the comment at the top of the calling script: its manual.
usage() { awk 'NR == 1 { next } /^#/ { sub(/^# ?/, ""); print; next } { exit }' "$0"; }

# The value of an option, for a loop over "$@".
value_of() {
  [[ $# -ge 2 ]] || die "$1 needs a value (see --help)"
  printf '%s' "$2"
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "must be root, or have sudo, to run: $*"
  fi
}

# The named packages that are not installed, one a line.
missing_packages() {
  comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | awk '$1 == "ii" { print $2 }' | sort -u)
}

# Ends the script when packages are missing and we may not install them.
can_install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} == 0 || EUID == 0)) || command -v sudo >/dev/null ||
    die "must be root, or have sudo, to install: ${missing[*]}"
}

# apt-get install that prints a few lines of progress instead of hundreds.
apt_install() {
  local log
  log=$(mktemp)
  if as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" 2>&1 | tee "$log" |
    awk '/^Need to get/ { print "    " $0 }
         /^(Unpacking|Setting up) / { if (++n[$1] % 25 == 0) printf "    %s: %d\n", $1, n[$1] }
         { fflush() }' >&2; then
    rm -f "$log"
    return
  fi
  tail -n 30 "$log" >&2
  rm -f "$log"
  die "the installation of packages failed"
}

# Installs PostgreSQL's common files so that the server package makes no cluster for the whole system: ours are private.
install_postgresql_without_cluster() {
  local settings=/etc/postgresql-common/createcluster.conf
  [[ ! -e $settings ]] || return 0
  apt_install postgresql-common
  printf '\ncreate_main_cluster = false\n' | as_root tee -a "$settings" >/dev/null
}

# Debian's packages of these start a server for the whole system, now and at each boot. Tests start their own instead.
packages_with_services=(prometheus nginx caddy)
install_without_services() (
  policy=/usr/sbin/policy-rc.d # forbids packages to start services: invoke-rc.d(8)
  if [[ ! -e $policy ]]; then
    trap 'as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$policy"
  fi
  apt_install "$@"
  for service in "$@"; do
    if [[ -e /etc/init.d/$service ]]; then as_root update-rc.d "$service" disable; fi
    if command -v systemctl >/dev/null; then as_root systemctl --quiet disable "$service"; fi
  done
)

# Installs the named Debian packages that are missing. Needs no root when none is missing.
install_packages() {
  local missing services
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} > 0)) || return 0
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  as_root apt-get update -qq
  if [[ " ${missing[*]} " == *" postgresql "* ]]; then install_postgresql_without_cluster; fi
  mapfile -t services < <(comm -12 <(printf '%s\n' "${missing[@]}" | sort) <(printf '%s\n' "${packages_with_services[@]}" | sort))
  if ((${#services[@]} > 0)); then install_without_services "${services[@]}"; fi
  apt_install "${missing[@]}"
}

# Installs buf, the tool of package.json, in the version of the lock file. Fails when npm fails.
install_node_tools() {
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then install_packages nodejs npm; fi
  if cmp -s "$root/package-lock.json" "$root/node_modules/.installed-lock"; then return; fi
  say "installing buf"
  npm --prefix "$root" ci --no-audit --no-fund --loglevel=error >&2 &&
    cp "$root/package-lock.json" "$root/node_modules/.installed-lock"
}

# Builds the TypeScript client for its tests. Fails when npm fails.
build_typescript_client() {
  local folder=$root/client/typescript
  if ! cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed-lock"; then
    say "installing what the TypeScript client needs"
    npm --prefix "$folder" ci --no-audit --no-fund --loglevel=error >&2 || return
    cp "$folder/package-lock.json" "$folder/node_modules/.installed-lock"
  fi
  npm --prefix "$folder" run --silent build >&2
}

configure() { (cd "$root" && cmake --preset "$1" >/dev/null); }

# build PRESET [TARGET…]
build() {
  local preset=$1
  shift
  configure "$preset"
  say "building $preset${1:+: $*}"
  cmake --build "$root/build/$preset" --parallel "$(nproc)" ${1:+--target "$@"}
}
