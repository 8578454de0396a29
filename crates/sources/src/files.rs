//! Loose files: what kind they are, and what they say.
