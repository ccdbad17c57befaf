#!/bin/sh
# Installs the Debian or Ubuntu packages that Sluis uses, and nothing that is already there.
#
#   deploy/install-debian.sh [--check] GROUP...
#
#   base    what `make` needs for its virtual environment
#   run     what the service and the demo need
#   test    what `make test` needs besides: real mail servers, the readers that check what left, and a browser
#   bench   what `make bench` needs besides: the mail sink's TLS front, and the peers that it is measured against
#
# --check only tells what is missing (exit 1 when anything is). No service is started or enabled by it.

set -eu
PATH="$PATH:/usr/sbin:/sbin"

# One need a line: the program or file that must be there, and the package that brings it.
needs_of() {
    case "$1" in
    base) echo "ensurepip python3-venv" ;;
    run)
        printf '%s\n' "gpg gnupg" "gpg-agent gpg-agent" "gpgconf gpgconf" "bwrap bubblewrap" "tesseract tesseract-ocr" \
            "/usr/share/tesseract-ocr/*/tessdata/nld.traineddata tesseract-ocr-nld" "/usr/share/dict/dutch wdutch" \
            "/usr/share/dict/british-english wbritish" \
            "/usr/lib/*/libmagic.so.1 libmagic1"
        ;;
    test)
        needs_of run
        # Programs first, then files.
        cat <<'NEEDS'
age age
chromium chromium
curl curl
firefox-esr firefox-esr
go golang-go
/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog/tlog.go golang-golang-x-mod-dev
ip iproute2
jose jose
jq jq
ldns-signzone ldnsutils
mutool mupdf-tools
neomutt neomutt
notmuch notmuch
nsd nsd
openssl openssl
pdftotext poppler-utils
postfix postfix
protoc protobuf-compiler
promtool prometheus
qpdf qpdf
rnp rnp
script bsdutils
sftp openssh-client
sq sq
tshark tshark
unbound unbound
/usr/sbin/dovecot dovecot-imapd
/usr/sbin/sshd openssh-server
/usr/sbin/apache2 apache2-bin
/usr/sbin/rsyslogd rsyslog
/usr/lib/*/rsyslog/lmnsd_ossl.so rsyslog-openssl
/usr/lib/libreoffice/program/libswlo.so libreoffice-writer-nogui
/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf fonts-liberation2
/usr/lib/libreoffice/program/libsclo.so libreoffice-calc-nogui
NEEDS
        ;;
    bench)
        needs_of run
        printf '%s\n' "openssl openssl" "age age" "postfix postfix" "stunnel4 stunnel4" "kuvert kuvert" \
            "/usr/sbin/sshd openssh-server" "sftp openssh-client"
        ;;
    *)
        echo "install-debian.sh: no group '$1'; there are base, run, test and bench" >&2
        exit 2
        ;;
    esac
}

is_there() {
    case "$1" in
    ensurepip) "${PYTHON:-python3}" -c "import ensurepip, venv" 2>/dev/null ;;
    /*)
        # A pattern: versions and architectures differ.
        for found in $1; do [ ! -e "$found" ] || return 0; done
        return 1
        ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

missing_packages() {
    for group in "$@"; do
        needs=$(needs_of "$group")
        echo "$needs" | while read -r program package; do
            is_there "$program" || echo "$package"
        done
    done | sort -u | tr '\n' ' '
}

# Prints how to become root without a question, fails when that can not be.
root_prefix() {
    [ "$(id -u)" -ne 0 ] || return 0
    command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null && echo "sudo -n"
}

# Debian asks this file whether a package may start its service: 101 is no.
forbid_services() {
    [ ! -e /usr/sbin/policy-rc.d ] || return 0
    printf '#!/bin/sh\nexit 101\n' | $as_root tee /usr/sbin/policy-rc.d >/dev/null
    $as_root chmod 755 /usr/sbin/policy-rc.d
    trap '$as_root rm -f /usr/sbin/policy-rc.d' EXIT
    trap 'exit 130' INT TERM
}

# Postfix without a configuration of the machine (tests make their own), packet capture for root only.
answer_questions() {
    $as_root debconf-set-selections <<'ANSWERS'
postfix postfix/main_mailer_type select No configuration
wireshark-common wireshark-common/install-setuid boolean false
ANSWERS
}

install_packages() {
    forbid_services
    answer_questions
    echo "Installing with apt-get: $*"
    $as_root apt-get -qq -o DPkg::Lock::Timeout=300 update
    # Recommended packages are left out: they would bring services that nobody asked for.
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
        install --no-install-recommends "$@" >/dev/null
}

check_only=no
[ "${1:-}" != --check ] || { check_only=yes; shift; }
[ $# -gt 0 ] || { echo "usage: deploy/install-debian.sh [--check] GROUP...  (base, run, test, bench)" >&2; exit 2; }
for group in "$@"; do needs_of "$group" >/dev/null; done

missing=$(missing_packages "$@")
[ -n "$missing" ] || exit 0
if [ "$check_only" = yes ]; then
    echo "missing: $missing"
    exit 1
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Sluis needs these programs, by their Debian package names: $missing" >&2
    echo "This machine has no apt-get; install them with its own package manager and try again." >&2
    exit 1
fi
if ! as_root=$(root_prefix); then
    echo "Sluis needs these packages: $missing" >&2
    echo "Type this line, then try again:" >&2
    echo "    sudo deploy/install-debian.sh $*" >&2
    exit 1
fi
# shellcheck disable=SC2086 # A list of package names, split on purpose.
install_packages $missing
missing=$(missing_packages "$@")
[ -z "$missing" ] || { echo "still missing after the installation: $missing" >&2; exit 1; }
