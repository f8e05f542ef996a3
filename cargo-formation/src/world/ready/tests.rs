//! Signs of real sockets and processes.
