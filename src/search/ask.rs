//! A question to an answer: read, resolve, restrict, find, correct, show.
//!
//! Apart from its parts so that the order of these steps is one page. Invariant: nothing of what the asker may not read
//! influences the answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;

use jiff::tz::TimeZone;

use crate::clock::Clock;
use crate::limits::{SEARCH_COUNT_MAX, SEARCH_PAGE_MAX, SEARCH_QUERY_BYTES_MAX, SEARCH_WITH_CONVERSATIONS_MAX};
use crate::store::StoreError;

use super::cursor::{After, Cursor};
use super::entry::{Facet, HitKind};
use super::expression::{Expression, InteractionRule};
use super::hits;
use super::newest::{self, Place};
use super::parse::{self, Context, Reading};
use super::rank;
use super::resolve::Resolver;
use super::shared::{Shared, State};
use super::{Because, Page, Permitted, Question, Ranking, SearchError, correct, forms, words};

/// Places of hits, and what is told about them.
struct Answer {
    places: Vec<Place>,
    total: u64,
    /// Whether there are no more than that.
    exact: bool,
    /// Where the next page begins.
    after: Option<After>,
}

/// Answers a question.
pub(super) fn ask(shared: &Shared, clock: &Clock, question: &Question) -> Result<Page, SearchError> {
    if question.query.len() > SEARCH_QUERY_BYTES_MAX {
        return Err(SearchError::QueryTooLong);
    }
    // No index yet, and more behind than the journal tells: the indexing thread has just begun.
    let is_ahead = |error: &StoreError| matches!(error, StoreError::JournalTrimmed);
    shared.catch_up().map_err(|error| if is_ahead(&error) { SearchError::Unavailable } else { error.into() })?;
    // Damaged files can make the library panic: that is one failed query, and the files are looked at.
    let outcome = catch_unwind(AssertUnwindSafe(|| answer(shared, clock, question)));
    match outcome {
        Ok(Ok(page)) => Ok(page),
        Ok(Err(Failure::Asked(error))) => Err(error),
        Ok(Err(Failure::Index(error))) => {
            tracing::error!(%error, "the search index cannot be read");
            shared.suspect();
            Err(SearchError::Unavailable)
        }
        Err(_) => {
            tracing::error!("a query made the search index fail");
            shared.suspect();
            Err(SearchError::Unavailable)
        }
    }
}

enum Failure {
    Asked(SearchError),
    Index(tantivy::TantivyError),
}

