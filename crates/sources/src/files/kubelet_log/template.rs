//! Messages that differ in nothing but numbers and names are one template.
//!
//! Two steps, after Drain (He, Zhu, Zheng, Lyu: "Drain: An Online Log Parsing Approach with Fixed
//! Depth Tree", ICWS 2017). First each message is masked: numbers, hexadecimal and UUIDs, quoted
//! values, and in names and paths what follows the first separator of a part with digits or
//! capitals in it become `*` (Drain's "preprocess by domain knowledge"). A masked text that was
//! seen before is found by its hash. A new one goes through Drain's tree of fixed depth: same
//! origin (program and klog's `file:line`), same number of words, same first word; then it joins
//! the most similar template of that leaf, where enough words are equal, and words that differ
//! become `*`.

use std::collections::HashMap;

/// Bytes of a message that are looked at.
const LOOKED_AT: usize = 1_024;
/// Bytes of a masked text.
const MASKED: usize = 512;
/// Share of equal words from which two texts are one template. Drain's authors use 0.3 to 0.5 on
/// text that is hardly masked; here most variable parts are masked before, so that more must agree.
const SIMILAR: f64 = 0.7;
/// Templates that are told apart.
pub(super) const MAX_TEMPLATES: usize = 2_000;
/// Masked texts that are remembered, so that the tree is not asked again.
const MAX_FORMS: usize = 20_000;
/// Templates of one leaf that are compared.
const LEAF: usize = 64;

/// Masks what is variable in a message, behind what stands in `out`.
pub(super) fn mask(message: &[u8], out: &mut Vec<u8>) {
    let message = message.get(..LOOKED_AT).unwrap_or(message);
    let longest = out.len() + MASKED;
    let mut rest = message;
    // Inside of a quoted message, whose words are masked like any others.
    let mut said = false;
    while let (Some(&first), true) = (rest.first(), out.len() < longest) {
        if first == b'"' && said {
            said = out.ends_with(b"\\");
            out.push(b'"');
            rest = rest.get(1..).unwrap_or_default();
        } else if first == b'"' {
            said = rest.len() == message.len() || SAID.iter().any(|key| out.ends_with(key));
            if said {
                out.push(b'"');
                rest = rest.get(1..).unwrap_or_default();
            } else {
                rest = quoted(rest, out);
            }
        } else if is_break(first) {
            out.push(if first == b'\t' { b' ' } else { first });
            rest = rest.get(1..).unwrap_or_default();
        } else {
            let n = rest.iter().position(|b| is_break(*b)).unwrap_or(rest.len());
            let (whole, after) = rest.split_at_checked(n).unwrap_or((rest, &[]));
            word(whole, out);
            rest = after;
        }
    }
    out.truncate(longest);
}

/// What ends a word, quotes apart, as a table: this is asked for every byte of every log.
const BREAKS: [bool; 256] = {
    let mut table = [false; 256];
    let breaks = b" \t()[]{}<>=;'\"";
    let mut i = 0;
    while i < breaks.len() {
        table[breaks[i] as usize] = true;
        i += 1;
    }
    table
};

fn is_break(b: u8) -> bool {
    BREAKS[usize::from(b)]
}

/// Keys whose quoted text is a message: it stays, but for what is masked in it. So does one at the
/// very beginning (structured klog).
const SAID: [&[u8]; 3] = [b"msg=", b"err=", b"error="];

/// A quoted value goes.
fn quoted<'a>(text: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let inner = text.get(1..).unwrap_or_default();
    let mut escaped = false;
    for (i, b) in inner.iter().enumerate() {
        match b {
            b'"' if !escaped => {
                out.extend_from_slice(b"\"*\"");
                return inner.get(i + 1..).unwrap_or_default();
            }
            _ => escaped = *b == b'\\' && !escaped,
        }
    }
    // A quote that nothing closes, such as the one that ends a message.
    out.push(b'"');
    inner
}

/// A word without breaks: a path, a name, a number.
fn word(word: &[u8], out: &mut Vec<u8>) {
    let end = word
        .iter()
        .rposition(|b| !matches!(b, b',' | b':' | b'.' | b'!' | b'?'))
        .map_or(0, |at| at + 1);
    let (core, tail) = word.split_at_checked(end).unwrap_or((word, &[]));
    if core.len() > 3 && memchr::memchr(b'/', core).is_some() {
        for (i, part) in core.split(|b| *b == b'/').enumerate() {
            if i > 0 {
                out.push(b'/');
            }
            name(part, out, true);
        }
    } else {
        name(core, out, false);
    }
    out.extend_from_slice(tail);
}

/// Keeps a plain word; of one with digits (in paths also of one with capitals or commas) what goes
/// before its first separator: `pvc-*`, `sess_*`, `web-*`, and `*` alone where it begins with one.
fn name(part: &[u8], out: &mut Vec<u8>, in_path: bool) {
    let variable = part.iter().any(|b| {
        b.is_ascii_digit() || (in_path && (b.is_ascii_uppercase() || matches!(b, b',' | b'%')))
    });
    if !variable {
        out.extend_from_slice(part);
        return;
    }
    let n = part.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    if let Some((kept, [separator @ (b'-' | b'_'), ..])) = part.split_at_checked(n)
        && n > 0
        && !(is_uuid(part))
    {
        out.extend_from_slice(kept);
        out.push(*separator);
    }
    out.push(b'*');
}

