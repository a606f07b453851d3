#!/bin/sh
# Compares the output of the scripts with CPython 3.14's, kept beside them; addresses are masked.
# Usage: check.sh INTERPRETER. With --write the outputs are replaced by those of the interpreter (a CPython 3.14).
cd "$(dirname "$0")" || exit 2
failed=0
for script in *.py; do
    got=$("$1" "$script" 2>&1 | sed 's/0x[0-9a-f]*/0xN/g')
    if [ "$2" = --write ]; then
        printf '%s\n' "$got" > "${script%.py}.out"
    elif ! printf '%s\n' "$got" | diff - "${script%.py}.out"; then
        echo "$script differs"
        failed=1
    fi
done
exit $failed
