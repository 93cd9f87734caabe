import Telemetry

/// All that decides which events bytes become: the sources in the order they are tried, and the limits by which
/// messages are accepted.
///
/// They have one text (``text``), which the journal holds: a line for what each limit is, and one for each source.
///
///     millwright.sources/1
///     payload 65536
///     nesting 16
///     future_skew_ms 300000
///     oldest_age_ms 7603200000
///     source status⇥factory/{factory}/{workshop}/{equipment}/status
///
/// Between format, topic and the settings of a format that has some is a tab. Limits that only decide whether a new
/// sender is taken are no part of it: the journal has each decision with its message.
public struct DecodingRules: Hashable, Sendable {
  /// In the order they are tried.
  public var sources: [Source]
  public var limits: DecodingLimits

  /// Rules with these sources and limits.
  public init(sources: [Source], limits: DecodingLimits) {
    self.sources = sources
    self.limits = limits
  }

  private static let heading = "millwright.sources/1"

  /// The rules as text: equal rules have equal texts.
  public var text: String {
    var lines = [
      Self.heading, "payload \(limits.payload)", "nesting \(limits.nesting)",
      "future_skew_ms \(limits.futureSkew.milliseconds)", "oldest_age_ms \(limits.oldestAge.milliseconds)",
    ]
    lines += sources.map(\.text)
    return lines.joined(separator: "\n") + "\n"
  }

  /// Reads rules from their text. Throws what is wrong with it.
  public init(text: String) throws(DecodingRulesError) {
    var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      String(Substring($0))
    }[...]
    guard lines.popFirst() == Self.heading else {
      throw DecodingRulesError("they do not begin with '\(Self.heading)'")
    }
    func number(_ name: String, _ bounds: ClosedRange<Int64>) throws(DecodingRulesError) -> Int64 {
      guard let line = lines.popFirst(), line.hasPrefix(name + " "),
        let value = Int64(line.dropFirst(name.utf8.count + 1)), bounds.contains(value)
      else { throw DecodingRulesError("'\(name)' is missing or not what it can be") }
      return value
    }
    limits = DecodingLimits(
      payload: Int(try number("payload", 0...16 << 20)), nesting: Int(try number("nesting", 0...1000)),
      futureSkew: .milliseconds(try number("future_skew_ms", 0...Span.days(1).milliseconds)),
      oldestAge: .milliseconds(try number("oldest_age_ms", 0...Span.days(400_000).milliseconds)))
    guard lines.popLast() == "", lines.count <= 1000 else {
      throw DecodingRulesError("the last line is not complete, or there are more than 1000 sources")
    }
    sources = []
    for line in lines { sources.append(try Source(text: line)) }
    guard self.text.utf8.elementsEqual(text.utf8) else {
      throw DecodingRulesError("they are not written as they must be")
    }
  }
}

/// A text is not that of ``DecodingRules``.
public struct DecodingRulesError: Error, Equatable, CustomStringConvertible {
  /// What is wrong.
  public var description: String

  init(_ description: String) { self.description = description }
}

extension Source {
  /// The source as a line of ``DecodingRules/text``, by which it is also known between two configurations.
  public var text: String {
    switch format {
    case .status, .presence: "source \(format.name)\t\(template)"
    case .other(let name, let settings): "source \(name)\t\(template)\t\(settings.escaped)"
    }
  }

  init(text: String) throws(DecodingRulesError) {
    let parts = text.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map {
      String(Substring($0))
    }
    guard (2...3).contains(parts.count), parts[0].hasPrefix("source ") else {
      throw DecodingRulesError("a line is not that of a source")
    }
    let name = String(parts[0].dropFirst(7))
    switch (name, parts.count) {
    case ("status", 2): format = .status
    case ("presence", 2): format = .presence
    case (_, 3): format = .other(name: name, settings: parts[2].unescaped)
    default: throw DecodingRulesError("\(UnknownFormat(name: name))")
    }
    do throws(TopicTemplateError) { template = try TopicTemplate(parts[1]) } catch {
      throw DecodingRulesError("\(error)")
    }
  }
}

extension String {
  /// Without tabs and line ends.
  fileprivate var escaped: String {
    unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "\\": text += "\\\\"
      case "\t": text += "\\t"
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }

  /// The text whose ``escaped`` form this is.
  fileprivate var unescaped: String {
    var isEscape = false
    return unicodeScalars.reduce(into: "") { text, scalar in
      if isEscape {
        text.unicodeScalars.append(scalar == "t" ? "\t" : scalar == "n" ? "\n" : scalar)
        isEscape = false
      } else if scalar == "\\" {
        isEscape = true
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }
}
