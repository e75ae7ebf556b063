#!/usr/bin/env bash
# Makes sure that a program of the tests is there and prints the command that starts it, one word a line: tests/tools.sh <redis-7|redis-8|prometheus|promtool|kubectl|nginx|wrk>
# In order: a fitting one on the PATH; else Debian's own package. It is fetched by apt from the mirrors that this machine uses, with the keys that it trusts, and unpacked under .tools/;
# nothing is installed, no root is needed, and apt's folders stay as they are.
set -uo pipefail
export LC_ALL=C

tool=${1:-}
own=$(. /etc/os-release 2> /dev/null && echo "${VERSION_CODENAME:-}")
case $tool in
    redis-7) program=redis-server package=redis-tools least=7 most=7 suites=(bookworm) ;;
    redis-8) program=redis-server package=redis-tools least=8 most=99 suites=(trixie) ;;
    # They run with the machine's own libc: its own release first.
    prometheus | promtool) program=$tool package=prometheus least=2 most=99 suites=($own bookworm) ;;
    nginx) program=nginx package=nginx least=1 most=99 suites=(bookworm $own) ;;
    wrk) program=wrk package=wrk least=4 most=99 suites=(bookworm $own) ;;
    kubectl) program=$tool package=kubernetes-client least=1 most=99 suites=($own bookworm) ;;
    *) echo "Usage: $0 <redis-7|redis-8|prometheus|promtool|kubectl|nginx|wrk>" >&2; exit 2 ;;
esac

tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.tools
# Prometheus and promtool come in one package.
name=${tool/promtool/prometheus}
home=$tools/$name-$HOSTTYPE
tried=()

# The command that starts what lies unpacked in a folder, one word a line: command_in <folder>
command_in() {
    # With its own loader and libraries, where they were unpacked: the machine's may be of another release.
    [ ! -d "$1/lib" ] || printf '%s\n' "$1"/lib/ld-linux*.so.* --inhibit-cache --library-path "$1/lib"
    echo "$1/$program"
}

# The major version of the program that a command starts; nothing if it is another program or does not run.
major_of() {
    local question=--version answer
    case $program in
        kubectl) question='version --client' ;;
        nginx | wrk) question=-v ;;
    esac
    # shellcheck disable=SC2086 # Two words.
    answer=$("$@" $question 2>&1)
    [[ $answer =~ ^(Redis\ server\ v=|"$program, version "|nginx\ version:\ nginx/|wrk\ (debian/)?|Client\ Version:\ (.*GitVersion:\")?v)([0-9]+) ]] && echo "${BASH_REMATCH[-1]}"
}

fits() {
    local major=${1:-0}
    (( major >= least && major <= most ))
}

find_on_path() {
    local found major
    found=$(type -P "$program") || { tried+=("$program on the PATH: none"); return 1; }
    major=$(major_of "$found")
    fits "$major" || { tried+=("$program on the PATH: $found is version ${major:-unknown}"); return 1; }
    echo "$found"
}

# Writes this machine's package sources, each into a file of its own, for another suite: write_sources <suite> <folder>
write_sources() {
    local list=/dev/null parts=/dev/null files=() file
    eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
    for file in "$list" "${parts%/}"/*.list "${parts%/}"/*.sources; do [ -f "$file" ] && files+=("$file"); done
    (( ${#files[@]} > 0 )) || return 0
    awk -v suite="$1" -v folder="$2" '
        function write(uris, components, key,   text) {
            if (uris ~ /^[ \t\n]*$/ || components ~ /^[ \t\n]*$/) return
            text = "Types: deb\nURIs:" uris "\nSuites: " suite "\nComponents:" components "\nTargets: Packages\n"
            if (key != "") text = text "Signed-By:" key "\n"
            if (!(text in seen)) printf "%s", text > (folder "/" sprintf("%02d", ++count) ".sources")
            seen[text] = 1
        }
        function end_stanza() {
            if (field["types"] ~ /(^|[ \t])deb([ \t]|$)/ && tolower(field["enabled"]) !~ /no|false|0/) write(field["uris"], field["components"], field["signed-by"])
            split("", field)
        }
        FNR == 1 { end_stanza() }
        /^[ \t]*#/ { next }
        FILENAME !~ /\.sources$/ {
            line = $0
            sub(/[ \t]#.*/, "", line)
            key = components = ""
            if (match(line, /^[ \t]*deb[ \t]+\[[^]]*\]/)) {
                count_of_options = split(substr(line, index(line, "[") + 1, RLENGTH - index(line, "[") - 1), option, /[ \t]+/)
                for (i = 1; i <= count_of_options; i++) if (option[i] ~ /^signed-by=/) key = " " substr(option[i], 11)
                line = "deb" substr(line, RSTART + RLENGTH)
            }
            words = split(line, word, " ")
            for (i = 4; i <= words; i++) components = components " " word[i]
            if (word[1] == "deb" && word[2] !~ /^cdrom:/) write(" " word[2], components, key)
            next
        }
        /^[ \t]*$/ { end_stanza(); next }
        /^[ \t]/ { field[name] = field[name] "\n" $0; next }
        { name = tolower(substr($0, 1, index($0, ":") - 1)); field[name] = substr($0, index($0, ":") + 1) }
        END { end_stanza() }' "${files[@]}"
}

