//! The command line of Deskbell: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    deskbell::cli::run()
}
