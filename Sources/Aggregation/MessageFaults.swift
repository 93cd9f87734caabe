import Storage

// Storage types for refused messages and fields left out, so that renderers need not import Storage.

/// Messages that were refused for the same fault.
public typealias Refusal = Storage.Refusal
/// Messages of one sender that were refused for the same fault.
public typealias SenderRefusal = Storage.SenderRefusal
/// An optional field that could not be read in some readings, and was left out of them.
public typealias FieldError = Storage.FieldError
