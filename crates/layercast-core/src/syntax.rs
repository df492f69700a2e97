//! From text to a lossless tree: lines, directives, instructions, flags, words, heredocs.
//!
//! **Invariant:** parsing never fails. Broken input gives a tree and problems, and the pieces of the tree
//! put together are the text again, byte for byte.

pub mod directives;
pub mod expansion;
pub mod flags;
pub mod heredoc;
pub mod logical;
pub mod parser;
pub mod pattern;
pub mod tree;
pub mod words;

pub use parser::parse;
pub use tree::{Node, Parse, Problem};
