#!/usr/bin/env bash
# Finds Python, makes .venv and runs bin/local/<command>.py. Only what must happen before there is a venv is bash.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command=$1
shift

complain() {
  printf '\n✗ %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '  %s\n' "$@" >&2
  exit 1
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
  local name
  for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if is_new_enough "$name"; then
      echo "$name"
      return
    fi
  done
  complain "Python 3.11 or later is needed; this machine has $(python3 --version 2>/dev/null || echo 'no python3')." \
    "Install it (Debian, Ubuntu: apt-get install python3 python3-venv), or say where it is:" \
    "  PYTHON=/path/to/python3.12 bin/$command"
}

make_venv() {
  local python=$1
  rm -rf .venv
  "$python" -m venv .venv >/dev/null 2>&1
}

# Debian packages venv separately from python3; as root we can install it.
fetch_venv_package() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  echo "Installing the system package python3-venv"
  apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
}

# pip is installed last: a venv without it was interrupted while it was made.
if ! is_new_enough .venv/bin/python || [ ! -x .venv/bin/pip ]; then
  python=$(find_python)
  echo "Making .venv with $("$python" --version)"
  if ! make_venv "$python" && ! { fetch_venv_package && make_venv "$python"; }; then
    rm -rf .venv
    complain "$python cannot make a virtual environment (is the disk full, or is its venv module missing?)" \
      "Debian, Ubuntu: sudo apt-get install python3-venv; then start bin/$command again."
  fi
fi
exec .venv/bin/python -m "bin.local.$command" "$@"
