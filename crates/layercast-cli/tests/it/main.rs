//! The companion as a user meets it: a command, its exit status, what it prints.

mod check;
mod world;

mod accuracy;
mod assistant;
mod building;
mod calibrating;
mod checking;
mod diff;
mod errors;
mod estimate;
mod explain;
mod graph;
mod inspect;
mod problems;
mod rewriting;
mod steps;
mod tutorials;

mod cache;
mod cache_what_if;
mod live;
mod registry;
mod saved_facts;
mod serve;
mod serving_builds;
mod signing_in;
