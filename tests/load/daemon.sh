# What scripts/overload-test and scripts/soak-test share: building, pinning, and a daemon to put under load. Source it
# after scripts/lib.sh.
# shellcheck shell=bash

# The daemon's process, which stop_daemon ends; its addresses; its log.
daemon="" address="" metrics_address="" work=""

# build_binaries LOG: builds the preset release, and sets `binaries` to where the programs are.
build_binaries() {
  step "Debian packages"
  scripts/install-deps build test
  step "Building tensord, tensorctl and tensord_load (a few minutes the first time; the log is in $1)"
  mkdir -p "$(dirname "$1")"
  : >"$1"
  run_logged "$1" cmake --preset release -DTENSORD_BUILD_TESTS=ON
  run_logged "$1" cmake --build --preset release -j "$(job_count)" --target tensord tensorctl tensord_load
  # For the scripts that source this.
  # shellcheck disable=SC2034
  binaries="$ROOT/build/release/bin"
}

check_binaries() {
  local program
  for program in tensord tensorctl tensord_load; do
    if [[ ! -x "$1/$program" ]]; then die "$1/$program is missing"; fi
  done
}

# Sets `daemon_prefix` and `load_prefix`: the daemon has the first processor, everything else the second.
pin_processors() {
  local allowed first second
  daemon_prefix=() load_prefix=()
  allowed="$(python3 -c 'import os; print(*sorted(os.sched_getaffinity(0)))')"
  read -r first second _ <<<"$allowed" || true
  if [[ -z "${second:-}" ]]; then
    say "There is one processor only: daemon and load share it, and the figures mean little."
    return
  fi
  daemon_prefix=(taskset -c "$first")
  # shellcheck disable=SC2034
  load_prefix=(taskset -c "$second")
  say "The daemon runs on processor $first, the load on processor $second."
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# start_daemon GROUP-FOLDER BINARIES FLAG...: starts tensord, in the memory cgroup of that folder unless it is empty,
# and waits until it answers.
start_daemon() {
  local group="$1" programs="$2"
  shift 2
  address="127.0.0.1:$(free_port)"
  metrics_address="127.0.0.1:$(free_port)"
  # The inner shell enters the group itself, so that nothing of the daemon is ever outside.
  # shellcheck disable=SC2016
  bash -c 'if [[ -n "$1" ]]; then echo $$ >"$1/cgroup.procs"; fi; shift; exec "$@"' start "$group" \
    "${daemon_prefix[@]}" "$programs/tensord" --listen "$address" --metrics-listen "$metrics_address" "$@" \
    >"$work/tensord.out" 2>"$work/tensord.log" </dev/null &
  daemon=$!
  for _ in $(seq 100); do
    if "$programs/tensorctl" --server "$address" --deadline 2s health >/dev/null 2>&1; then return 0; fi
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.1
  done
  cat "$work/tensord.log" >&2
  die "the daemon did not start: its log is above"
}

# end_process PID: ends it and waits until it has; nothing where PID is empty.
end_process() {
  if [[ -z "$1" ]]; then return 0; fi
  kill -TERM "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

stop_daemon() {
  end_process "$daemon"
  daemon=""
}

# measure COMMAND...: runs it; its exit code. A signal to this script ends it too, where finish calls stop_measuring.
measuring=""
trap 'exit 143' TERM
trap 'exit 130' INT
measure() {
  local result=0
  "$@" &
  measuring=$!
  wait "$measuring" || result=$?
  measuring=""
  return "$result"
}

stop_measuring() {
  end_process "$measuring"
  measuring=""
}

# make_group NAME BYTES: makes a memory cgroup and prints its folder; fails, quietly, where that cannot be done.
make_group() {
  local folder
  if [[ -w /sys/fs/cgroup/memory/cgroup.procs ]]; then
    folder="/sys/fs/cgroup/memory/$1"
    mkdir "$folder" 2>/dev/null || return 1
    if echo "$2" 2>/dev/null >"$folder/memory.limit_in_bytes"; then
      say "$folder"
      return 0
    fi
  elif [[ -w /sys/fs/cgroup/cgroup.procs ]] && grep -qw memory /sys/fs/cgroup/cgroup.controllers; then
    folder="/sys/fs/cgroup/$1"
    { echo +memory >/sys/fs/cgroup/cgroup.subtree_control; } 2>/dev/null || true
    mkdir "$folder" 2>/dev/null || return 1
    if { echo "$2" >"$folder/memory.max"; } 2>/dev/null; then
      { echo 0 >"$folder/memory.swap.max"; } 2>/dev/null || true
      say "$folder"
      return 0
    fi
  else
    return 1
  fi
  rmdir "$folder" 2>/dev/null || true
  return 1
}

# remove_group FOLDER: its processes have ended, but the kernel may need a moment to notice.
remove_group() {
  if [[ -z "$1" ]]; then return 0; fi
  for _ in $(seq 50); do
    if rmdir "$1" 2>/dev/null; then return 0; fi
    sleep 0.1
  done
  say "The cgroup $1 could not be removed."
}
