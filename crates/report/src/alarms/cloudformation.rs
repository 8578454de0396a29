//! A template of `CloudFormation` with the alarm as its one resource, as JSON
//! (`AWS::CloudWatch::Alarm` in its template reference): the properties have the names
//! of the parameters of `PutMetricAlarm`.

use super::{Wanted, cloudwatch, name, subject};
use serde_json::{Value, json};

pub(super) fn write(wanted: &Wanted<'_>) -> Result<String, String> {
    let mut properties = cloudwatch::parameters(wanted)?;
    // Two braces in a text begin a dynamic reference there.
    if let Some(Value::String(text)) = properties.get_mut("AlarmDescription") {
        *text = text.replace("{{", "{ {");
    }
    // An id of a resource has letters and digits alone.
    let id: String = name(&subject(wanted), ' ', 200)
        .split(' ')
        .map(|word| {
            let mut chars = word.chars();
            let first = chars.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(chars).collect::<String>()
        })
        .collect();
    let mut resources = serde_json::Map::new();
    resources.insert(
        format!("Alarm{id}"),
        json!({"Type": "AWS::CloudWatch::Alarm", "Properties": properties}),
    );
    let template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": resources,
    });
    Ok(format!("{template:#}\n"))
}
