//! Counts the lines of standard input.

use std::io::{stdin, BufRead};

fn main() {
    println!("{}", stdin().lock().lines().count());
}
