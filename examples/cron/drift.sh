#!/bin/sh
# Runs a monitor from cron: one at a time, with a log, and with words only where there is something
# to say, so that cron sends mail then and not otherwise.
#
# Usage: drift.sh MONITOR.yaml [LOG]
set -u
monitor=$1
log=${2:-drift.log}

# a run that still goes on is no reason for mail; driftcli itself would wait for it
exec 9> "${log}.lock"
flock --nonblock 9 || exit 0

output=$(driftcli run "$monitor" 2>&1)
code=$?
printf '%s exit %s\n%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$code" "$output" >> "$log"
case $code in
  0) ;;
  1) printf 'drift: %s\n\n%s\n' "$monitor" "$output" ;;
  *) printf 'could not check (exit %s): %s\n\n%s\n' "$code" "$monitor" "$output" ;;
esac
exit "$code"
