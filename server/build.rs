//! Makes sure that the folder of the browser's files is there to embed, and embeds it again when
//! it has changed. `make site` fills it.

fn main() {
    let site = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site/pkg");
    // Without the folder the binary is built without pages' scripts: still complete to read.
    if let Err(error) = std::fs::create_dir_all(&site) {
        println!("cargo::error=cannot make {}: {error}", site.display());
    }
    println!("cargo::rerun-if-changed={}", site.display());
}
