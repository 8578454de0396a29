//! Columns of numbers as compressed bytes, lossless to the bit, by pco
//! (<https://github.com/pcodec/pcodec>).
//!
//! Format 1: the byte 1; CRC-32 of what follows, 4 bytes; the number of rows, 4 bytes; then each
//! column: its kind, 1 byte; its length, 4 bytes; pco's header, metadata and one page. Integers
//! are little-endian.

use crate::error::ChunkError;
use pco::{
    ChunkConfig, PagingSpec,
    data_types::Number,
    wrapped::{FileCompressor, FileDecompressor},
};

const FORMAT: u8 = 1;
const HEADER: usize = 9;
/// Rows that a table of columns may have: one a millisecond of a day. Keeps damaged bytes from
/// asking for absurd amounts of memory.
const MAX_ROWS: usize = 86_400_000;

/// Kinds of columns.
const INTEGERS: u8 = 0;
const REALS: u8 = 1;
/// Reals that are all whole numbers, stored as integers.
const WHOLE_REALS: u8 = 2;

/// Whole numbers up to here are exact in an `f64`.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Puts columns of one length together.
pub(crate) struct Writer {
    rows: usize,
    body: Vec<u8>,
}

impl Writer {
    pub(crate) fn new(rows: usize) -> Self {
        Self {
            rows,
            body: Vec::new(),
        }
    }

    pub(crate) fn integers(&mut self, values: &[i64]) -> Result<(), ChunkError> {
        let bytes = compress(values)?;
        self.column(INTEGERS, &bytes);
        Ok(())
    }

    /// Metrics are whole numbers more often than not (bytes, counts). pco finds that out by
    /// itself, at the price of a second part per value, so both ways are tried.
    pub(crate) fn reals(&mut self, values: &[f64]) -> Result<(), ChunkError> {
        let plain = compress(values)?;
        let whole: Option<Vec<i64>> = values.iter().map(|v| as_whole(*v)).collect();
        match whole.map(|w| compress(&w)).transpose()? {
            Some(whole) if whole.len() < plain.len() => self.column(WHOLE_REALS, &whole),
            _ => self.column(REALS, &plain),
        }
        Ok(())
    }

    fn column(&mut self, kind: u8, bytes: &[u8]) {
        self.body.push(kind);
        self.body
            .extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.body.extend_from_slice(bytes);
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        let mut summed = (self.rows as u32).to_le_bytes().to_vec();
        summed.extend_from_slice(&self.body);
        let mut bytes = vec![FORMAT];
        bytes.extend_from_slice(&crc32fast::hash(&summed).to_le_bytes());
        bytes.extend_from_slice(&summed);
        bytes
    }
}

/// The number as an integer, if it is one to the last bit (-0.0 is not).
fn as_whole(value: f64) -> Option<i64> {
    let whole = value as i64;
    (value.abs() <= EXACT && (whole as f64).to_bits() == value.to_bits()).then_some(whole)
}

fn compress<T: Number>(values: &[T]) -> Result<Vec<u8>, ChunkError> {
    let config = ChunkConfig::default().with_paging_spec(PagingSpec::Exact(vec![values.len()]));
    let file = FileCompressor::default();
    let written = || {
        let mut column = file.chunk_compressor(values, &config)?;
        let bytes = file.write_header(Vec::new())?;
        let bytes = column.write_meta(bytes)?;
        column.write_page(0, bytes)
    };
    written().map_err(ChunkError::Codec)
}

/// Takes columns apart again, in the order of their writing.
pub(crate) struct Reader<'a> {
    pub(crate) rows: usize,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, ChunkError> {
        match bytes.first() {
            None => return Err(ChunkError::Short),
            Some(&FORMAT) => {}
            Some(other) => return Err(ChunkError::Format(*other)),
        }
        let sum = number(bytes, 1)?;
        if sum != crc32fast::hash(bytes.get(5..).unwrap_or_default()) {
            return Err(ChunkError::Checksum);
        }
        let rows = number(bytes, 5)? as usize;
        if rows == 0 || rows > MAX_ROWS {
            return Err(ChunkError::Short);
        }
        Ok(Self {
            rows,
            rest: bytes.get(HEADER..).unwrap_or_default(),
        })
    }

    pub(crate) fn integers(&mut self) -> Result<Vec<i64>, ChunkError> {
        match self.column()? {
            (INTEGERS, bytes) => self.decompress(bytes),
            (kind, _) => Err(ChunkError::Format(kind)),
        }
    }

    pub(crate) fn reals(&mut self) -> Result<Vec<f64>, ChunkError> {
        match self.column()? {
            (REALS, bytes) => self.decompress(bytes),
            (WHOLE_REALS, bytes) => {
                let whole: Vec<i64> = self.decompress(bytes)?;
                Ok(whole.into_iter().map(|w| w as f64).collect())
            }
            (kind, _) => Err(ChunkError::Format(kind)),
        }
    }

    fn column(&mut self) -> Result<(u8, &'a [u8]), ChunkError> {
        let kind = *self.rest.first().ok_or(ChunkError::Short)?;
        let end = 5_usize.saturating_add(number(self.rest, 1)? as usize);
        let bytes = self.rest.get(5..end).ok_or(ChunkError::Short)?;
        self.rest = self.rest.get(end..).unwrap_or_default();
        Ok((kind, bytes))
    }

    fn decompress<T: Number + Default>(&self, bytes: &[u8]) -> Result<Vec<T>, ChunkError> {
        let (file, bytes) = FileDecompressor::new(bytes).map_err(ChunkError::Codec)?;
        let (mut column, bytes) = file
            .chunk_decompressor::<T, _>(bytes)
            .map_err(ChunkError::Codec)?;
        let mut page = column
            .page_decompressor(bytes, self.rows)
            .map_err(ChunkError::Codec)?;
        let mut values = vec![T::default(); self.rows];
        let progress = page.read(&mut values).map_err(ChunkError::Codec)?;
        if progress.n_processed < self.rows {
            return Err(ChunkError::Short);
        }
        Ok(values)
    }
}

fn number(bytes: &[u8], at: usize) -> Result<u32, ChunkError> {
    bytes
        .get(at..at + 4)
        .and_then(|b| b.try_into().ok())
        .map(u32::from_le_bytes)
        .ok_or(ChunkError::Short)
}
