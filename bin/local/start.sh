#!/usr/bin/env bash
# Finds Python, makes .venv and hands over to bin/local/<command>.py: what can be Python is not bash.
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

# Debian ships venv apart from python3; root can simply fetch it.
fetch_venv_package() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  echo "Installing the system package python3-venv"
  apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
}

# pip arrives last when a venv is made, so a venv without it was interrupted.
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
