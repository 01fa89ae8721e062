# shellcheck shell=bash
# Where sockets and ports may be. Needs say.sh.

# short_dir DIRECTORY SOCKET_NAME: a directory for a unix socket, made 0700. Its path is at most 107 bytes and of plain
# characters, so that it stands in an URL as it is; where DIRECTORY is not so, one under XDG_RUNTIME_DIR or /tmp is taken.
short_dir() {
    local dir=$1 name=$2 base
    if ((${#dir} + ${#name} + 1 > 107)) || [[ ! $dir =~ ^[A-Za-z0-9/._@+-]+$ ]]; then
        base=/tmp
        ((EUID == 0)) || base=${XDG_RUNTIME_DIR:-/tmp}
        dir=$base/aisha-$EUID-$(printf '%s' "$dir" | sha256sum | cut -c 1-12)
    fi
    if ! mkdir -m 700 "$dir" 2>/dev/null; then
        [[ -d $dir && ! -L $dir ]] || die "$dir cannot be made"
        [[ -O $dir || $(stat -c %U "$dir") == "${PG_ACCOUNT:-}" ]] || die "$dir belongs to another account"
    fi
    say "$dir"
}

port_open() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

# free_port [WISH]: a loopback port nobody listens on; outside the range the kernel gives to clients.
free_port() {
    local port=${1:-} try
    for ((try = 0; try < 50; try++)); do
        [[ -n $port ]] || port=$((20000 + RANDOM % 12000))
        port_open 127.0.0.1 "$port" || {
            say "$port"
            return
        }
        port=''
    done
    die "no free port on 127.0.0.1 between 20000 and 32000"
}
