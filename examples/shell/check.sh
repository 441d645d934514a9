#!/bin/sh
# Check today's data against the reference and act on the exit code.
#
#   check.sh REFERENCE CURRENT [MORE OPTIONS OF driftcli features]
#
# Put it in cron or a CI step; replace the three echo lines by what you do.
set -u

driftcli features "$@" --quiet
code=$?

case $code in
    0) echo "no drift: serve on" ;;
    1) echo "drift: retrain" ;;
    *) echo "could not check (exit $code): wake somebody" >&2 ;;
esac
exit $code
