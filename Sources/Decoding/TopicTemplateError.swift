/// An invalid topic template, with its fault.
public struct TopicTemplateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Faults of a template.
  public enum Problem: Equatable, Sendable {
    case empty
    /// The filter has more than the 65,535 bytes of an MQTT topic.
    case tooLong
    /// Two slashes in a row, or one at the end.
    case emptyLevel
    /// `{factory}` or `{equipment}` is missing.
    case missing(TopicTemplate.Placeholder)
    case repeated(TopicTemplate.Placeholder)
    /// A level with braces that is not one of the placeholders.
    case notAPlaceholder(String)
    /// A level with `+` or `#`.
    case wildcard(String)
    /// A first level that starts with `$`.
    case reserved(String)
    case controlCharacter
    /// The text is not that of a rule for Sparkplug's topics.
    case notSparkplug
  }

  /// The template as written.
  public var template: String
  /// The fault of the template.
  public var problem: Problem

  /// An error for `template` with `problem`.
  public init(template: String, problem: Problem) {
    self.template = template
    self.problem = problem
  }

  /// The sentence for the person who wrote the template.
  public var description: String {
    let what =
      switch problem {
      case .empty: "it is empty"
      case .tooLong: "its filter is longer than the 65535 bytes of an MQTT topic"
      case .emptyLevel: "it has an empty level (only the first may be empty)"
      case .missing(let placeholder): "{\(placeholder.name)} is missing"
      case .repeated(let placeholder): "{\(placeholder.name)} occurs more than once"
      case .notAPlaceholder(let level):
        "'\(level)' is not a placeholder (a whole level: {factory}, {workshop}, {line} or {equipment})"
      case .wildcard(let level): "'\(level)' has a wildcard; write a placeholder instead"
      case .reserved(let level): "'\(level)' starts with $, which is reserved for the broker"
      case .controlCharacter: "it has a control character"
      case .notSparkplug: "it is not of the form spBv1.0/GROUP/+/EDGE/DEVICE"
      }
    return "topic template '\(template.escapedForMessage)': \(what)"
  }
}

extension String {
  /// The text with control characters escaped, so that a message stays on one line.
  fileprivate var escapedForMessage: String {
    unicodeScalars.reduce(into: "") { text, scalar in
      if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }
}
