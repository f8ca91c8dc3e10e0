#!/usr/bin/env bash
# Checks the web client: generated types, format, lint, types, that it builds, how much script it is, unit tests. Prints one line per
# check; fails if any does. It is built before the tests, so that a failing one does not take the browser tests with it.
#
#   scripts/check-web-quality.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$ROOT/desktop-web"

need_toolchains
install_node_modules "$PWD"

check "types of the REST routes (npm run generate)" npm run --silent generate -- --check
check "format (prettier)" npm run --silent format:check
check "lint (eslint)" npm run --silent lint
check "build (tsc, vite)" npm run --silent build
check "script before the chats are usable" node scripts/bundle-size.js
check "tests (vitest)" npm run --silent test
exit "$CHECKS_FAILED"
