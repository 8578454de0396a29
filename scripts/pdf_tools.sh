#!/usr/bin/env bash
# Makes sure that the tests can look into the PDFs that they write (server/tests/exports.rs): uses what
# is installed, else installs Debian's qpdf and poppler-utils where this user may, else says what is
# missing. Prints the paths of qpdf, pdfinfo, pdftotext, pdffonts and pdfdetach.
set -euo pipefail
. "$(dirname "$0")/env.sh"

found() {
    local program
    for program in qpdf pdfinfo pdftotext pdffonts pdfdetach; do
        command -v "$program" || return 1
    done
}

if ! found >/dev/null; then
    by_apt qpdf poppler-utils && found >/dev/null ||
        die "qpdf or poppler-utils is missing (the tests check PDFs with them); on Debian: apt-get install qpdf poppler-utils"
fi
found
