# Shared by the scripts of this folder. Source it; it runs nothing.
# shellcheck shell=bash

# The repository's root, whatever the current directory is. For the scripts that source this.
# shellcheck disable=SC2034
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
SCRIPT="scripts/$(basename "$0")"

say() { printf '%s\n' "$*"; }
step() { printf '== %s\n' "$*"; }
die() {
  printf '%s: %s\n' "$SCRIPT" "$*" >&2
  exit 1
}
usage_error() {
  printf '%s: %s\nTry: %s --help\n' "$SCRIPT" "$*" "$SCRIPT" >&2
  exit 2
}

# Prints the comment block at the top of the calling script: its help text.
print_help() { sed -n '2,/^[^#]/{s/^# \{0,1\}//;t print;d;:print;p;}' "$0"; }

is_ci() { [[ "${CI:-}" == true || "${CI:-}" == 1 ]]; }

# How many compilers to run at once: one per processor, but no more than memory allows (a file that includes gRPC
# takes about 1 GiB to compile).
job_count() {
  local processors gibibytes
  processors="$(nproc)"
  gibibytes="$(awk '/^MemAvailable:/ {print int($2 / 1048576)}' /proc/meminfo)"
  if ((gibibytes < 1)); then gibibytes=1; fi
  say $((processors < gibibytes ? processors : gibibytes))
}

# Shows how a build goes on, from ninja's lines on standard input: all in one line on a terminal, else every tenth.
show_progress() {
  local line count=0
  while IFS= read -r line; do
    [[ "$line" =~ ^\[[0-9]+/[0-9]+\] ]] || continue
    if [[ -t 1 ]]; then
      printf '\r\033[K%.78s' "$line"
    elif ((count++ % 10 == 0)); then
      printf '   %.110s\n' "$line"
    fi
  done
  if [[ -t 1 ]]; then printf '\r\033[K'; fi
}

# run_logged LOG COMMAND...: runs the command with its output in LOG, and shows the log's end where it fails.
run_logged() {
  local log="$1"
  shift
  mkdir -p "$(dirname "$log")"
  printf '$ %s\n' "$*" >>"$log"
  if ! "$@" 2>&1 </dev/null | tee -a "$log" | show_progress; then
    printf '%s: failed: %s\nThe end of %s:\n' "$SCRIPT" "$*" "$log" >&2
    tail -n 40 "$log" >&2
    return 1
  fi
}
