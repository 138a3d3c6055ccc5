//! Tests of the whole.

mod sdk;
