//! The routing layer with real sockets: clients here, runs here, and the router between them.

mod ends;
mod holding;
mod limits;
mod load;
mod passing;
mod site;
mod swapping;
