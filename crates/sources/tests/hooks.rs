//! Messages of Amazon SNS, signed by `hooks/sign.sh`: what is verified, and what is refused. The table
//! in `docs/faults/hooks.md` names these tests.

#![expect(
    clippy::expect_used,
    reason = "a broken fixture is a failed test, in helpers as well"
)]

use model::time::{HOUR, MINUTE};
use model::{EventKind, Timestamp};
use proptest::prelude::*;
use sources::hooks::sns::{self, Alarm, Opened, Topic};
use sources::hooks::{HookError, alertmanager, events};
use std::path::Path;

const ARN: &str = "arn:aws:sns:eu-central-1:123456789012:alarms";

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hooks");
    std::fs::read(folder.join(name)).expect(name)
}

fn topics() -> Vec<Topic> {
    vec![ARN.parse().expect("an ARN")]
}

/// A minute after the alarm's message.
fn now() -> Timestamp {
    "2020-05-22T03:01:00Z".parse().expect("a time")
}

fn open(name: &str, certificate: &str, at: Timestamp) -> Result<Opened, HookError> {
    sns::read(&fixture(name), &topics(), at)?.open(&fixture(certificate), at)
}

/// The message with a field changed after it was signed.
fn forged(name: &str, field: &str, value: &str) -> Result<Opened, HookError> {
    let mut message: serde_json::Value = serde_json::from_slice(&fixture(name)).expect("a message");
    message[field] = value.into();
    let body = message.to_string();
    sns::read(body.as_bytes(), &topics(), now())?.open(&fixture("signing.pem"), now())
}

fn alarm(name: &str, at: Timestamp) -> Alarm {
    match open(name, "signing.pem", at).expect(name) {
        Opened::Alarm(alarm) => *alarm,
        other => panic!("{other:?}"),
    }
}

fn refusal(result: Result<Opened, HookError>, words: &str) {
    let error = result.expect_err(words).to_string();
    assert!(error.contains(words), "{error}");
    assert!(!error.contains('\n'), "{error}");
}

#[test]
fn both_versions_of_the_signature_are_verified() {
    for version in ["v1", "v2"] {
        let later = now().plus(20 * MINUTE);
        let (ring, ok) = (
            alarm(&format!("alarm-{version}.json"), now()),
            alarm(&format!("ok-{version}.json"), later),
        );
        let (batch, memory) = sns::keep(&ring, None, now());
        let event = &batch.events[0];
        assert_eq!((event.kind.clone(), event.end), (EventKind::Alert, None));
        assert_eq!(event.start, "2020-05-22T03:00:00.123Z".parse().ok());
        assert_eq!(event.title, "Alarm efs-credits");
        let (batch, _) = sns::keep(&ok, memory[0].1.as_deref(), later);
        assert_eq!(batch.events[0].id, event.id);
        assert_eq!(batch.events[0].start, event.start);
        assert_eq!(batch.events[0].end, "2020-05-22T03:20:00.456Z".parse().ok());
    }
}

#[test]
fn a_subscription_is_confirmed_at_the_topics_own_host() {
    for version in ["v1", "v2"] {
        let opened = open(
            &format!("subscription-{version}.json"),
            "signing.pem",
            now(),
        );
        let Ok(Opened::Confirm(url)) = opened else {
            panic!("{opened:?}");
        };
        assert_eq!(url.host(), "sns.eu-central-1.amazonaws.com");
        assert!(url.as_str().contains("Action=ConfirmSubscription"));
    }
    // Signed well, and to be confirmed elsewhere all the same.
    refusal(
        open("elsewhere.json", "signing.pem", now()),
        "SubscribeURL is not https://sns.eu-central-1",
    );
}

