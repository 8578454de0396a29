#!/usr/bin/env bash
# Makes the authority and the server's certificate of the tests again, for 127.0.0.1 and a hundred
# years. The key is no secret: nothing trusts this authority but the tests. Needs openssl.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ec=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
openssl req -x509 "${ec[@]}" -days 36500 -subj "/CN=Lineup tests" -keyout "$work/ca.key" -out ca.pem \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
openssl req "${ec[@]}" -subj /CN=127.0.0.1 -keyout server.key -out "$work/server.csr" 2>/dev/null
openssl x509 -req -in "$work/server.csr" -CA ca.pem -CAkey "$work/ca.key" -CAcreateserial -days 36500 \
    -extfile <(printf 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n') -out server.pem 2>/dev/null
rm -f ca.srl
