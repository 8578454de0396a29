//! Values in and out of PostgreSQL.

use crate::{
    StoreError,
    driver::{Column, Row, Sql, Value},
    error::RecordError,
};
use sqlx::{
    Row as _, TypeInfo, ValueRef,
    postgres::{PgArguments, PgRow, Postgres},
    query::Query,
};

pub(super) fn query(sql: Sql, args: Vec<Value>) -> Query<'static, Postgres, PgArguments> {
    args.into_iter()
        .fold(sqlx::query(sql.text), |query, arg| match arg {
            Value::Int(value) => query.bind(value),
            Value::Real(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Blob(value) => query.bind(value),
            Value::Table(columns) => {
                columns
                    .into_iter()
                    .fold(query, |query, column| match column {
                        Column::Texts(texts) => query.bind(texts),
                        Column::MaybeTexts(texts) => query.bind(texts),
                        Column::Ints(ints) => query.bind(ints),
                    })
            }
        })
}

/// PostgreSQL's text holds no U+0000, so no row matches a key that has one. (Records with such a
/// key are refused before they come here, see `record::plain`.)
pub(super) fn unknown_to_postgres(args: &[Value]) -> bool {
    args.iter()
        .any(|arg| matches!(arg, Value::Text(Some(text)) if text.contains('\0')))
}

pub(super) fn rows(sql: Sql, rows: &[PgRow]) -> Result<Vec<Row>, StoreError> {
    rows.iter().map(|r| row(sql.what, r)).collect()
}

fn row(what: &'static str, row: &PgRow) -> Result<Row, StoreError> {
    let values = (0..row.len()).map(|column| {
        let bad = |_| StoreError::CorruptRecord {
            what,
            source: RecordError::Column {
                column,
                expected: "known type",
            },
        };
        let raw = row.try_get_raw(column).map_err(bad)?;
        if raw.is_null() {
            return Ok(None);
        }
        match raw.type_info().name() {
            "INT8" => row.try_get(column).map(Value::Int),
            "FLOAT8" => row.try_get(column).map(Value::Real),
            "TEXT" => row.try_get(column).map(Value::Text),
            _ => row.try_get(column).map(Value::Blob),
        }
        .map(Some)
        .map_err(bad)
    });
    Ok(Row {
        what,
        values: values.collect::<Result<_, _>>()?,
    })
}
