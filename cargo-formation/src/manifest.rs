//! From the text of the manifests to a formation, or every problem at once.
