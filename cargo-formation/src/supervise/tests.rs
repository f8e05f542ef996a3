//! The decisions, tried in a simulated world.

mod properties;
mod scenarios;
mod trial;
mod world;
