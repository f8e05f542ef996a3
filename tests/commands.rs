//! Every command but `dev`, as a user has it: real workspaces, the real cargo, real processes.
#![expect(clippy::unwrap_used, reason = "a fixture that is wrong should fail its test")]
#![expect(clippy::expect_used, reason = "a fixture that is wrong should fail its test")]
#![expect(clippy::panic, reason = "a fixture that is wrong should fail its test")]
#![expect(clippy::disallowed_methods, reason = "tests read the environment they were started in")]

#[path = "commands/arguments.rs"]
mod arguments;
#[path = "commands/building.rs"]
mod building;
#[path = "commands/completions.rs"]
mod completions;
#[path = "commands/environment.rs"]
mod environment;
#[path = "commands/export.rs"]
mod export;
#[path = "commands/procfile.rs"]
mod procfile;
#[path = "commands/running.rs"]
mod running;
#[path = "commands/services.rs"]
mod services;
#[path = "commands/shapes.rs"]
mod shapes;
#[path = "commands/workspace.rs"]
mod workspace;