# An apt of its own for one source: the machine's settings (proxy, credentials, keys), but another source and folders, and none of its pins and hooks.
write_apt_configuration() {
    mkdir -p "$1"/{state/lists/partial,cache/archives/partial,log,none}
    : > "$1/status"
    cat > "$1/apt.conf" << CONFIGURATION
#clear APT::Update;
#clear APT::Default-Release;
Dir::Etc::sourcelist "$2";
Dir::Etc::sourceparts "$1/none";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$1/none";
Dir::State "$1/state";
Dir::State::lists "lists";
Dir::State::status "$1/status";
Dir::Cache "$1/cache";
Dir::Cache::archives "archives";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Log "$1/log";
Acquire::AllowInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Get::AllowUnauthenticated "false";
// The checkout may lie where no other user can write; nothing here needs one.
APT::Sandbox::User "root";
CONFIGURATION
}

# Fetches the package and keeps of it, in the work folder's ready/, what command_in needs: fetch <source> <work folder>
fetch() {
    local command
    write_apt_configuration "$2" "$1" && apt-get -c "$2/apt.conf" -q update && mkdir -p "$2"/{unpacked,ready} || return 1
    case $package in
        redis-tools | nginx | wrk) unpack_with_libraries "$2" ;;
        *) unpack_programs "$2" ;;
    esac || return 1
    mapfile -t command < <(command_in "$2/ready")
    fits "$(major_of "${command[@]}")" || { echo "What was unpacked is no $tool that runs here."; return 1; }
}

# With all that it needs on a bare machine. Redis' package holds the server's program under another name.
unpack_with_libraries() {
    local archive
    apt-get -c "$1/apt.conf" -qq -y --no-install-recommends --download-only install "$package" && mkdir "$1/ready/lib" || return 1
    for archive in "$1"/cache/archives/*.deb; do dpkg-deb -x "$archive" "$1/unpacked" || return 1; done
    mv "$1"/unpacked/usr/*bin/"${program/redis-server/redis-check-rdb}" "$1/ready/$program" || return 1
    # Up to bookworm libraries lie in /lib as well as in /usr/lib.
    find "$1"/unpacked/lib/*-linux-* "$1"/unpacked/usr/lib/*-linux-* -maxdepth 1 -name '*.so*' -exec mv -t "$1/ready/lib" {} + 2> /dev/null
    return 0
}

# Go programs need nothing but libc: the package alone, and of it the programs alone.
unpack_programs() {
    ( cd "$1/unpacked" && apt-get -c "$1/apt.conf" -qq download "$package" ) &&
        dpkg-deb --fsys-tarfile "$1"/unpacked/*.deb | tar -x -C "$1/ready" --strip-components=3 ./usr/bin
}

unpack_from_debian() {
    local needed suite source work attempts=0
    for needed in apt-get apt-config dpkg-deb flock awk find tar; do
        type -P "$needed" > /dev/null || { tried+=("Debian's packages: there is no $needed here"); return 1; }
    done
    mkdir -p "$tools" && exec 9> "$tools/$name.lock" && flock 9 || { tried+=("Debian's packages: $tools can't be written"); return 1; }
    [ -e "$home" ] && return 0

    # The lock is ours: what else bears the name is left from a run that was killed.
    rm -rf "$tools/$name".work.*
    work=$(mktemp -d "$tools/$name.work.XXXXXX") || { tried+=("Debian's packages: $tools can't be written"); return 1; }
    # shellcheck disable=SC2064 # The folder's name as it is now.
    trap "rm -rf '$work'" EXIT

    # The machine's own release at last, where it is not among them.
    for suite in "${suites[@]}" $own; do
        mkdir "$work/$suite" 2> /dev/null || continue
        write_sources "$suite" "$work/$suite"
        for source in "$work/$suite"/*.sources; do
            [ -e "$source" ] || { tried+=("Debian's $suite: this machine has no package sources to derive it from"); break; }
            attempts=$((attempts + 1))
            if fetch "$source" "$work/$attempts" > "$work/$attempts.log" 2>&1; then
                # In one step: a reader sees all of it or nothing.
                mv -T "$work/$attempts/ready" "$home" && return 0
            fi
            tried+=("Debian's $suite from$(sed -n 's/^URIs://p' "$source" | sed 's#//[^/@]*@#//#'): $(grep -v '^[WN]:' "$work/$attempts.log" | tail -n 3 | tr '\n' ' ')")
        done
    done
    return 1
}

find_on_path && exit
[ -e "$home" ] || unpack_from_debian || {
    echo "No $tool for the tests. Tried:" >&2
    printf ' - %s\n' "${tried[@]}" >&2
    if (( least == most )); then echo "Put a $program of version $least on the PATH." >&2; else echo "Put a $program of version $least or later on the PATH." >&2; fi
    exit 1
}
command_in "$home"
