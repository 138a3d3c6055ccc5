//! Whether what a store holds is whole.

use deskbell::store::{Checker, Store, StoreError};

/// Every record can be read, every reference leads somewhere, every index says what its table says; else what is not so.
pub(crate) fn findings(store: &Store) -> Result<Vec<String>, StoreError> {
    let mut checker = Checker::new();
    store.dump()?.each_row(&mut |table, key, value| {
        checker.row(table, key, value);
        Ok::<_, StoreError>(())
    })?;
    Ok(checker.finish(false).findings)
}
