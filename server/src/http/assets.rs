//! The browser's files, inside the binary. A debug build reads them from the disk.

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site/pkg"]
struct Site;

/// `GET /pkg/{file}`: precompressed where the browser takes brotli, revalidated by its hash.
pub(super) async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let wants_brotli = accepts_brotli(&headers);
    let packed = if wants_brotli {
        Site::get(&format!("{file}.br"))
    } else {
        None
    };
    let encoded = packed.is_some();
    let Some(asset) = packed.or_else(|| Site::get(&file)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    answer(&file, asset, encoded, &headers)
}

fn answer(file: &str, asset: EmbeddedFile, encoded: bool, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", model::bundle::hex(&asset.metadata.sha256_hash()));
    let kind = mime_guess::from_path(file).first_or_octet_stream();
    let mut out = HeaderMap::new();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            out.insert(name, value);
        }
    };
    set(header::ETAG, &tag);
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
    (out, asset.data.into_owned()).into_response()
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
