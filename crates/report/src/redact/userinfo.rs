//! Who signs in, and with what, as addresses say it: `https://user:secret@host/`.

use super::gather::NameKind;

/// Fewest characters of a password that is looked for where it stands by itself, too.
const TELLING: usize = 6;

/// Tells every user, password and token that an address in the text carries.
pub(super) fn userinfo(text: &str, tell: &mut dyn FnMut(NameKind, &str)) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        rest = after;
        let Some(own) = own(after) else {
            continue;
        };
        let scheme = before
            .rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '+'))
            .next()
            .unwrap_or_default();
        one(scheme, own, tell);
    }
}

/// What stands before the `@` of an authority. A password with a slash that nobody escaped is none that
/// a browser would send, and is pasted all the same: it is told from a path by the colon before it,
/// behind which a host has a port.
fn own(authority: &str) -> Option<&str> {
    let piece = authority
        .split(|c: char| c.is_whitespace() || "\"`<>".contains(c))
        .next()?;
    let own = piece.split(['/', '?', '#']).next()?;
    if let Some((own, _)) = own.rsplit_once('@') {
        return (!own.is_empty()).then_some(own);
    }
    let (_, secret) = own.split_once(':')?;
    let is_port = secret.bytes().all(|b| b.is_ascii_digit());
    let (own, _) = piece.split_once('@')?;
    (!is_port && !own.contains("://")).then_some(own)
}

fn one(scheme: &str, own: &str, tell: &mut dyn FnMut(NameKind, &str)) {
    let Some((user, secret)) = own.split_once(':') else {
        // A name alone: of a user where that is usual (`ssh://git@host`), else a token.
        let web = scheme.is_empty() || scheme.to_ascii_lowercase().starts_with("http");
        let kind = if web {
            NameKind::Hidden
        } else {
            NameKind::Person
        };
        return tell(kind, own);
    };
    tell(NameKind::Hidden, own);
    tell(NameKind::Person, user);
    // A password that is a word would tear every sentence apart.
    let is_word = secret.chars().all(char::is_lowercase);
    if secret.chars().count() >= TELLING && !is_word {
        tell(NameKind::Hidden, secret);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(NameKind, String)> {
        let mut out = Vec::new();
        userinfo(text, &mut |kind, name| out.push((kind, name.to_owned())));
        out
    }

    #[test]
    fn whoever_signs_in_is_told_with_the_password() {
        use NameKind::{Hidden, Person};
        let cases: [(&str, &[(NameKind, &str)]); 8] = [
            (
                "https://user:secret@host/x",
                &[(Hidden, "user:secret"), (Person, "user")],
            ),
            (
                "postgres://app:S3cr3t!!@db:5432/shop and",
                &[
                    (Hidden, "app:S3cr3t!!"),
                    (Person, "app"),
                    (Hidden, "S3cr3t!!"),
                ],
            ),
            (
                "postgres://app:p/w@x,y@db",
                &[(Hidden, "app:p/w"), (Person, "app")],
            ),
            ("redis://:abc@cache", &[(Hidden, ":abc"), (Person, "")]),
            ("https://ghp_16C7e42F@host/x", &[(Hidden, "ghp_16C7e42F")]),
            ("ssh://git@host/x", &[(Person, "git")]),
            (
                "http://a:b(c)@h http://e:f@h",
                &[
                    (Hidden, "a:b(c)"),
                    (Person, "a"),
                    (Hidden, "e:f"),
                    (Person, "e"),
                ],
            ),
            ("http://host:8080/x@y http://host/@kim //a@b", &[]),
        ];
        for (text, expected) in cases {
            let expected: Vec<_> = expected
                .iter()
                .map(|(k, n)| (*k, (*n).to_owned()))
                .collect();
            assert_eq!(told(text), expected, "{text}");
        }
    }
}
