//! What is looked for, with every word folded and every name resolved.

use std::sync::Arc;

use super::entry::Facet;

/// A condition on entries.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    /// All of them.
    Everything,
    /// None.
    Nothing,
    /// It has the word.
    Word(String),
    /// It has a word that begins so.
    Beginning(String),
    /// It has one of these words, which are forms of one word and count as one.
    Forms(Vec<String>),
    /// It has these words side by side; of the last one, with `beginning`, only the beginning counts.
    Phrase { words: Vec<String>, beginning: bool },
    /// It has the property.
    Facet(Facet),
    /// From the first instant up to before the second, milliseconds.
    Between(i64, i64),
    /// It belongs to one of these conversations (sorted).
    Conversations(Arc<[u64]>),
    /// It belongs to such an interaction.
    Interaction(InteractionRule),
    /// Every one of these.
    All(Vec<Expression>),
    /// At least one of these.
    Any(Vec<Expression>),
    /// Not this.
    Not(Box<Expression>),
}

/// A property of interactions, which changes while their messages stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum InteractionRule {
    /// Not done yet.
    Open,
    /// Done.
    Done,
    /// In one of these queues.
    Queues(Vec<u64>),
    /// In one of these queues, or of no interaction and of a conversation that has had one there: the contact, and what
    /// was imported.
    Readable(Vec<u64>),
    /// With one of these outcomes.
    Dispositions(Vec<u64>),
}

impl Expression {
    /// Both conditions.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Everything, one) | (one, Self::Everything) => one,
            (Self::All(mut parts), Self::All(more)) => {
                parts.extend(more);
                Self::All(parts)
            }
            (Self::All(mut parts), one) | (one, Self::All(mut parts)) => {
                parts.push(one);
                Self::All(parts)
            }
            (one, another) => Self::All(vec![one, another]),
        }
    }

    /// The expression with each word and beginning exchanged, also where they are excluded.
    pub(super) fn exchanged<E>(self, exchange: &mut impl FnMut(Self) -> Result<Self, E>) -> Result<Self, E> {
        let mut each =
            |parts: Vec<Self>| parts.into_iter().map(|part| part.exchanged(exchange)).collect::<Result<_, E>>();
        Ok(match self {
            Self::All(parts) => Self::All(each(parts)?),
            Self::Any(parts) => Self::Any(each(parts)?),
            Self::Not(part) => Self::Not(Box::new(part.exchanged(exchange)?)),
            Self::Word(_) | Self::Beginning(_) => exchange(self)?,
            Self::Everything
            | Self::Nothing
            | Self::Forms(_)
            | Self::Phrase { .. }
            | Self::Facet(_)
            | Self::Between(..)
            | Self::Conversations(_)
            | Self::Interaction(_) => self,
        })
    }

    /// Calls `visit` with every word, beginning and phrase that is looked for, and not with what is excluded.
    pub(super) fn wanted<'a>(&'a self, visit: &mut impl FnMut(&'a Expression)) {
        match self {
            Self::Word(_) | Self::Beginning(_) | Self::Forms(_) | Self::Phrase { .. } => visit(self),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.wanted(visit)),
            Self::Everything
            | Self::Nothing
            | Self::Facet(_)
            | Self::Between(..)
            | Self::Conversations(_)
            | Self::Interaction(_)
            | Self::Not(_) => {}
        }
    }
}
