# shellcheck shell=bash
# What later stages of scripts/test compile, compiled while stages run that wait half of their time. It gets only what
# those leave of the processors, so that it takes nothing from what they time. A stage that finds its build made has
# little to do; one that finds half of it makes the rest; what is wrong with a build is said by its own stage alone.
# shellcheck disable=SC2154 # root, logs: of scripts/test

declare -A AHEAD=([tsan]=tsan [strict]=strict [faults]=faults [clang]=fuzz) # stage and preset
AHEAD_PID=''

# ahead_before STAGE WANTED…: begins with s3, for those of the wanted stages that compile.
ahead_before() {
    local stage
    local -a presets=()
    [[ $1 == s3 ]] || return 0
    for stage in "$@"; do
        [[ -z ${AHEAD[$stage]-} ]] || presets+=("${AHEAD[$stage]}")
    done
    ((${#presets[@]})) || return 0
    setsid chrt --idle 0 "$root/scripts/test" --ahead "${presets[@]}" >"$logs/ahead.log" 2>&1 </dev/null &
    AHEAD_PID=$!
}

# ahead_after STAGE: the browser is the last that waits.
ahead_after() { [[ $1 != browser ]] || ahead_end; }

ahead_end() {
    [[ -n $AHEAD_PID ]] || return 0
    kill -s TERM -- "-$AHEAD_PID" 2>/dev/null || true
    wait "$AHEAD_PID" 2>/dev/null || true
    AHEAD_PID=''
}
