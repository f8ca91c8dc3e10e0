//! New migrations are built in without touching the sources.

fn main() {
    println!("cargo:rerun-if-changed=../schema/migrations");
}
