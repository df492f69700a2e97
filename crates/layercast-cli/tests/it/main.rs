//! The companion as a user meets it: a command, its exit status, what it prints.

mod check;

mod estimate;
mod inspect;
