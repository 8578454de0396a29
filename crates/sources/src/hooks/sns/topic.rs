//! A topic's ARN, and the addresses that it permits.

use crate::hooks::HookError;
use http::Uri;
use std::str::FromStr;

/// A topic that is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    arn: String,
    host: String,
}

/// An address of SNS that was checked against a topic; there is no other way to make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnsUrl {
    url: String,
    host: String,
}

impl SnsUrl {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Its host.
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// A text that is no topic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no SNS topic: expected arn:aws:sns:REGION:ACCOUNT:NAME")]
pub struct BadTopic(String);

impl FromStr for Topic {
    type Err = BadTopic;

    fn from_str(arn: &str) -> Result<Self, BadTopic> {
        let bad = || BadTopic(arn.chars().take(300).collect());
        let parts: Vec<&str> = arn.split(':').collect();
        let ["arn", partition, "sns", region, account, name] = parts[..] else {
            return Err(bad());
        };
        let word = |text: &str, most: usize, also: &str| {
            (1..=most).contains(&text.len())
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || also.contains(c))
        };
        // Every character of the region stands in a host's name.
        let lower = region.chars().all(|c| !c.is_ascii_uppercase());
        let cut = region.starts_with('-') || region.ends_with('-');
        let number = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
        let chinese = region.starts_with("cn-");
        let fits = match partition {
            "aws" | "aws-us-gov" => !chinese,
            "aws-cn" => chinese,
            _ => false,
        };
        if !(word(region, 32, "-") && lower && !cut && number && word(name, 256, "-_.") && fits) {
            return Err(bad());
        }
        let end = if chinese {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        Ok(Self {
            arn: arn.to_owned(),
            host: format!("sns.{region}.{end}"),
        })
    }
}

impl Topic {
    /// The ARN as it was written.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The one host that may be asked for it.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A signing certificate's address: `https://sns.REGION.amazonaws.com/SimpleNotificationService-….pem`.
    pub(super) fn certificate_url(&self, url: &str) -> Result<SnsUrl, HookError> {
        let uri = self.own("SigningCertURL", url)?;
        let name = uri
            .path()
            .strip_prefix("/SimpleNotificationService-")
            .and_then(|rest| rest.strip_suffix(".pem"));
        let good = name.is_some_and(|name| {
            (1..=100).contains(&name.len())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        });
        if !good || uri.query().is_some() {
            return Err(self.refused("SigningCertURL", "/SimpleNotificationService-….pem"));
        }
        Ok(self.checked(url))
    }

    /// The address that confirms a subscription to this very topic with this very token.
    pub(super) fn confirmation(&self, url: &str, token: &str) -> Result<SnsUrl, HookError> {
        let uri = self.own("SubscribeURL", url)?;
        let query = uri.query().unwrap_or_default();
        let mut pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        pairs.sort();
        let wanted = [
            ("Action", "ConfirmSubscription"),
            ("Token", token),
            ("TopicArn", self.arn()),
        ];
        let same = pairs.len() == wanted.len()
            && pairs
                .iter()
                .zip(wanted)
                .all(|((name, value), wanted)| (name.as_str(), value.as_str()) == wanted);
        if uri.path() != "/" || !same || token.is_empty() {
            let expected = "/?Action=ConfirmSubscription&TopicArn=…&Token=… of the same message";
            return Err(self.refused("SubscribeURL", expected));
        }
        Ok(self.checked(url))
    }

    /// An address over https on exactly this topic's host: no port, no user.
    fn own(&self, field: &str, url: &str) -> Result<Uri, HookError> {
        let uri: Option<Uri> = url.parse().ok().filter(|_| url.len() <= 2_048);
        uri.filter(|uri| {
            let authority = uri.authority().map(http::uri::Authority::as_str);
            uri.scheme_str() == Some("https") && authority == Some(self.host.as_str())
        })
        .ok_or_else(|| self.refused(field, "/…"))
    }

