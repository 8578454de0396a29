//! The browser's files, inside the binary. A debug build reads them from the disk.

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use brotli::BrotliDecompress;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site/pkg"]
struct Site;

/// `GET /pkg/{file}`, revalidated by its hash. The bundler packs each file with brotli and keeps no
/// other form of it; whoever does not take brotli gets it unpacked.
pub(super) async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some(packed) = Site::get(&format!("{file}.br")) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{}\"", model::bundle::hex(&packed.metadata.sha256_hash()));
    if accepts_brotli(&headers) {
        return answer(&file, &tag, packed.data.into_owned(), true, &headers);
    }
    let mut plain = Vec::new();
    match BrotliDecompress(&mut &*packed.data, &mut plain) {
        // Another representation needs a tag of its own.
        Ok(()) => answer(
            &file,
            &tag.replacen('"', "\"plain-", 1),
            plain,
            false,
            &headers,
        ),
        Err(error) => {
            tracing::error!(%error, file, "a file of the pages is damaged");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn answer(file: &str, tag: &str, data: Vec<u8>, encoded: bool, headers: &HeaderMap) -> Response {
    let kind = mime_guess::from_path(file).first_or_octet_stream();
    let mut out = HeaderMap::new();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            out.insert(name, value);
        }
    };
    set(header::ETAG, tag);
    // The names stay the same from version to version, so the browser asks each time.
    set(header::CACHE_CONTROL, "no-cache");
    set(header::VARY, "Accept-Encoding");
    set(header::CONTENT_TYPE, kind.as_ref());
    if encoded {
        set(header::CONTENT_ENCODING, "br");
    }
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes())
    {
        return (StatusCode::NOT_MODIFIED, out).into_response();
    }
    (out, data).into_response()
}

pub(super) fn accepts_brotli(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            parts.next() == Some("br") && parts.next() != Some("q=0")
        })
}
