#!/usr/bin/env bash
# Checks the web client: generated types, format, lint, types, unit tests, that it builds, and how much script it is. What CI runs and what you run is this.
#
#   scripts/check-web-quality.sh
#
# Needs Node 20.19 or newer. Packages are installed by `npm ci` only when they are missing or the lock file changed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../desktop-web"

# npm writes this file at the end of an installation, so its age says which lock file is installed.
installed=node_modules/.package-lock.json
if [[ ! -f $installed || package-lock.json -nt $installed || package.json -nt $installed ]]; then
  echo "== packages"
  npm ci --no-audit --no-fund
  touch "$installed"
fi

# Runs one step and says which one it is.
step() {
  echo "== $1"
  shift
  "$@"
}

step 'types of the REST routes (npm run generate)' npm run --silent generate -- --check
step format npm run --silent format:check
step lint npm run --silent lint
step types npm run --silent types
step tests npm run --silent test
step build npm run --silent build
step 'script before the chats are usable' node scripts/bundle-size.js
echo "the web client is fine"
