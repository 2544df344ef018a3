#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Two countries with the command line alone: a question, its answer, and the proof.
#
#   tests/acceptance/two_nodes.sh [--database URL]
#
# Needs `comity` and python3 on the PATH; --database puts Viet Nam's server on PostgreSQL, into an
# empty database. All persons, companies and numbers are invented. Every claim is checked; the exit
# code is 0 only if all of them hold. Nothing is left behind but what a failure needs to be looked at.
#
# No command can forge: a stranger's POST, a bent proof and a turned bit are shown here; what a forged
# message, a lying server and a rewritten ledger come to, `comity demo` shows (cli/forgery.py).

set -euo pipefail

DATABASE=()
[[ "${1:-}" == --database ]] && DATABASE=(--database "$2")

STORY=$(python3 -c 'import importlib.util as u, pathlib as p; print(p.Path(u.find_spec("comity").origin).parent / "cli/story")' 2>/dev/null) ||
    STORY=$(cd "$(dirname "$0")/../../src/comity/cli/story" && pwd)
WORK=$(mktemp -d "${TMPDIR:-/tmp}/comity-two-nodes-XXXXXX")
chmod 700 "$WORK"
export COMITY_PASSPHRASE=practice COMITY_NEW_PASSPHRASE=practice LC_ALL=C.UTF-8
unset COMITY_HOME COMITY_HOUSE_PASSPHRASE

DESK="VN/Anti-smuggling desk"
NUMBER=+254202012345
FACTS="312.5 kg of raw ivory in nine sacks under planks of timber, in a container declared as timber."
PERIOD=2026-11-01/2026-11-20
ANSWER="Registered since May 2025 to Minh Long Timber, Hai Phong."
CLAIMS=0
declare -A SERVING=()

# --- hands ---------------------------------------------------------------------------------------

ke() { comity "$@" --home "$WORK/ke" --json 2>>"$WORK/said"; }
vn() { comity "$@" --home "$WORK/vn" --json 2>>"$WORK/said"; }

