#!/usr/bin/env bash
# ThreadSanitizer over the crates with unsafe code and over threaded Python programs:
#
#     tests/tsan/run.sh [--optional] [--seconds 300] [--seed N] [all|suites|scripts|patterns|stress ...]
#
# Wants a nightly toolchain with the source of the standard library (`rustup component add rust-src --toolchain nightly`), which is
# built along, so that its own synchronisation is seen; the sanitizer's runtime comes with the toolchain. Without that nothing is checked,
# which is said, and is an error unless --optional is given. A first run builds for some ten minutes. Each report fails the run
# at its end; reports are files in `target/tsan/reports`.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}/tsan
mkdir -p "$target"
target=$(cd "$target" && pwd)
host=x86_64-unknown-linux-gnu
reports=$target/reports
optional=0 seconds=300 seed=$RANDOM parts=()
while [ $# -gt 0 ]; do
    case $1 in
        --optional) optional=1 ;;
        --seconds) seconds=$2 && shift ;;
        --seed) seed=$2 && shift ;;
        all) parts+=(suites scripts patterns stress) ;;
        suites | scripts | patterns | stress) parts+=("$1") ;;
        *) sed -n '2,4s/^# \?//p' "$0" && exit 2 ;;
    esac
    shift
done
[ ${#parts[@]} -gt 0 ] || parts=(suites scripts patterns stress)

not_run() {
    printf '\n!!! NOT RUN: ThreadSanitizer: %s\n' "$1"
    [ $optional = 1 ] && exit 0
    exit 2
}

sysroot=$(rustc +nightly --print sysroot 2>/dev/null) || not_run "it wants a nightly toolchain"
[ "$(rustc +nightly -vV | sed -n 's/^host: //p')" = $host ] || not_run "the flags here are for $host"
[ -d "$sysroot/lib/rustlib/src/rust/library" ] || not_run "it wants the component rust-src of the nightly toolchain"
ls "$sysroot/lib/rustlib/$host/lib/"librustc*_rt.tsan.a >/dev/null 2>&1 || not_run "this nightly toolchain has no runtime for it"

# Threads may fork, and ask for more memory than there is. Reports do not end a program, but decide how it exits.
options() {
    TSAN_OPTIONS="die_after_fork=0 allocator_may_return_null=1 history_size=4 exitcode=66 suppressions=$PWD/tests/tsan/suppressions.txt log_path=$reports/$1"
    export TSAN_OPTIONS
}

failed=()
# Runs a command under a name; it may exit with one of the codes in $codes.
check() {
    local name=$1 start=$SECONDS code=0
    shift
    options "$name"
    "$@" >"$reports/$name.out" 2>&1 </dev/null || code=$?
    case " $codes " in
        *" $code "*) printf '%-40s ok, %d s\n' "$name" $((SECONDS - start)) ;;
        *)
            printf '%-40s FAILED with %d after %d s; its output is %s\n' "$name" $code $((SECONDS - start)) "$reports/$name.out"
            failed+=("$name")
            ;;
    esac
}

rm -rf "$reports"
mkdir -p "$reports"

# What sees nothing must not pass: a race that is one.
cat >"$reports/race.rs" <<'END'
static mut N: u64 = 0;
fn main() {
    let add = || for _ in 0..1000 { unsafe { N += 1 } };
    let t = std::thread::spawn(add);
    add();
    t.join().unwrap();
}
END
rustc +nightly -Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer -O -Adeprecated-safe-2024 -o "$reports/race" "$reports/race.rs"
codes=66 check race "$reports/race"
[ ${#failed[@]} -eq 0 ] || { echo "ThreadSanitizer does not find a race that is there"; exit 1; }
rm -f "$reports"/race*

build() {
    RUSTFLAGS="-Zsanitizer=thread --cfg tsan" cargo +nightly "$1" -Zbuild-std --target $host --profile quick --target-dir "$target" "${@:2}"
}

codes=0
suites() {
    # Its threads are those of the tests.
    options suites
    build test -p skein-gc -p skein-collections --test suite || failed+=(suites)
}

scripts() {
    local path name
    # ThreadSanitizer notes the calls that a thread is in, and has room for 65,536; what goes deeper ends in its own crash.
    ulimit -s 2048
    for path in tests/python/*/[a-z]*.py tests/races/[a-z]*.py tests/regress/*.py; do
        name=${path//\//.}
        case $name in
            # They measure memory, of which ThreadSanitizer takes a multiple: what fails is an assertion.
            *.backlog.py | *.memory_back.py | *.memory_cycles.py | *.0060_short_threads.py) codes="0 1" ;;
            *) codes=0 ;;
        esac
        check "$name" timeout 300 "$skein" "$path"
    done
    codes=0
    for path in benches/programs/[a-z]*.py; do
        check "${path//\//.}" timeout 300 "$skein" "$path" --threads 3 --size 8
    done
}

patterns() {
    local file case
    for file in benches/patterns/[a-z]*.py; do
        for case in $("$skein" "$file" 2>&1 | sed -n 's/^cases: //p'); do
            check "$(basename "$file" .py).$case" timeout 300 "$skein" "$file" --case "$case" --threads 2 --size 3000
        done
    done
}

stress() {
    options stress
    python3 stress/run.py --python "$skein" --seconds "$seconds" --seed "$seed" --slice 5 || failed+=(stress)
}

case " ${parts[*]} " in
    *" scripts "* | *" patterns "* | *" stress "*) build build ;;
esac
skein=$target/$host/quick/skein
for part in "${parts[@]}"; do
    start=$SECONDS
    printf '\n=== %s\n' "$part"
    "$part"
    printf '=== %s: %d s\n' "$part" $((SECONDS - start))
done

found=$(find "$reports" -type f ! -name '*.out' -size +0)
if [ -n "$found" ]; then
    # The first lines of each kind of report.
    printf '\n'
    # shellcheck disable=SC2086
    grep -h '^SUMMARY' $found | sort | uniq -c | sort -rn | head -20
    printf 'reports:\n%s\n' "$found"
    exit 1
fi
[ ${#failed[@]} -eq 0 ] || { printf '\nFAILED, without a report: %s\n' "${failed[*]}"; exit 1; }
printf '\nNo race was found, in %d s\n' $SECONDS