/// 8-4-4-4-12 hexadecimal digits.
fn is_uuid(part: &[u8]) -> bool {
    part.len() == 36
        && part.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// A leaf of Drain's tree: origin, number of words, first word.
type Leaf = (Box<[u8]>, usize, Box<[u8]>);

/// The templates seen so far. Bounded: what is new when it is full has no template.
#[derive(Default)]
pub(super) struct Templates {
    forms: HashMap<Box<[u8]>, usize>,
    leaves: HashMap<Leaf, Vec<usize>>,
    texts: Vec<Vec<u8>>,
}

impl Templates {
    /// The template of a masked text, by its place in the order of first sight. `key` is the origin,
    /// a zero byte, and the text.
    pub(super) fn of(&mut self, key: &[u8], origin: usize) -> Option<usize> {
        if let Some(found) = self.forms.get(key) {
            return Some(*found);
        }
        let text = key.get(origin + 1..).unwrap_or_default();
        let found = self.search(key.get(..origin).unwrap_or_default(), text)?;
        if self.forms.len() < MAX_FORMS {
            self.forms.insert(key.into(), found);
        }
        Some(found)
    }

    fn search(&mut self, origin: &[u8], text: &[u8]) -> Option<usize> {
        let first = words(text).next().unwrap_or_default();
        let leaf: Leaf = (origin.into(), words(text).count(), first.into());
        let texts = &mut self.texts;
        let known = self.leaves.get(&leaf).into_iter().flatten();
        let best = known
            .take(LEAF)
            .filter_map(|id| Some((*id, similarity(texts.get(*id)?, text))))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((id, similar)) = best
            && similar >= SIMILAR
        {
            if let Some(template) = texts.get_mut(id) {
                *template = joined(template, text);
            }
            return Some(id);
        }
        // A leaf comes with a template: a full tree takes no more of either.
        if texts.len() >= MAX_TEMPLATES {
            return None;
        }
        texts.push(text.to_vec());
        self.leaves.entry(leaf).or_default().push(texts.len() - 1);
        Some(texts.len() - 1)
    }

    /// The text of a template.
    pub(super) fn text(&self, id: usize) -> String {
        String::from_utf8_lossy(self.texts.get(id).map_or(&[][..], Vec::as_slice)).into_owned()
    }
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| *b == b' ')
}

fn similarity(a: &[u8], b: &[u8]) -> f64 {
    let (mut equal, mut all) = (0, 0);
    for (x, y) in words(a).zip(words(b)) {
        all += 1;
        equal += usize::from(x == y);
    }
    equal as f64 / f64::from(all.max(1))
}

fn joined(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(a.len());
    for (i, (x, y)) in words(a).zip(words(b)).enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(if x == y { x } else { b"*" });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        let mut out = Vec::new();
        mask(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_varies_is_masked_and_what_is_said_stays() {
        for (text, expected) in [
            (
                "Unmount skipped because path does not exist: /var/lib/kubelet/pods/\
                 0b0c7ad5-5c8d-4e2e-9c1c-0a2b3c4d5e6f/volume-subpaths/\
                 pvc-aaaaaaaa-5c8d-4e2e-9c1c-0a2b3c4d5e6f/web-56dc6d7dbd-wccmq/sess_,BYpwEHhh-x",
                "Unmount skipped because path does not exist: /var/lib/kubelet/pods/*/\
                 volume-subpaths/pvc-*/web-*/sess_*",
            ),
            ("took 12.5ms, retry 3", "took *, retry *"),
            (
                "\"Error syncing pod, skipping\" err=\"failed with 3\" pod=\"shop/web-1\"",
                "\"Error syncing pod, skipping\" err=\"failed with *\" pod=\"*\"",
            ),
            (
                "dial tcp 10.0.0.7:443: connect: connection refused",
                "dial tcp *: connect: connection refused",
            ),
            ("(UID: \"0b0c7ad5-5c8d\") is gone", "(UID: \"*\") is gone"),
            ("an open \"quote", "an open \"quote"),
        ] {
            assert_eq!(masked(text), expected);
        }
        assert!(masked(&"x1 ".repeat(9_000)).len() <= MASKED);
    }

    fn template(templates: &mut Templates, text: &str) -> Option<usize> {
        let mut key = b"kubelet\0".to_vec();
        mask(text.as_bytes(), &mut key);
        templates.of(&key, 7)
    }

    #[test]
    fn similar_texts_join_and_others_do_not() {
        let mut all = Templates::default();
        let a = template(
            &mut all,
            "Killing unwanted pod named alpha in the shop today",
        );
        let b = template(
            &mut all,
            "Killing unwanted pod named beta in the shop today",
        );
        let c = template(
            &mut all,
            "Killing of everything is refused by the server now",
        );
        assert_eq!(a, b);
        assert_ne!(a, c);
        assert_eq!(
            all.text(0),
            "Killing unwanted pod named * in the shop today"
        );
    }

    #[test]
    fn the_number_of_templates_is_bounded() {
        let mut all = Templates::default();
        let letters = |n: usize| {
            let digits = [n / 676 % 26, n / 26 % 26, n % 26];
            digits
                .map(|d| char::from(b'a' + d as u8))
                .iter()
                .collect::<String>()
        };
        for n in 0..MAX_TEMPLATES {
            assert_eq!(template(&mut all, &letters(n)), Some(n));
        }
        assert_eq!(template(&mut all, "one too many"), None);
        assert_eq!(all.leaves.len(), MAX_TEMPLATES);
        assert_eq!(template(&mut all, &letters(7)), Some(7));
    }
}
