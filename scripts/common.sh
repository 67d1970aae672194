# What the scripts share; sourced, not run. Sets the shell's options, and goes to the project's folder.
# shellcheck shell=bash

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*" >&2; }

# Says what is wrong and what to do about it, and ends.
fail() {
  say "${0##*/}: $*"
  exit 1
}

# Prints the comment at the head of the calling script: its help.
print_help() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p;}' "$0"; }

duration() {
  if (($1 < 60)); then printf '%d s' "$1"; else printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); fi
}

elapsed() { duration $(($(date +%s) - $1)); }

# time_left SECONDS LINE: of something that took so long until it said "[5/40] …" or "5 of 40 …".
time_left() {
  [[ $2 =~ ^\[?([0-9]+)(/|" of "(about )?)([0-9]+) ]] || return 0
  local done=${BASH_REMATCH[1]} all=${BASH_REMATCH[4]}
  # Of the first few of many nothing can be told.
  ((done * 20 >= all && all > done)) || return 0
  printf ', about %s left' "$(duration $(($1 * (all - done) / done)))"
}

# progress WHAT LOG COMMAND...: runs the command, its output going to LOG. Meanwhile it shows what is
# being done, how far it is (the log's last line), for how long, and how long it will take yet. In a log, that is a line now and
# then; on a terminal, one line that changes.
progress() {
  local what=$1 log=$2 status=0 started ticker
  shift 2
  started=$(date +%s)
  : >"$log"
  show_progress "$what" "$log" "$started" $$ &
  ticker=$!
  "$@" >"$log" 2>&1 </dev/null || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  if [[ -t 2 ]]; then printf '\r\033[K' >&2; fi
  if ((status == 0)); then
    say "$what: done in $(elapsed "$started")"
  else
    say "$what: failed after $(elapsed "$started"), with status $status"
  fi
  return "$status"
}

# How far a command is, by its log: the last line. A script may know better.
how_far() {
  tail -c 400 "$1" 2>/dev/null | tr '\r' '\n' | sed '/^[[:space:]]*$/d' | tail -n 1
}

show_progress() {
  local what=$1 log=$2 started=$3 parent=$4 pause=2 line time
  while sleep "$pause" && kill -0 "$parent" 2>/dev/null; do
    line=$(how_far "$log")
    time=$(elapsed "$started")$(time_left $(($(date +%s) - started)) "$line")
    if [[ -t 2 ]]; then
      pause=1
      printf '\r\033[K%.*s' "$(($(tput cols 2>/dev/null || echo 80) - 1))" \
        "$what, $time${line:+: $line}" >&2
    else
      pause=15
      say "$what, $time${line:+: ${line:0:100}}"
    fi
  done
}
