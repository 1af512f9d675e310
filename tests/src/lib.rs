//! Tests over the whole repository; the crate itself is empty.
