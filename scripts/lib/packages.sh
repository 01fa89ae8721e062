# shellcheck shell=bash
# Debian packages of scripts/packages.txt: which are missing, and their installation. Needs say.sh.

# What may stand in for a package that is not installed: newer builds from elsewhere.
packages_replaced() {
    case $1 in
    nodejs) command -v node >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' ;;
    npm) command -v npm >/dev/null ;;
    postgresql) compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null ;;
    redis-server) command -v redis-server >/dev/null ;;
    *) return 1 ;;
    esac
}

# packages_missing FILE GROUP…: prints the names.
packages_missing() {
    local file=$1 names installed name
    shift
    names=$(awk -v groups=" $* " '/^[^#]/ && index(groups, " " $1 " ") {print $2}' "$file")
    # It fails when it has never heard of one of them, and lists the others all the same.
    # shellcheck disable=SC2016,SC2086 # dpkg's own placeholders; one argument per name
    installed=$({ dpkg-query -W -f '${Package} ${db:Status-Status}\n' $names 2>/dev/null || true; } |
        awk '$2 == "installed" {print $1}')
    for name in $names; do
        [[ $'\n'$installed$'\n' == *$'\n'$name$'\n'* ]] || packages_replaced "$name" || say "$name"
    done
}

# The database and Redis come as private copies of scripts/run. Their packages would also start a system-wide one and make
# a system cluster: Debian's own two switches against that are set while apt-get works, and taken back afterwards.
QUIET_FILES=()
packages_quiet() {
    quiet_file /usr/sbin/policy-rc.d '#!/bin/sh' 'exit 101'
    quiet_file /etc/postgresql-common/createcluster.d/aisha-setup.conf 'create_main_cluster = false'
}
quiet_file() {
    local path=$1
    shift
    [[ -e $path ]] && return
    mkdir -p "$(dirname "$path")"
    printf '%s\n' "$@" >"$path"
    chmod 755 "$path"
    QUIET_FILES+=("$path")
}
packages_unquiet() {
    ((${#QUIET_FILES[@]})) || return 0
    rm -f "${QUIET_FILES[@]}"
    QUIET_FILES=()
    rmdir --ignore-fail-on-non-empty /etc/postgresql-common/createcluster.d 2>/dev/null || true
}

# apt-get update has no lock timeout of its own: others may hold the lists for a while.
packages_update() {
    local try
    for try in 1 2 3 4 5 6; do
        apt-get -q update && return
        ((try < 6)) && sleep 5
    done
    return 1
}

# packages_install LOG NAME…: as root.
packages_install() {
    local log=$1
    shift
    export DEBIAN_FRONTEND=noninteractive
    trap packages_unquiet EXIT
    [[ " $* " != *' postgresql '* && " $* " != *' redis-server '* ]] || packages_quiet
    packages_update >>"$log" 2>&1 || say "the package lists could not be renewed; trying with those that are here"
    logged "$log" "installing the packages ($*)" \
        apt-get -q -y -o DPkg::Lock::Timeout=900 install --no-install-recommends "$@"
    if [[ -d /run/systemd/system && " $* " == *' redis-server '* ]]; then
        systemctl disable --quiet redis-server || true # only the one that came with this installation
    fi
    packages_unquiet
    trap - EXIT
}
