//! Colleagues named in a note or an internal message: `@` and their login.
//!
//! Apart because the words come from two places. Invariant: an e-mail address mentions nobody.

use super::ids::AgentId;

/// The agents whose logins the words name, each once, in the order of the words.
#[must_use]
pub fn mentions(text: &str, logins: &[(AgentId, String)]) -> Vec<AgentId> {
    let mut found = Vec::new();
    for (place, _) in text.match_indices('@') {
        if text[..place].chars().next_back().is_some_and(is_of_login) {
            continue;
        }
        let word: String = text[place + 1..].chars().take_while(|character| is_of_login(*character)).collect();
        // A full stop may end the sentence and not belong to the login.
        let word = word.trim_end_matches(['.', '-']).to_lowercase();
        let named = logins.iter().find(|(_, login)| login.to_lowercase() == word);
        if let Some((agent, _)) = named
            && !found.contains(agent)
        {
            found.push(*agent);
        }
    }
    found
}

fn is_of_login(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '.' | '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::mentions;
    use crate::domain::ids::AgentId;

    #[test]
    fn a_login_after_an_at_sign_is_a_mention() {
        let logins = [(AgentId(1), "ana".to_owned()), (AgentId(2), "ben.k".to_owned())];
        for (text, expected) in [
            ("ask @ana", vec![AgentId(1)]),
            ("(@Ana, @ben.k.) and @ana again", vec![AgentId(1), AgentId(2)]),
            ("@anabel knows", vec![]),
            ("write to ana@ana", vec![]),
            ("@", vec![]),
            ("@@ana", vec![AgentId(1)]),
        ] {
            assert_eq!(mentions(text, &logins), expected, "{text}");
        }
    }
}
