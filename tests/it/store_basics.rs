//! What a store promises on a healthy disk.
