//! What every generated source must keep to.
