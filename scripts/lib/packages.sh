# Packages of the distribution. Sourced after common.sh.
#
# What is missing is named before it is installed. Nothing that is installed here is started: PostgreSQL makes no cluster of its
# own, Redis and NATS stay down. A cluster or service that is already there is not touched.
# shellcheck shell=bash

# PostgreSQL's programs: PATH, then pg_config, then the newest version in Debian's layout.
postgres_bin() {
  if have initdb && have postgres; then
    dirname "$(readlink -f "$(command -v initdb)")"
    return
  fi
  if have pg_config && [ -x "$(pg_config --bindir)/initdb" ]; then
    pg_config --bindir
    return
  fi
  local folder
  folder=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$folder" ] && [ -x "$folder/initdb" ] && printf '%s\n' "$folder"
}

nats_bin() {
  command -v nats-server || { [ -x /usr/sbin/nats-server ] && echo /usr/sbin/nats-server; } || {
    have go && [ -x "$(go env GOPATH)/bin/nats-server" ] && echo "$(go env GOPATH)/bin/nats-server"
  }
}

# A Chromium that Playwright can drive: IM_CHROMIUM, or the usual names. Snap's wrapper does not start without snapd.
chromium_bin() {
  local name
  if [ -n "${IM_CHROMIUM:-}" ]; then
    printf '%s\n' "$IM_CHROMIUM"
    return
  fi
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if have "$name" && "$name" --version >/dev/null 2>&1; then
      command -v "$name"
      return
    fi
  done
  find "$ROOT/.cache/browsers" -type f -name chrome 2>/dev/null | sort -V | tail -n 1 | grep . || return 1
}

# as_root COMMAND...: runs it as root, through sudo where needed.
as_root() {
  if is_root; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    fail "this needs root, and there is no sudo: run as root once: $*"
  fi
}

# install_packages PACKAGE...: from the distribution, without starting any service.
install_packages() {
  have apt-get || fail "please install these yourself, there is no apt-get here: $*"
  step "Installing from the distribution: $*"
  as_root env IM_PACKAGES="$*" DEBIAN_FRONTEND=noninteractive bash -euo pipefail -c '
    made=()
    undo() { [ "${#made[@]}" -eq 0 ] || rm -f "${made[@]}"; }
    trap undo EXIT
    if [ ! -e /usr/sbin/policy-rc.d ]; then
      printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d
      chmod 755 /usr/sbin/policy-rc.d
      made+=(/usr/sbin/policy-rc.d)
    fi
    if [ ! -e /etc/postgresql-common/createcluster.d/im-rs.conf ]; then
      mkdir -p /etc/postgresql-common/createcluster.d
      printf "create_main_cluster = false\n" >/etc/postgresql-common/createcluster.d/im-rs.conf
      made+=(/etc/postgresql-common/createcluster.d/im-rs.conf)
    fi
    read -ra packages <<<"$IM_PACKAGES"
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${packages[@]}" </dev/null
  ' || fail "the packages could not be installed: $*"
}

# ensure_packages WHAT...: of postgres, redis, nats, curl, compiler, pip: installs those that are not there.
ensure_packages() {
  local what missing=()
  for what in "$@"; do
    case $what in
      postgres) postgres_bin >/dev/null || missing+=(postgresql) ;;
      redis) have redis-server || missing+=(redis-server) ;;
      nats) nats_bin >/dev/null || missing+=(nats-server) ;;
      curl) have curl || missing+=(curl ca-certificates) ;;
      pip) python3 -m pip --version >/dev/null 2>&1 || missing+=(python3 python3-pip) ;; # schema/generate.sh
      compiler) have cc || missing+=(gcc libc6-dev) ;;
      *) fail "ensure_packages: what is $what?" ;;
    esac
  done
  [ "${#missing[@]}" -eq 0 ] || install_packages "${missing[@]}"
}

# Where the tool is that makes requests from the REST document: a folder for PYTHONPATH, of one set of versions.
fuzzer_home() { echo "$ROOT/.cache/fuzzer-$(sha256sum <"$ROOT/e2e/fuzz/requirements.txt" | cut -c1-12)"; }

ensure_fuzzer() {
  local home made
  home=$(fuzzer_home)
  [ ! -d "$home" ] || return 0
  step "Installing the tool that makes requests from the REST document into .cache/"
  mkdir -p "$ROOT/.cache"
  made=$(mktemp -d "$ROOT/.cache/fuzzer.XXXXXX")
  # --target needs no virtual environment and is exempt from PEP 668.
  PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --target "$made" \
    --requirement "$ROOT/e2e/fuzz/requirements.txt" || fail "the tool could not be installed"
  mv "$made" "$home"
}

# Chromium: from the distribution, or where that has only a snap (Ubuntu), the one that Playwright brings.
ensure_chromium() {
  chromium_bin >/dev/null && return
  if have apt-cache && apt-cache show chromium 2>/dev/null | grep -q '^Depends:.*libc6'; then
    install_packages chromium
  elif have apt-get && ! have snap && [ "$(. /etc/os-release && echo "$ID")" = debian ]; then
    install_packages chromium
  fi
  chromium_bin >/dev/null && return
  step "Installing Chromium through Playwright into .cache/browsers"
  (cd "$ROOT/desktop-web" && PLAYWRIGHT_BROWSERS_PATH="$ROOT/.cache/browsers" as_root env \
    "PATH=$PATH" "PLAYWRIGHT_BROWSERS_PATH=$ROOT/.cache/browsers" npx --no-install playwright-core install --with-deps chromium)
  chromium_bin >/dev/null || fail "there is no Chromium: install one and name it in IM_CHROMIUM"
}