impl From<tantivy::TantivyError> for Failure {
    fn from(error: tantivy::TantivyError) -> Self {
        Self::Index(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Asked(error.into())
    }
}

fn answer(shared: &Shared, clock: &Clock, question: &Question) -> Result<Page, Failure> {
    let named = question.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    let zone = named.unwrap_or_else(TimeZone::system);
    let context = Context { typing: question.typing, now: clock.now(), zone: &zone };
    let state = shared.state.read().unwrap_or_else(PoisonError::into_inner);
    let reading = parse::read(&question.query, context);
    let mut read_as = reading.plain_words.clone().map(|words| (words, Because::PlainWords));
    let mut expression = resolve(shared, &state, reading)?;
    if expression.is_none() && read_as.is_none() {
        // A name that nobody has, or nothing to look for.
        let reading = parse::plain(&question.query, question.typing);
        read_as =
            reading.plain_words.clone().filter(|words| !words.is_empty()).map(|words| (words, Because::PlainWords));
        expression = resolve(shared, &state, reading)?;
    }
    let plain = expression.unwrap_or(Expression::Nothing);
    let mut expression = with_forms(&state, plain.clone())?;
    let limits = restriction(question).and(unerased(&state));
    let asked = identity(question);
    let cursor = match &question.cursor {
        Some(text) => Some(Cursor::read(text, &asked).ok_or(Failure::Asked(SearchError::CursorInvalid))?),
        None => None,
    };
    let mut found = find(&state, question, &limits, &expression, cursor.as_ref())?;
    if found.total == 0
        && let Some((corrected, query)) = correction(&state, question, &limits, &plain)?
    {
        let corrected = with_forms(&state, corrected)?;
        let again = find(&state, question, &limits, &corrected, cursor.as_ref())?;
        if again.total > 0 {
            (expression, found, read_as) = (corrected, again, Some((query, Because::Corrected)));
        }
    }
    let hits = if found.places.is_empty() {
        Vec::new()
    } else {
        shared.store.read(|snapshot| hits::hits(snapshot, &state.tail, &found.places, &expression))?
    };
    Ok(Page {
        hits,
        total: found.total.min(SEARCH_COUNT_MAX),
        total_is_exact: found.exact,
        cursor: found.after.map(|after| Cursor { total: found.total, exact: found.exact, after }.write(&asked)),
        read_as,
        indexed_through: state.tail.cursor,
        indexing: state.progress,
    })
}

/// The expression with other forms of its words, where the centre has named its language.
fn with_forms(state: &State, expression: Expression) -> tantivy::Result<Expression> {
    match state.tail.main_language {
        Some(language) => forms::beside(&state.view, &state.tail, language, expression),
        None => Ok(expression),
    }
}

/// Everything that hits depend on, for the cursor.
fn identity(question: &Question) -> String {
    let Question { query, typing, conversation, order, permitted, counted, time_zone, limit: _, cursor: _ } = question;
    format!("{query}\n{typing} {conversation:?} {order:?} {permitted:?} {counted} {time_zone:?}")
}

/// What the asker may read and asked to look into.
fn restriction(question: &Question) -> Expression {
    let permitted = match &question.permitted {
        Permitted::All => Expression::Everything,
        Permitted::Conversations(conversations) => {
            let mut numbers: Vec<u64> = conversations.iter().map(|id| id.0).collect();
            numbers.sort_unstable();
            Expression::Conversations(numbers.into())
        }
        Permitted::Queues(queues) => {
            Expression::Interaction(InteractionRule::Readable(queues.iter().map(|id| id.0).collect()))
        }
    };
    match question.conversation {
        Some(conversation) => permitted.and(Expression::Facet(Facet::conversation(conversation.0))),
        None => permitted,
    }
}

fn resolve(shared: &Shared, state: &State, reading: Reading) -> Result<Option<Expression>, Failure> {
    let Some(sought) = reading.sought else { return Ok(None) };
    if let parse::Sought::Known(expression) = sought {
        return Ok(Some(expression));
    }
    let failed = std::cell::RefCell::new(None);
    let contacts = |text: &str| {
        with_contact(state, text).unwrap_or_else(|error| {
            failed.replace(Some(error));
            Vec::new()
        })
    };
    let resolved = shared
        .store
        .read(|snapshot| Resolver { snapshot, outcomes: &state.tail.outcomes, contacts: &contacts }.resolve(sought))?;
    match failed.into_inner() {
        Some(error) => Err(error.into()),
        None => Ok(resolved),
    }
}

/// The conversations with contacts of this name or number, sorted.
fn with_contact(state: &State, text: &str) -> tantivy::Result<Vec<u64>> {
    let named = text.split_whitespace().filter_map(|word| words::word(word, false)).reduce(Expression::and);
    let groups: Vec<&str> = text.split_whitespace().collect();
    let numbered = words::spaced_number(&groups, false);
    let either = Expression::Any([named, numbered].into_iter().flatten().collect());
    let expression = Expression::Facet(Facet::kind(HitKind::Contact)).and(either);
    let found = newest::newest(
        &state.view,
        &newest::Wanted {
            expression: &expression,
            interactions: &state.tail.interactions,
            hidden: state.tail.hidden(),
            after: None,
            limit: SEARCH_WITH_CONVERSATIONS_MAX,
            counted: false,
        },
        state.tail.places(&expression),
    )?;
    let mut numbers: Vec<u64> = found.page.iter().map(|(_, key)| key.number()).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// What the index may still have of erased conversations does not count.
fn unerased(state: &State) -> Expression {
    let erased = state.tail.erased();
    if erased.is_empty() {
        return Expression::Everything;
    }
    Expression::Not(Box::new(Expression::Conversations(erased.into())))
}

fn find(
    state: &State,
    question: &Question,
    limits: &Expression,
    expression: &Expression,
    cursor: Option<&Cursor>,
) -> Result<Answer, Failure> {
    let whole = expression.clone().and(limits.clone());
    let limit = question.limit.clamp(1, SEARCH_PAGE_MAX);
    match question.order {
        Ranking::Newest => {
            let after = match cursor.map(|cursor| &cursor.after) {
                Some(After::Newest(place)) => Some(*place),
                Some(After::Best(..)) => return Err(Failure::Asked(SearchError::CursorInvalid)),
                None => None,
            };
            let found = by_time(state, &whole, after, limit + 1, cursor.is_none() && question.counted)?;
            let mut places = found.page;
            let more = places.len() > limit;
            places.truncate(limit);
            let after = places.last().filter(|_| more).map(|place| After::Newest(*place));
            // A page that is not full has them all, counted or not.
            let counted = (found.total, found.exact || !more);
            let (total, exact) = cursor.map_or(counted, |cursor| (cursor.total, cursor.exact));
            Ok(Answer { places, total, exact, after })
        }
        Ranking::Best => {
            let (after, statistics) = match cursor.map(|cursor| &cursor.after) {
                Some(After::Best(hit, statistics)) => (Some(*hit), statistics.clone()),
                Some(After::Newest(_)) => return Err(Failure::Asked(SearchError::CursorInvalid)),
                None => (None, rank::statistics(&state.view, &state.tail, &whole)?),
            };
            let wanted = rank::Wanted {
                expression: &whole,
                interactions: &state.tail.interactions,
                hidden: state.tail.hidden(),
                statistics: &statistics,
                after,
                limit: limit + 1,
            };
            let mut hits = rank::best(&state.view, &state.tail, &wanted)?;
            let more = hits.len() > limit;
            let (total, exact) = match cursor {
                Some(cursor) => (cursor.total, cursor.exact),
                None if question.counted && more => {
                    let found = by_time(state, &whole, None, 0, true)?;
                    (found.total, found.exact)
                }
                None => (hits.len() as u64, !more),
            };
            hits.truncate(limit);
            let after = hits.last().filter(|_| more).map(|hit| After::Best(*hit, statistics));
            Ok(Answer { places: hits.into_iter().map(|hit| hit.place).collect(), total, exact, after })
        }
    }
}

fn by_time(
    state: &State,
    expression: &Expression,
    after: Option<Place>,
    limit: usize,
    counted: bool,
) -> tantivy::Result<newest::Found> {
    let wanted = newest::Wanted {
        expression,
        interactions: &state.tail.interactions,
        hidden: state.tail.hidden(),
        after,
        limit,
        counted,
    };
    newest::newest(&state.view, &wanted, state.tail.places(expression))
}

/// The expression and the query with the words that were probably meant.
fn correction(
    state: &State,
    question: &Question,
    limits: &Expression,
    expression: &Expression,
) -> Result<Option<(Expression, String)>, Failure> {
    let mut corrected: Option<(Expression, String)> = None;
    let count = |word: &str| -> tantivy::Result<u64> {
        let expression = with_forms(state, Expression::Word(word.to_owned()))?.and(limits.clone());
        Ok(by_time(state, &expression, None, 0, true)?.total)
    };
    for word in correct::doubtful(expression) {
        if count(&word)? > 0 {
            continue;
        }
        let mut best: Option<(u64, String)> = None;
        for candidate in correct::similar(&state.view, &state.tail, &word)? {
            let found = count(&candidate)?;
            if found > 0 && best.as_ref().is_none_or(|(most, _)| found > *most) {
                best = Some((found, candidate));
            }
        }
        if let Some((_, by)) = best {
            let (expression, query) = corrected.as_ref().map_or((expression, question.query.as_str()), |(e, q)| (e, q));
            corrected = Some((correct::replace(expression, &word, &by), correct::replace_in_query(query, &word, &by)));
        }
    }
    Ok(corrected)
}
