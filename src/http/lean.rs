//! What of the page's sources reaches a browser: the code without what is written for its readers.
//!
//! Apart so that the sources stay plain files that need no build, and yet the page is small. It knows no language: it
//! goes by lines, as the sources are written (a test keeps them so). Invariant: every line keeps its number, so that a
//! browser's complaint names the line of the source.

/// A comment of types that stands within a line of code.
const TYPE_BEGINS: &str = "/** @";
const COMMENT_BEGINS: &str = "/*";
const COMMENT_ENDS: &str = "*/";

/// A script or style sheet without its comments and indentation.
pub(super) fn lean(source: &str) -> String {
    let mut lean = String::with_capacity(source.len());
    let mut within_comment = false;
    for line in source.lines() {
        let line = line.trim();
        if within_comment {
            within_comment = !line.ends_with(COMMENT_ENDS);
        } else if line.starts_with(COMMENT_BEGINS) && !line.contains(COMMENT_ENDS) {
            within_comment = true;
        } else if !is_comment(line) {
            push_without_types(&mut lean, line);
        }
        lean.push('\n');
    }
    lean
}

/// Whether nothing else stands on the line.
fn is_comment(line: &str) -> bool {
    line.starts_with("//")
        || line.starts_with(COMMENT_BEGINS) && line.find(COMMENT_ENDS) == line.len().checked_sub(COMMENT_ENDS.len())
}

fn push_without_types(lean: &mut String, line: &str) {
    let mut rest = line;
    while let Some((code, comment)) = rest.split_once(TYPE_BEGINS)
        && let Some((_, after)) = comment.split_once(COMMENT_ENDS)
    {
        lean.push_str(code);
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    lean.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::lean;

    #[test]
    fn comments_go_and_lines_keep_their_number() {
        for (source, expected) in [
            ("/*\n * Why.\n */\nexport const a = 1;\n", "\n\n\nexport const a = 1;\n"),
            ("  // Because.\n  b();", "\nb();\n"),
            ("/** @param {string} text */\nfunction f(text) {}", "\nfunction f(text) {}\n"),
            ("g((/** @type {number} */ n, /** @type {string} */ s) => n);", "g((n, s) => n);\n"),
            ("return /** @type {Error} */ (error).message;", "return (error).message;\n"),
            ("const link = 'https://example.com/*'; // kept", "const link = 'https://example.com/*'; // kept\n"),
            ("/* one */ a {", "/* one */ a {\n"),
        ] {
            assert_eq!(lean(source), expected, "{source}");
        }
    }
}
