//! Values in and out of SQLite.

use crate::{
    StoreError,
    driver::{Column, Row, Sql, Value},
    error::RecordError,
};
use serde_json::Value as Json;
use sqlx::{
    Row as _, TypeInfo, ValueRef,
    query::Query,
    sqlite::{Sqlite, SqliteArguments, SqliteRow},
};

pub(super) fn query(sql: Sql, args: Vec<Value>) -> Query<'static, Sqlite, SqliteArguments> {
    args.into_iter()
        .fold(sqlx::query(sql.text), |query, arg| match arg {
            Value::Int(value) => query.bind(value),
            Value::Real(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Blob(value) => query.bind(value),
            Value::Table(columns) => query.bind(json_of(columns)),
        })
}

/// A table as JSON, row by row.
fn json_of(columns: Vec<Column>) -> String {
    let flat = columns.len() == 1;
    let mut rows: Vec<Vec<Json>> = Vec::new();
    for column in columns {
        let cells: Vec<Json> = match column {
            Column::Texts(texts) => texts.into_iter().map(Json::from).collect(),
            Column::MaybeTexts(texts) => texts.into_iter().map(Json::from).collect(),
            Column::Ints(ints) => ints.into_iter().map(Json::from).collect(),
        };
        rows.resize(cells.len().max(rows.len()), Vec::new());
        for (row, cell) in rows.iter_mut().zip(cells) {
            row.push(cell);
        }
    }
    let rows: Vec<Json> = if flat {
        rows.into_iter().flatten().collect()
    } else {
        rows.into_iter().map(Json::from).collect()
    };
    Json::from(rows).to_string()
}

pub(super) fn rows(sql: Sql, rows: &[SqliteRow]) -> Result<Vec<Row>, StoreError> {
    rows.iter().map(|r| row(sql.what, r)).collect()
}

fn row(what: &'static str, row: &SqliteRow) -> Result<Row, StoreError> {
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
            "INTEGER" => row.try_get(column).map(Value::Int),
            "REAL" => row.try_get(column).map(Value::Real),
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
