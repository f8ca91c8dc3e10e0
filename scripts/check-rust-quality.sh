#!/usr/bin/env bash
# Format, lint and generated code of the Rust side. Prints one line per check; fails if any does.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$ROOT"

cargo fmt --version >/dev/null 2>&1 || fail "rustfmt is missing: rustup component add rustfmt"
cargo clippy --version >/dev/null 2>&1 || fail "clippy is missing: rustup component add clippy"

check "format (cargo fmt --check)" cargo fmt --all --check
check "lint (cargo clippy)" cargo clippy --locked --workspace --all-targets --quiet -- -D warnings
check "generated code (schema/generate.sh --check)" ./schema/generate.sh --check
exit "$CHECKS_FAILED"