    fn refused(&self, field: &str, path: &str) -> HookError {
        HookError::Refused(format!(
            "{field} is not https://{}{path}, the one address that the topic permits",
            self.host
        ))
    }

    fn checked(&self, url: &str) -> SnsUrl {
        SnsUrl {
            url: url.to_owned(),
            host: self.host.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:sns:eu-central-1:123456789012:alarms";

    #[test]
    fn a_topic_permits_one_host() {
        let host = |arn: &str| arn.parse::<Topic>().map(|t| t.host);
        assert_eq!(host(ARN).unwrap(), "sns.eu-central-1.amazonaws.com");
        assert_eq!(
            host("arn:aws-cn:sns:cn-north-1:123456789012:a.fifo").unwrap(),
            "sns.cn-north-1.amazonaws.com.cn"
        );
        for bad in [
            "",
            "alarms",
            "arn:aws:sqs:eu-central-1:123456789012:alarms",
            "arn:aws:sns:eu-central-1:123456789012:alarms:extra",
            "arn:aws:sns::123456789012:alarms",
            "arn:aws:sns:eu-central-1.evil.example:123456789012:alarms",
            "arn:aws:sns:evil.example/:123456789012:alarms",
            "arn:aws:sns:EU-central-1:123456789012:alarms",
            "arn:aws:sns:-x:123456789012:alarms",
            "arn:aws:sns:cn-north-1:123456789012:alarms",
            "arn:aws-cn:sns:eu-central-1:123456789012:alarms",
            "arn:aws:sns:eu-central-1:12345678901:alarms",
            "arn:aws:sns:eu-central-1:123456789012:",
            "arn:aws:sns:eu-central-1:123456789012:a b",
        ] {
            assert!(bad.parse::<Topic>().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_certificates_of_that_host_are_fetched() {
        let topic: Topic = ARN.parse().unwrap();
        let good = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123abcd.pem";
        assert_eq!(topic.certificate_url(good).unwrap().as_str(), good);
        for bad in [
            "",
            "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://sns.eu-central-1.amazonaws.com.evil.example/SimpleNotificationService-0.pem",
            "https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-0.pem",
            "https://u@sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
            "https://sns.eu-central-1.amazonaws.com@evil.example/SimpleNotificationService-0.pem",
            "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem?x=y",
            "https://sns.eu-central-1.amazonaws.com/other/SimpleNotificationService-0.pem",
            "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-a/../b.pem",
            "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-.pem",
            "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription",
            "https://evil.example/SimpleNotificationService-0.pem",
            "https://127.0.0.1/SimpleNotificationService-0.pem",
        ] {
            assert!(topic.certificate_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_the_very_subscription_is_confirmed() {
        let topic: Topic = ARN.parse().unwrap();
        let at = "https://sns.eu-central-1.amazonaws.com/";
        let good = format!("{at}?Action=ConfirmSubscription&TopicArn={ARN}&Token=abc");
        assert!(topic.confirmation(&good, "abc").is_ok());
        let encoded = good.replace(ARN, &ARN.replace(':', "%3A"));
        assert!(topic.confirmation(&encoded, "abc").is_ok());
        assert!(topic.confirmation(&good, "other").is_err());
        for bad in [
            format!("{at}?Action=Publish&TopicArn={ARN}&Token=abc"),
            format!("{at}?Action=ConfirmSubscription&TopicArn={ARN}x&Token=abc"),
            format!("{at}?Action=ConfirmSubscription&TopicArn={ARN}&Token=abc&More=1"),
            format!("{at}x?Action=ConfirmSubscription&TopicArn={ARN}&Token=abc"),
            format!("{at}?Action=ConfirmSubscription&TopicArn={ARN}&Token="),
            good.replace("https", "http"),
            good.replace("eu-central-1.amazonaws.com/", "us-east-1.amazonaws.com/"),
        ] {
            assert!(topic.confirmation(&bad, "abc").is_err(), "{bad}");
        }
    }
}
