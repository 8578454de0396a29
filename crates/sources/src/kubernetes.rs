//! Kubernetes, from what `kubectl` printed.
