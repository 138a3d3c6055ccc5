//! What of the page's sources reaches a browser: the code without what is written for its readers.
//!
//! Apart so that the sources stay plain files that need no build, and yet the page is small. It knows little of the
//! languages: it goes by lines, as the sources are written (a test keeps them so). Invariant: what is left of a line is the
//! line of the source, so that what a browser complains of is found in it.

/// A comment of types that stands within a line of code.
const TYPE_BEGINS: &str = "/** @";
const COMMENT_BEGINS: &str = "/*";
const COMMENT_ENDS: &str = "*/";

/// A script without its comments, indentation, empty lines and the spaces that only people need.
pub(super) fn lean_script(source: &str) -> String {
    let lean = lean(source);
    let mut squeezed = String::with_capacity(lean.len());
    for line in lean.lines().filter(|line| !line.is_empty()) {
        push_squeezed(&mut squeezed, line);
        squeezed.push('\n');
    }
    squeezed
}

/// A style sheet without its comments, indentation, empty lines and the spaces that only people need.
pub(super) fn lean_style(source: &str) -> String {
    let lean = lean(source);
    let lines = lean.lines().filter(|line| !line.is_empty());
    lines.flat_map(|line| [line.replace(" {", "{").replace(": ", ":"), "\n".to_owned()]).collect()
}

/// A source without its comments and indentation.
fn lean(source: &str) -> String {
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

/// Where in a line of a script a character stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// With so many braces open, since the line or the place in a template began.
    Code(u32),
    Text(char),
    Template,
    /// In a class of characters or not.
    Expression(bool),
}

/// A line of a script without the spaces beside its marks, and without a comment at its end.
fn push_squeezed(squeezed: &mut String, line: &str) {
    let line_begins = squeezed.len();
    let mut within = vec![Within::Code(0)];
    let mut rest = line.chars().peekable();
    while let Some(character) = rest.next() {
        let before = squeezed[line_begins..].chars().next_back();
        let next = rest.peek().copied();
        let nested = within.len() > 1;
        let place = within.last_mut().expect("a brace that closes nothing is code");
        match (*place, character) {
            (Within::Code(_), ' ') if next.is_none_or(|next| is_spare(before, next)) => continue,
            (Within::Code(_), '/') if next == Some('/') => {
                squeezed.truncate(squeezed.trim_end_matches(' ').len());
                break;
            }
            (Within::Code(_), '/') if begins_expression(&squeezed[line_begins..]) => {
                within.push(Within::Expression(false));
            }
            (Within::Code(_), '\'' | '"') => within.push(Within::Text(character)),
            (Within::Code(_), '`') => within.push(Within::Template),
            (Within::Code(open), '{') => *place = Within::Code(open + 1),
            (Within::Code(0), '}') if nested => drop(within.pop()),
            (Within::Code(open), '}') => *place = Within::Code(open.saturating_sub(1)),
            (Within::Template, '$') if next == Some('{') => {
                squeezed.push(character);
                squeezed.extend(rest.next());
                within.push(Within::Code(0));
                continue;
            }
            (Within::Text(_) | Within::Template | Within::Expression(_), '\\') => {
                squeezed.push(character);
                squeezed.extend(rest.next());
                continue;
            }
            (Within::Text(quote), _) if character == quote => drop(within.pop()),
            (Within::Template, '`') | (Within::Expression(false), '/') => drop(within.pop()),
            (Within::Expression(_), '[' | ']') => *place = Within::Expression(character == '['),
            _ => {}
        }
        squeezed.push(character);
    }
}

/// Whether a space between these two says nothing: one of them is a mark, and they stay two marks.
fn is_spare(before: Option<char>, next: char) -> bool {
    let is_mark = |character: char| character.is_ascii_punctuation() && !['_', '$', '/'].contains(&character);
    let Some(before) = before else { return true };
    let joined = before == next && ['+', '-'].contains(&next);
    next != '/' && before != '/' && !joined && (is_mark(before) || is_mark(next))
}

/// Whether a slash after this begins a regular expression rather than a division.
fn begins_expression(before: &str) -> bool {
    let before = before.trim_end();
    let operand = before.ends_with(|last: char| last.is_alphanumeric() || ['_', '$', ')', ']', '}'].contains(&last));
    !operand || before.ends_with("return")
}

#[cfg(test)]
mod tests {
    use super::{lean, lean_script, lean_style};

    #[test]
    fn comments_go() {
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
    #[test]
    fn a_style_sheet_has_no_empty_lines_and_no_spare_spaces() {
        let source =
            "/* Why. */\n.a > .b:hover,\n.c {\n  grid-area: x / y;\n\n  &:has(.d) {\n    --e: 1px 2px;\n  }\n}\n";
        assert_eq!(lean_style(source), ".a > .b:hover,\n.c{\ngrid-area:x / y;\n&:has(.d){\n--e:1px 2px;\n}\n}\n");
    }

    #[test]
    fn spaces_of_a_script_go_where_they_say_nothing() {
        for (source, expected) in [
            ("import { a, b } from './c.js';", "import{a,b}from'./c.js';\n"),
            ("const x = (a, b) => ({ a, b: 'c, d' });", "const x=(a,b)=>({a,b:'c, d'});\n"),
            ("return typeof a === 'b' ? - 1 : a + +b;", "return typeof a==='b'?-1:a+ +b;\n"),
            ("f(`a  ${ b ? `c  d` : 'e  f' }  g`, { h: 1 });", "f(`a  ${b?`c  d`:'e  f'}  g`,{h:1});\n"),
            ("g(`${{ a: { b } }.a}  c`) ;", "g(`${{a:{b}}.a}  c`);\n"),
            ("x.replace(/[/ ] ' a/u, \"b  'c\") / 2;", "x.replace(/[/ ] ' a/u,\"b  'c\") / 2;\n"),
            ("return /a  \\/ b/u.test(c) && d / e;", "return /a  \\/ b/u.test(c)&&d / e;\n"),
            ("const link = 'https://a  b'; // why", "const link='https://a  b';\n"),
            ("a;\n\n// Why.\nb;", "a;\nb;\n"),
            ("'it\\'s  so' + a", "'it\\'s  so'+a\n"),
            ("} else if (await $ (a)) _ = #b in c;", "}else if(await $(a))_=#b in c;\n"),
        ] {
            assert_eq!(lean_script(source), expected, "{source}");
        }
    }
}