# it EXPRESSION: what a Python expression makes of the object on standard input.
it() { python3 -c 'import json, sys; it = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"; }

# claim TEXT OBJECT EXPRESSION: count a claim if the expression holds for the object, or end here.
claim() {
    if [[ $(it "$3" <<<"$2") != True ]]; then
        printf 'does not hold: %s\n  %s\n  %s\n' "$1" "$3" "$2" >&2
        exit 1
    fi
    CLAIMS=$((CLAIMS + 1))
    printf 'holds: %s\n' "$1"
}

# same TEXT ONE OTHER: count a claim if two words are the same, or end here.
same() {
    if [[ "$2" != "$3" ]]; then
        printf 'does not hold: %s\n  %s, not %s\n' "$1" "$2" "$3" >&2
        exit 1
    fi
    CLAIMS=$((CLAIMS + 1))
    printf 'holds: %s\n' "$1"
}

# ends CODE COMMAND…: run a command that must end with that code; print what it tells.
ends() {
    local wanted=$1 ended=0
    shift
    "$@" || ended=$?
    if [[ $ended != "$wanted" ]]; then
        printf '“%s” ended with %s, not %s\n' "$*" "$ended" "$wanted" >&2
        return 1
    fi
}

# wait_until EXPRESSION COMMAND…: run a command again until the expression holds; print what it told.
wait_until() {
    local expression=$1 told="" end=$((SECONDS + 30))
    shift
    while ((SECONDS < end)); do
        told=$("$@")
        [[ $(it "$expression" <<<"$told") == True ]] && printf '%s' "$told" && return
        sleep 0.1
    done
    printf 'not in time: %s\n  %s\n' "$expression" "$told" >&2
    return 1
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

serve() { # serve COUNTRY PORT
    : >"$WORK/$1.serving"
    comity serve --port "$2" --home "$WORK/$1" --json >"$WORK/$1.serving" 2>>"$WORK/said" &
    SERVING[$1]=$!
    local end=$((SECONDS + 30))
    until [[ -s "$WORK/$1.serving" ]]; do
        ((SECONDS < end)) && kill -0 "${SERVING[$1]}" || { echo "$1 does not serve" >&2; return 1; }
        sleep 0.05
    done
}

stop_serving() { # stop_serving COUNTRY SIGNAL
    kill "-$2" "${SERVING[$1]}" 2>/dev/null || true
    wait "${SERVING[$1]}" 2>/dev/null || true
    unset "SERVING[$1]"
}

leave() {
    local ended=$?
    trap - EXIT
    for country in "${!SERVING[@]}"; do stop_serving "$country" KILL; done
    if [[ $ended == 0 ]]; then rm -rf "$WORK"; else echo "left for looking at: $WORK" >&2; fi
    exit "$ended"
}
trap leave EXIT

stages() { echo "{each['stage'] for each in it['receipts']}"; }

# --- two countries -------------------------------------------------------------------------------

KE_PORT=$(free_port)
VN_PORT=$(free_port)

settle() { # settle COUNTRY PORT AGENCY DESK ZONE FIRST SUPERVISOR OTHER MORE…
    local at=$1 port=$2 agency=$3 desk=$4 zone=$5 first=$6 supervisor=$7 other=$8
    shift 8
    "$at" node create --agency "$agency" --country "${at^^}" --type agency --practice \
        --address "http://127.0.0.1:$port" "$@"
    "$at" officer add --name @<(printf '%s' "$first") --label "$first" --role investigator
    "$at" officer add --name @<(printf '%s' "$supervisor") --label "$supervisor" --role supervisor
    "$at" officer add --name @<(printf '%s' "$other") --label "$other" --role investigator
    "$at" desk add --name "$desk" --zone "$zone" --member "$first"
    "$at" desk add --name "Oversight desk" --oversight --member "$supervisor"
    "$at" desk add --name "Registry" --member "$other"
    "$at" mandate add --law "Wildlife Act, section 12 (invented)" --signed-by "The Commissioner" \
        --until 2030-12-31
}
settle ke "$KE_PORT" "Customs, Mombasa" "Operations desk" Africa/Nairobi \
    Amina Wanjiru Otieno >"$WORK/ke.settled" &
one=$!
settle vn "$VN_PORT" "Customs, Hai Phong" "Anti-smuggling desk" Asia/Ho_Chi_Minh \
    Lan Huong Tuan "${DATABASE[@]}" >"$WORK/vn.settled" &
other=$!
wait $one
wait $other
same "each country has a server, three people, three desks and a mandate" \
    "$(cat "$WORK"/{ke,vn}.settled | grep -c '"ok": true')" 16

admit() { # admit HOST GUEST
    "$1" peer accept "@$WORK/$2.invitation" --nominated-by "Ministry of the Interior" \
        --letter MI/2026/44 --called @<(printf '+254 20 000 0000') \
        --number-from "the ministry's own site" \
        --decided-by "A. Mwangi" --decided-by "B. Otieno" --review 2027-11-24
}
for side in ke vn; do
    comity peer invite --home "$WORK/$side" --output "$WORK/$side.invitation" >/dev/null 2>&1 &
done
wait
admit ke vn >/dev/null &
one=$!
admit vn ke >/dev/null &
other=$!
wait $one
wait $other

KE_DIGITS=$(ke peer fingerprint | it "it['fingerprint']")
VN_DIGITS=$(vn peer fingerprint | it "it['fingerprint']")
wrong=$(printf '%s' "$VN_DIGITS" | tr 0123456789 1234567890)
early=$(ends 1 ke ask --as Amina --to "$DESK" --kind phone --ref CM/2026/1 --set number=- \
    --facts Early. <<<"$NUMBER")
claim "nothing with a number goes to an agency whose key nobody compared by voice" \
    "$early" "it['code'] == 'refused.not-checked'"
told=$(ends 3 ke peer check VN --by "A. Mwangi" --digits - <<<"$wrong")
claim "a wrong digit is refused" "$told" "it['code'].startswith('untrusted')"
told=$(ke peer check VN --by "A. Mwangi" --digits - <<<"$VN_DIGITS")
claim "the digits that Hai Phong reads aloud are the ones Mombasa has" "$told" "it['ok']"
told=$(vn peer check KE --by "L. Tran" --digits - <<<"$KE_DIGITS")
claim "and the other way round" "$told" "it['ok']"

serve ke "$KE_PORT"
serve vn "$VN_PORT"
status=$(python3 - "http://127.0.0.1:$VN_PORT/parcels" <<'PY'
import sys, urllib.error, urllib.request
try:
    urllib.request.urlopen(urllib.request.Request(sys.argv[1], data=b"let me in"), timeout=10)
except urllib.error.HTTPError as error:
    print(error.code, len(error.read()))
PY
)
same "a stranger is turned away at the door, and learns nothing" "$status" "403 0"

# --- the question --------------------------------------------------------------------------------

asking=(ask --as Amina --to "$DESK" --kind phone --ref CM/2026/1123 --set number=- --set found=seal)
told=$(ke "${asking[@]}" --facts @<(printf '%s' "$FACTS") --dry-run <<<"$NUMBER")
claim "before sending, everybody who will read it is shown" "$told" \
    "{'author', 'addressed', 'oversight'} <= {each['why'] for each in it['items']}"
told=$(ke "${asking[@]}" --facts @<(printf '%s' "$FACTS") \
    --why-you @<(printf 'The number was written on the seal.') \
    --attach "$STORY/seizure.pdf" --attach "$STORY/seal.jpg" <<<"$NUMBER")
claim "the question has a number for the telephone" "$told" "it['short'].startswith('KV-')"
SHORT=$(it "it['short']" <<<"$told")
THREAD=$(it "it['thread']" <<<"$told")

told=$(wait_until "'proven' in $(stages)" ke show "$SHORT" --as Amina)
claim "it was delivered and proven with nobody's passphrase" "$told" \
    "{'submitted', 'delivered', 'proven'} <= $(stages)"

told=$(vn show "$SHORT" --as Lan --save "$WORK/saved")
claim "Hai Phong reads the number that was sent" "$told" \
    "it['items'][0]['body']['fields']['number'] == ['$NUMBER']"
claim "and the facts" "$told" "it['items'][0]['body']['facts'] == '''$FACTS'''"
cmp "$STORY/seizure.pdf" "$WORK/saved/seizure.pdf"
cmp "$STORY/seal.jpg" "$WORK/saved/seal.jpg"
same "the report and the photograph came to the byte" "$(find "$WORK/saved" -type f | wc -l)" 2

# --- asked back, and supplied --------------------------------------------------------------------

vn take "$SHORT" --as Lan >/dev/null
told=$(vn acknowledge "$SHORT" --as Lan)
claim "Hai Phong says that it is on it" "$told" "it['stage'] == 'acknowledged'"
vn ask-back "$SHORT" --as Lan --reason period --field period >/dev/null
told=$(wait_until "it['stage'] == 'asked-back'" ke show "$SHORT" --as Amina)
claim "Mombasa sees that it was opened, and by whom as far as Hai Phong tells" "$told" \
    "'opened' in $(stages)"
ke answer "$SHORT" --as Amina --outcome information --text @<(printf '%s' "$PERIOD") >/dev/null
told=$(wait_until "it['stage'] == 'supplied'" vn show "$SHORT" --as Lan)
claim "what was missing arrived" "$told" "'$PERIOD' in str(it['items'][-1])"

# --- the receiver is killed, and comes back ------------------------------------------------------

stop_serving vn KILL
told=$(ke ask --as Amina --to "$DESK" --kind container --ref CM/2026/1124 \
    --set container=- --set asked=parties --facts @<(printf '%s' "$FACTS") <<<CSQU3054383)
SECOND=$(it "it['thread']" <<<"$told")
told=$(ke show "$SECOND" --as Amina)
claim "while nobody is there it is kept, and not called delivered" "$told" \
    "'submitted' in $(stages) and 'delivered' not in $(stages)"
serve vn "$VN_PORT"
back=$SECONDS
wait_until "'delivered' in $(stages)" ke show "$SECOND" --as Amina >/dev/null
told=$(vn inbox --as Lan)
claim "$((SECONDS - back)) s after the return it was there, once" "$told" \
    "[each['thread'] for each in it['items']].count('$SECOND') == 1"

# --- the answer ----------------------------------------------------------------------------------

vn answer "$SHORT" --as Lan --outcome partly --set registered_name=- \
    --text @<(printf '%s' "$ANSWER") --see desk --onward no --court no <<<"Minh Long Timber" >/dev/null
told=$(wait_until "it['stage'] == 'answered'" ke show "$SHORT" --as Amina)
claim "Mombasa reads the answer" "$told" \
    "'''$ANSWER''' in str(it['items'][-1]) and 'Minh Long Timber' in str(it['items'][-1])"
claim "with the handling that Hai Phong gave it" "$told" \
    "[it['items'][-1]['body']['handling'][each] for each in ('see', 'onward', 'judicial')] == ['desk', 'no', 'no']"
told=$(ke show "$SHORT" --as Wanjiru)
claim "Mombasa's oversight desk reads what its own side said, and no more" "$told" \
    "'''$FACTS''' in str(it) and '''$ANSWER''' not in str(it)"
told=$(vn show "$THREAD" --as Huong)
claim "so does Hai Phong's" "$told" \
    "'''$ANSWER''' in str(it) and '''$FACTS''' not in str(it)"
told=$(ends 2 ke show "$THREAD" --as Otieno)
claim "an officer of another desk is told of no such thread" "$told" \
    "it['code'] == 'usage.thread-unknown'"
told=$(COMITY_PASSPHRASE=mistyped ends 4 ke inbox --as Amina)
claim "a wrong passphrase opens nothing" "$told" "it['code'].startswith('unavailable.locked')"

# --- stopped in time, and countersigned ----------------------------------------------------------

asking=(ask --as Amina --to "$DESK" --kind phone --ref CM/2026/1125 --set number=- --facts Held.)
ke oversight set --mode countersign >/dev/null
told=$(ke "${asking[@]}" <<<"$NUMBER")
claim "what must be countersigned waits" "$told" "it['code'] == 'held' and it['stage'] == 'held'"
HELD=$(it "it['thread']" <<<"$told")
told=$(ends 1 ke countersign "$HELD" --as Amina --approve)
claim "nobody countersigns his own question" "$told" "it['code'].startswith('refused')"
told=$(ke countersign "$HELD" --as Wanjiru --approve)
claim "the supervisor lets it go" "$told" "it['stage'] == 'asked'"
wait_until "'delivered' in $(stages)" ke show "$HELD" --as Amina >/dev/null
told=$(ke "${asking[@]}" <<<"$NUMBER")
REFUSED=$(it "it['thread']" <<<"$told")
told=$(ke countersign "$REFUSED" --as Wanjiru --refuse --reason "Ask the liaison first.")
claim "or does not" "$told" "it['stage'] == 'withheld'"
told=$(ke "${asking[@]}" <<<"$NUMBER")
STOPPED=$(it "it['thread']" <<<"$told")
told=$(ke stop "$STOPPED" --as Amina)
claim "what has not left can be stopped" "$told" "it['stage'] == 'stopped'"
told=$(ends 1 ke stop "$HELD" --as Amina)
claim "what has left cannot" "$told" "it['code'].startswith('refused.too-late')"
ke sync >/dev/null
told=$(vn inbox --as Lan)
claim "only what was let go ever reached Hai Phong" "$told" \
    "{'$SECOND', '$HELD'} <= {each['thread'] for each in it['items']} and not {'$REFUSED', '$STOPPED'} & {each['thread'] for each in it['items']}"

# --- proof ---------------------------------------------------------------------------------------

told=$(ke ledger show)
claim "Mombasa saw Hai Phong's record and vouches for it, as Hai Phong does for Mombasa's" "$told" \
    "it['logs'][0]['size'] > 0 and len(it['peers']) == 1"
ke ledger prove "$THREAD" --output "$WORK/thread.proof" >/dev/null
told=$(comity ledger check "$WORK/thread.proof" --json)
claim "the proof of the thread checks offline, with no home" "$told" \
    "{'delivered', 'opened'} <= {each['stage'] for each in it['receipts']}"
for hidden in "$NUMBER" "$FACTS" "$ANSWER" "Minh Long"; do
    if grep -qF -- "$hidden" "$WORK/thread.proof"; then echo "the proof holds content" >&2; exit 1; fi
done
python3 - "$WORK/thread.proof" "$WORK/bent.proof" <<'PY'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[len(data) // 2] ^= 1
open(sys.argv[2], "wb").write(data)
PY
told=$(ends 3 comity ledger check "$WORK/bent.proof" --json 2>>"$WORK/said")
claim "a proof in which one bit was turned does not check" "$told" "not it['ok']"

for country in ke vn; do stop_serving "$country" TERM; done
ke verify >"$WORK/ke.verified" &
one=$!
vn verify >"$WORK/vn.verified" &
other=$!
wait $one
wait $other
claim "Mombasa's home is whole, to the byte" "$(cat "$WORK/ke.verified")" \
    "it['ok'] and it['items'] == [] and sum(it['checked'].values()) > 50"
claim "so is Hai Phong's" "$(cat "$WORK/vn.verified")" \
    "it['ok'] and it['items'] == [] and sum(it['checked'].values()) > 50"
cp -r "$WORK/ke" "$WORK/damaged"
python3 - "$(find "$WORK/damaged/blobs" -path '*/part' -prune -o -type f -print | head -1)" <<'PY'
import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(5000)
    byte = file.read(1)
    file.seek(5000)
    file.write(bytes([byte[0] ^ 1]))
PY
told=$(ends 3 comity verify --home "$WORK/damaged" --json 2>>"$WORK/said")
claim "one bit turned in one file of a copy is found" "$told" "len(it['items']) == 1"

if grep -qF -e "$NUMBER" -e "$FACTS" -e "$ANSWER" -e "Minh Long" "$WORK/said"; then
    echo "something was said aloud that should not have been" >&2
    exit 1
fi
printf '%s claims hold.\n' "$CLAIMS"
