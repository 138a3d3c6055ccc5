//! Names in a query to numbers: agents, queues, outcomes, contacts.
//!
//! Invariant: a name that nobody has makes the query plain words, except a contact's: nobody of that name wrote.

use std::collections::BTreeSet;

use crate::store::{Snapshot, StoreError};

use super::analyzer::Analysis;
use super::entry::Facet;
use super::expression::{Expression, InteractionRule};
use super::parse::{Name, Sought};
use super::source::Outcomes;

/// Finds the conversations of the contacts that a text names.
pub(super) type Contacts<'a> = &'a dyn Fn(&str) -> Vec<u64>;

/// What names are resolved with.
pub(super) struct Resolver<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) outcomes: &'a Outcomes,
    pub(super) contacts: Contacts<'a>,
}

impl Resolver<'_> {
    /// The expression; `None` when a name means nothing.
    pub(super) fn resolve(&self, sought: Sought) -> Result<Option<Expression>, StoreError> {
        Ok(Some(match sought {
            Sought::Known(expression) => expression,
            Sought::Named(name, text) => return self.named(name, &text),
            Sought::Not(part) => match self.resolve(*part)? {
                Some(part) => Expression::Not(Box::new(part)),
                None => return Ok(None),
            },
            Sought::All(parts) => match self.each(parts)? {
                Some(parts) => parts.into_iter().reduce(Expression::and).unwrap_or(Expression::Nothing),
                None => return Ok(None),
            },
            Sought::Any(parts) => match self.each(parts)? {
                Some(parts) => Expression::Any(parts),
                None => return Ok(None),
            },
        }))
    }

    fn each(&self, parts: Vec<Sought>) -> Result<Option<Vec<Expression>>, StoreError> {
        parts.into_iter().map(|part| self.resolve(part)).collect()
    }

    fn named(&self, name: Name, text: &str) -> Result<Option<Expression>, StoreError> {
        let words = folded(text);
        if words.is_empty() {
            return Ok(None);
        }
        let names = |full: &str| words.is_subset(&folded(full));
        Ok(match name {
            Name::Contact => Some(Expression::Conversations((self.contacts)(text).into())),
            Name::Agent => {
                let agents = self.snapshot.agents()?;
                let found = agents.iter().filter(|row| names(&row.name) || folded(&row.login) == words);
                any(found.map(|row| Expression::Facet(Facet::from_agent(row.agent.id.0))).collect())
            }
            Name::Queue => {
                let queues = self.snapshot.queues()?;
                let found: Vec<u64> = queues.iter().filter(|row| names(&row.name)).map(|row| row.id.0).collect();
                (!found.is_empty()).then_some(Expression::Interaction(InteractionRule::Queues(found)))
            }
            Name::Disposition => {
                let found = self
                    .outcomes
                    .rows()
                    .filter(|row| names(&self.outcomes.label(row.id)) || folded(&row.code) == words);
                let found: Vec<u64> = found.map(|row| row.id.0).collect();
                (!found.is_empty()).then_some(Expression::Interaction(InteractionRule::Dispositions(found)))
            }
        })
    }
}

fn any(mut parts: Vec<Expression>) -> Option<Expression> {
    if parts.len() > 1 { Some(Expression::Any(parts)) } else { parts.pop() }
}

fn folded(text: &str) -> BTreeSet<String> {
    let analysis = Analysis::of(text);
    analysis.terms().filter(|(_, token)| !token.joined).map(|(term, _)| term.to_owned()).collect()
}
