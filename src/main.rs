//! The command line of Deskbell.

fn main() {}