#[test]
fn what_was_changed_after_it_was_signed_is_refused() {
    let words = "the signature is not that of the message";
    for (field, value) in [
        ("Message", "{}"),
        ("MessageId", "other"),
        ("Subject", "other"),
        ("Timestamp", "2020-05-22T03:00:02.000Z"),
        ("Signature", "AAAA"),
        ("SignatureVersion", "2"),
    ] {
        refusal(forged("alarm-v1.json", field, value), words);
    }
    refusal(
        forged("subscription-v2.json", "SignatureVersion", "1"),
        words,
    );
    refusal(
        forged("alarm-v2.json", "SignatureVersion", "3"),
        "1 or 2, found '3'",
    );
    refusal(forged("alarm-v2.json", "Signature", "?"), "base64");
    refusal(forged("alarm-v2.json", "Type", "Other"), "found 'Other'");
    // A notification does not become a confirmation.
    refusal(
        forged("alarm-v2.json", "Type", "SubscriptionConfirmation"),
        "SubscribeURL",
    );
}

#[test]
fn another_topic_is_refused() {
    refusal(
        forged(
            "alarm-v2.json",
            "TopicArn",
            "arn:aws:sns:eu-central-1:999999999999:alarms",
        ),
        "is not among sns_topics",
    );
    let none = sns::read(&fixture("alarm-v2.json"), &[], now()).map(|_| Opened::Ended);
    refusal(none, "is not among sns_topics");
}

#[test]
fn another_certificate_is_refused() {
    refusal(
        open("alarm-v2.json", "other.pem", now()),
        "the signature is not",
    );
    refusal(
        open("alarm-v2.json", "expired.pem", now()),
        "valid from 2010-01-01T00:00:00Z to 2020-05-01",
    );
    refusal(
        open("alarm-v2.json", "alarm-v2.json", now()),
        "X.509 certificate in PEM",
    );
    let text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let sealed = sns::read(&fixture("alarm-v2.json"), &topics(), now()).expect("good");
    refusal(
        sealed.open(text.as_bytes(), now()),
        "X.509 certificate in PEM",
    );
}

#[test]
fn a_certificate_from_elsewhere_is_never_fetched() {
    refusal(
        forged(
            "alarm-v2.json",
            "SigningCertURL",
            "https://evil.example/SimpleNotificationService-0.pem",
        ),
        "SigningCertURL is not https://sns.eu-central-1.amazonaws.com/",
    );
}

#[test]
fn an_old_message_is_refused() {
    let signed: Timestamp = "2020-05-22T03:00:01Z".parse().expect("a time");
    assert!(open("alarm-v2.json", "signing.pem", signed.plus(HOUR)).is_ok());
    refusal(
        open("alarm-v2.json", "signing.pem", signed.plus(HOUR + 1)),
        "more than an hour",
    );
    assert!(open("alarm-v2.json", "signing.pem", signed.plus(-10 * MINUTE)).is_ok());
    refusal(
        open("alarm-v2.json", "signing.pem", signed.plus(-HOUR)),
        "this machine's clock is wrong",
    );
}

#[test]
fn what_is_no_alarm_is_refused_with_words() {
    refusal(
        open("chat.json", "signing.pem", now()),
        "a CloudWatch alarm",
    );
    for body in [
        &b"hello"[..],
        b"{}",
        b"[]",
        b"",
        b"{\"AlarmName\":\"raw delivery\"}",
    ] {
        let read = sns::read(body, &topics(), now()).map(|_| Opened::Ended);
        refusal(read, "raw message delivery switched off");
    }
}

proptest! {
    /// Whatever is posted, there is an answer, and an error is one line.
    #[test]
    fn any_body_has_an_answer(
        body in proptest::collection::vec(any::<u8>(), 0..200),
        name in proptest::sample::select(vec!["alarm-v1.json", "subscription-v2.json", "chat.json"]),
        at in 0_usize..900,
        byte in any::<u8>(),
    ) {
        let mut message = fixture(name);
        let at = at % message.len();
        message[at] = byte;
        let opened = sns::read(&message, &topics(), now())
            .and_then(|sealed| sealed.open(&fixture("signing.pem"), now()));
        let results = [
            opened.map(drop),
            sns::read(&body, &topics(), now()).map(drop),
            events::parse(&body, "ci", now()).map(drop),
            events::parse(&message, "ci", now()).map(drop),
            alertmanager::parse(&body, "am", now()).map(drop),
            alertmanager::parse(&message, "am", now()).map(drop),
        ];
        for error in results.into_iter().filter_map(Result::err) {
            prop_assert!(!error.to_string().contains('\n'), "{}", error);
        }
    }
}
