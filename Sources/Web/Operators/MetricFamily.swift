/// One metric in Prometheus' text format, version 0.0.4: its name, help and type, and its samples.
package struct MetricFamily: Sendable {
  /// How its values change.
  package enum Kind: String, Sendable {
    /// It only rises, until the process that counts starts again. Its name ends in `_total`.
    case counter
    case gauge
  }

  /// A value in base units.
  package enum Value: Equatable, Sendable {
    case integer(Int64)
    /// Milliseconds, written as seconds.
    case milliseconds(Int64)

    /// `12`, `-3`, `1.5`.
    var text: String {
      switch self {
      case .integer(let value): return String(value)
      case .milliseconds(let value):
        let (whole, rest) = (value.magnitude / 1000, value.magnitude % 1000)
        var digits = String(rest + 1000).dropFirst()
        while digits.last == "0" { digits = digits.dropLast() }
        return (value < 0 ? "-" : "") + String(whole) + (digits.isEmpty ? "" : "." + digits)
      }
    }
  }

  /// A value with its labels.
  package struct Sample: Equatable, Sendable {
    package var labels: [Label]
    package var value: Value
  }

  /// A label's name and value.
  package struct Label: Equatable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package let name: String
  package let help: String
  package let kind: Kind
  package var samples: [Sample]

  /// A metric without samples. A counter's name must end in `_total`.
  package init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample] = []) {
    self.name = "millwright_" + name
    self.kind = kind
    self.help = help
    self.samples = samples
  }

  /// A metric with one value and no labels.
  package init(_ name: String, _ kind: Kind, _ help: String, _ value: Value) {
    self.init(name, kind, help, [Sample(labels: [], value: value)])
  }

  /// A metric with a value for each value of one label.
  package init(
    _ name: String, _ kind: Kind, _ help: String, by label: String, _ values: [(String, Int64)]
  ) {
    self.init(
      name, kind, help, values.map { Sample(labels: [Label(label, $0.0)], value: .integer($0.1)) })
  }

  /// Appends the lines of the metric; none if it has no samples.
  package func write(to text: inout String) {
    guard !samples.isEmpty else { return }
    text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    for sample in samples {
      text += name
      if !sample.labels.isEmpty {
        text += "{"
        for (place, label) in sample.labels.enumerated() {
          if place > 0 { text += "," }
          text += "\(label.name)=\"\(Self.escaped(label.value, quotes: true))\""
        }
        text += "}"
      }
      text += " \(sample.value.text)\n"
    }
  }

  /// Escapes a backslash, a line end and, in labels, a quotation mark.
  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
