import Storage

// What a report says of refused messages and of fields left out, as the store has it: renderers know no store.

/// Messages that were refused for the same fault.
public typealias Refusal = Storage.Refusal
/// Messages of one sender that were refused for the same fault.
public typealias SenderRefusal = Storage.SenderRefusal
/// An optional field that could not be read in some readings, and was left out of them.
public typealias FieldError = Storage.FieldError
