#!/usr/bin/env bash
# What git holds: no build output, backup file, secret or path of somebody's machine; commits are `type(scope): subject`.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$ROOT"
git rev-parse --is-inside-work-tree >/dev/null 2>&1 || {
  note "no git repository here: nothing to check"
  exit 0
}

failed=0
# report WHAT LINES: names what was found, if anything.
report() {
  if [ -z "$2" ]; then printf 'ok      %s\n' "$1"; else
    printf 'FAILED  %s\n%s\n' "$1" "$2" | head -n 20
    failed=1
  fi
}

# Without a match these greps fail, which here is the good outcome.
report "no build output or backup file" \
  "$(git ls-files | grep -E '(^|/)(target|node_modules|dist|coverage|\.run|\.cache)/|\.(orig|rej|bak|swp|tmp|log)$|~$|(^|/)\.DS_Store$' || true)"
report "no file over 1 MiB" "$(git ls-tree -r -l HEAD | awk '$4 > 1048576 { print $5 }')"
report "no private key or access key" \
  "$(git grep -nIE -e '-----BEGIN ([A-Z]+ )?PRIVATE KEY-----' -e '\bAKIA[0-9A-Z]{16}\b' -e '\bgh[pousr]_[A-Za-z0-9]{36}\b' || true)"
report "no path of a machine" "$(git grep -nIE -e '(/home/|/Users/)[a-z][a-z0-9_-]*/' -e '/(root|work)/[a-z.]' -- ':!scripts/check-repository.sh' || true)"
report "commit subjects are type(scope): subject" \
  "$(git log --no-merges --format='%h %s' | grep -vE '^[0-9a-f]+ (feat|fix|perf|refactor|test|docs|build|ci|chore|style|revert)\([a-z0-9*,/_-]+\)!?: .+' || true)"
exit "$failed"
