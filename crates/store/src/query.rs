//! Typed questions to the tables, one per file.
