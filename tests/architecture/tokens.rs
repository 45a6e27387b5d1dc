//! Source text as words: what the rules of the architecture read. Comments, literals and whatever is
//! there for tests only are left out.

/// A name, `::`, or one other character, and the line it stands in (from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

/// The words of a source, without what `#[cfg(test)]` stands before.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    without_tests(&words(source))
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn words(source: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = length_of_next(rest, first);
        let (text, after) = rest.split_at(length);
        let blank = first.is_whitespace() || is_comment(text) || is_literal(text);
        if !blank {
            found.push(Token {
                text: text.trim_start_matches("r#").to_owned(),
                line,
            });
        }
        line += text.matches('\n').count();
        rest = after;
    }
    found
}

fn is_comment(text: &str) -> bool {
    text.starts_with("//") || text.starts_with("/*")
}

/// Strings, characters, lifetimes and numbers: nothing that could be a name.
fn is_literal(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        || text.contains('"')
        || text.starts_with('\'')
        || text.starts_with("b'")
}

fn length_of_next(rest: &str, first: char) -> usize {
    let until = |end: Option<usize>| end.unwrap_or(rest.len());
    if rest.starts_with("//") {
        until(rest.find('\n'))
    } else if rest.starts_with("/*") {
        until(rest.find("*/").map(|at| at + 2))
    } else if let Some(length) = length_of_string(rest) {
        length
    } else if is_name(first) {
        until(rest.find(|c| !is_name(c)))
    } else if rest.starts_with("::") {
        2
    } else {
        first.len_utf8()
    }
}

/// The length of a string, a raw one, a character or a lifetime at the start of `rest`.
fn length_of_string(rest: &str) -> Option<usize> {
    let plain = rest.trim_start_matches(['b', 'c']);
    let prefix = rest.len() - plain.len();
    if prefix > 1 {
        return None;
    }
    if let Some(raw) = plain.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if let Some(inner) = raw[hashes..].strip_prefix('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let length = inner.find(&end).map_or(inner.len(), |at| at + end.len());
            return Some(prefix + 2 + hashes + length);
        }
    }
    if plain.starts_with('"') {
        return Some(prefix + quoted(plain, '"'));
    }
    let inner = plain.strip_prefix('\'')?;
    let after_one = inner.chars().nth(1);
    if inner.starts_with('\\') || after_one == Some('\'') {
        return Some(prefix + quoted(plain, '\''));
    }
    let name = inner.find(|c| !is_name(c)).unwrap_or(inner.len());
    Some(prefix + 1 + name)
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + c.len_utf8();
        }
    }
    text.len()
}

/// Where the bracket that opens at `open` closes: the place after it.
pub(super) fn after_bracket(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let cfg_test = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let here = tokens[at..].iter().map(|token| token.text.as_str());
        if here.take(cfg_test.len()).eq(cfg_test) {
            at = after_item(tokens, at + cfg_test.len());
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// The place after the item that begins at `at`: after its body, or after its semicolon.
fn after_item(tokens: &[Token], mut at: usize) -> usize {
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            ";" => return at + 1,
            "{" => return after_bracket(tokens, at),
            "(" | "[" => at = after_bracket(tokens, at),
            _ => at += 1,
        }
    }
    at
}
