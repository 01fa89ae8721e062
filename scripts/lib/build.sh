# shellcheck shell=bash
# npm packages and cmake presets. Needs say.sh, and the checkout as the working directory.

# npm_assets LOG run|test: node_modules as package-lock.json says; nothing to do while neither file has changed.
# "run" leaves the packages of the tests out and is content when they are there.
npm_assets() {
    local log=$1 group=$2 stamp=node_modules/.aisha-stamp files known=''
    local -a options=(--ignore-scripts --no-audit --no-fund --loglevel=error)

    [[ -f package-lock.json ]] || return 0
    files=$(cat package.json package-lock.json | cksum)
    [[ -f $stamp ]] && known=$(<"$stamp")
    [[ $known == "$files test" || $known == "$files $group" ]] && return
    say "npm packages: installing what package-lock.json names"
    [[ $group == test ]] || options+=(--omit=dev)
    logged "$log" 'npm ci' npm ci "${options[@]}"
    printf '%s %s' "$files" "$group" >"$stamp"
}

# build_lock PRESET: one at a time builds there; the others wait, ten minutes at most. Held until this script ends.
build_lock() {
    if ! mkdir -p build 2>/dev/null || ! { exec 8>>"build/$1.lock"; } 2>/dev/null; then
        die "$(id -un) may not write to build/ here: build as the account that owns it, or remove it"
    fi
    flock -w 600 8 || die "build/$1 has been locked for ten minutes: another script builds there, or hangs"
}

# build_preset LOG PRESET [NINJA ARGUMENT…]: configures once, builds what has changed.
build_preset() {
    local log=$1 preset=$2 build=build/$2 pending
    shift 2
    build_lock "$preset"
    [[ ! -e $build || -w $build ]] || die "$build belongs to $(stat -c %U "$build"): build as that account, or remove it"
    if [[ ! -f $build/build.ninja ]]; then
        say "configuring $build"
        logged "$log" "configuring $build (cmake)" cmake --preset "$preset"
    fi
    pending=$(ninja -C "$build" -n "$@" 2>&1 | tail -n 1) || true
    [[ $pending == *'no work to do'* ]] && return
    say "building $build ($(nproc) at a time)"
    logged "$log" "building $build" ninja -C "$build" -j "$(nproc)" "$@"
}
