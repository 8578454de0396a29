//! What stands before a message: time, host and program, as syslog, the journal and containers write
//! them.

use super::{Line, Severity};
use crate::files::clock::{Written, iso, number, time_of_day};
use std::borrow::Cow;

/// `<30>` or `<30>1 ` of syslog on the wire.
pub(super) fn priority<'a>(line: &'a [u8], out: &mut Line<'a>) -> &'a [u8] {
    let Some(inner) = line.strip_prefix(b"<") else {
        return line;
    };
    let n = inner
        .iter()
        .take(4)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let Some((digits, rest)) = inner.split_at_checked(n) else {
        return line;
    };
    match (number(digits), rest) {
        (Some(priority), [b'>', rest @ ..]) => {
            out.severity = Severity::of_priority(priority);
            rest.strip_prefix(b"1 ").unwrap_or(rest)
        }
        _ => line,
    }
}

/// Time, host and program in front of the message.
pub(super) fn prefix<'a>(line: &'a [u8], out: &mut Line<'a>) -> &'a [u8] {
    // `Tue 2020-05-26 14:51:59 UTC host …` of `journalctl -o short-full`.
    let dated = match line {
        [a, b, c, b' ', rest @ ..] if [a, b, c].iter().all(|b| b.is_ascii_alphabetic()) => rest,
        _ => line,
    };
    if let Some((at, rest)) = iso(dated) {
        out.at = Some(at);
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        for stream in [&b"stdout "[..], b"stderr "] {
            if let Some(rest) = rest.strip_prefix(stream) {
                // `F` is a full line, `P` a part of one.
                let rest = rest.strip_prefix(b"F ").or(rest.strip_prefix(b"P "));
                return rest.unwrap_or_default();
            }
        }
        return host_and_program(rest, out);
    }
    if let Some((at, rest)) = month_day(line) {
        out.at = Some(at);
        return host_and_program(rest, out);
    }
    // Without a time in front only `kubelet[3851]: ` is sure to be a program.
    let message = program(line, out);
    if line.len() > message.len() && !line.get(..80).unwrap_or(line).contains(&b'[') {
        out.program = Cow::default();
        return line;
    }
    message
}

/// `May 26 14:51:59[.491441] `, also with the day filled up by a blank.
fn month_day(line: &[u8]) -> Option<(Written, &[u8])> {
    const MONTHS: [&[u8; 3]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    let (name, rest) = line.split_at_checked(3)?;
    let month = (1..).zip(MONTHS).find(|(_, known)| *known == name)?.0;
    let (day, rest) = match rest {
        [b' ', b' ', d, b' ', rest @ ..] => (number(&[*d])?, rest),
        [b' ', d1, d2, b' ', rest @ ..] => (number(&[*d1, *d2])?, rest),
        [b' ', d, b' ', rest @ ..] => (number(&[*d])?, rest),
        _ => return None,
    };
    let (ms, rest) = time_of_day(rest)?;
    let at = Written::yearless(month, day, ms)?;
    Some((at, rest.strip_prefix(b" ").unwrap_or(rest)))
}

/// `host program[pid]: `; without all three nothing is taken.
fn host_and_program<'a>(rest: &'a [u8], out: &mut Line<'a>) -> &'a [u8] {
    let blank = rest.iter().take(256).position(|b| *b == b' ');
    let Some((host, after)) = blank.and_then(|at| rest.split_at_checked(at)) else {
        return rest;
    };
    let after = after.get(1..).unwrap_or_default();
    let is_host = host
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b".-_:".contains(b));
    // `INFO main: …` is a level and no host.
    let is_host = is_host && !host.iter().all(u8::is_ascii_uppercase);
    let message = program(after, out);
    if !is_host || host.is_empty() || message.len() == after.len() {
        out.program = Cow::default();
        return rest;
    }
    out.host = Cow::Borrowed(host);
    message
}

/// `kubelet[3851]: ` or `kubelet: ` or, of RFC 5424, `kubelet 3851 ID47 - `.
fn program<'a>(rest: &'a [u8], out: &mut Line<'a>) -> &'a [u8] {
    let name = |b: &u8| b.is_ascii_alphanumeric() || b"._-/@()".contains(b);
    let n = rest.iter().take(65).take_while(|b| name(b)).count();
    let Some((word, after)) = rest.split_at_checked(n).filter(|_| (1..=64).contains(&n)) else {
        return rest;
    };
    let message = match after {
        [b':', b' ', message @ ..] => message,
        [b'[', pid @ ..] => {
            let digits = pid
                .iter()
                .take(12)
                .take_while(|b| b.is_ascii_digit())
                .count();
            match pid.split_at_checked(digits) {
                Some((_, [b']', b':', message @ ..])) if digits > 0 => {
                    message.strip_prefix(b" ").unwrap_or(message)
                }
                _ => return rest,
            }
        }
        [b' ', rest5424 @ ..] => match wire(rest5424) {
            Some(message) => message,
            None => return rest,
        },
        _ => return rest,
    };
    // klog's own head and `Warning: ` look like programs too.
    let first = word.first().copied().unwrap_or_default();
    if first.is_ascii_uppercase() && after.first() == Some(&b':') {
        return rest;
    }
    out.program = Cow::Borrowed(word);
    message
}

/// `3851 ID47 - message` of RFC 5424, structured data left out.
fn wire(rest: &[u8]) -> Option<&[u8]> {
    let mut words = rest.splitn(4, |b| *b == b' ');
    let (pid, _, data) = (words.next()?, words.next()?, words.next()?);
    let good = pid == b"-" || number(pid).is_some();
    (good && data == b"-").then(|| words.next().unwrap_or_default())
}
