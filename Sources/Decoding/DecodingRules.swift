import Telemetry

/// The rules by which bytes become events: the sources in the order in which they are tried, and the limits for
/// messages.
///
/// Their text form (``text``) is stored in the journal. It has a line for each limit and each source.
///
///     millwright.sources/1
///     payload 65536
///     nesting 16
///     future_skew_ms 300000
///     oldest_age_ms 7603200000
///     source status⇥factory/{factory}/{workshop}/{equipment}/status
///
/// A tab separates the format, the topic and the settings of a format that has some. A line for each entry of the naming
/// follows (``Naming/Entry/text``). Limits that only decide whether a new sender is accepted are not included: the
/// journal has each such decision with its message.
public struct DecodingRules: Hashable, Sendable {
  /// The sources in the order in which they are tried.
  public var sources: [Source]
  public var limits: DecodingLimits
  /// The register's ids for published names.
  public var naming: Naming

  /// Rules with these sources, limits and names.
  public init(sources: [Source], limits: DecodingLimits, naming: Naming = .none) {
    self.sources = sources
    self.limits = limits
    self.naming = naming
  }

  private static let heading = "millwright.sources/1"

  /// The rules as text. Equal rules have equal texts.
  public var text: String {
    var lines = [
      Self.heading, "payload \(limits.payload)", "nesting \(limits.nesting)",
      "future_skew_ms \(limits.futureSkew.milliseconds)", "oldest_age_ms \(limits.oldestAge.milliseconds)",
    ]
    lines += sources.map(\.text)
    return lines.joined(separator: "\n") + "\n" + naming.lines
  }

  /// Reads rules from their text. Throws ``DecodingRulesError`` if it is malformed.
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
    guard lines.popLast() == "" else { throw DecodingRulesError("the last line is not complete") }
    let named = lines.firstIndex { $0.hasPrefix("name ") } ?? lines.endIndex
    guard named - lines.startIndex <= 1000 else {
      throw DecodingRulesError("there are more than 1000 sources")
    }
    sources = []
    for line in lines[..<named] { sources.append(try Source(text: line)) }
    naming = try Naming(lines: lines[named...])
    guard self.text.utf8.elementsEqual(text.utf8) else {
      throw DecodingRulesError("they are not in the canonical form")
    }
  }
}

/// The text is not that of ``DecodingRules``.
public struct DecodingRulesError: Error, Equatable, CustomStringConvertible {
  /// The fault of the text.
  public var description: String

  init(_ description: String) { self.description = description }
}

extension Naming {
  /// Reads the lines of its entries.
  fileprivate init(lines: ArraySlice<String>) throws(DecodingRulesError) {
    guard !lines.isEmpty else {
      self = .none
      return
    }
    var entries: [Entry] = []
    entries.reserveCapacity(lines.count)
    for line in lines {
      guard let entry = Entry(text: line) else { throw DecodingRulesError("a line is not that of a name") }
      entries.append(entry)
    }
    do throws(NamingError) { try self.init(entries) } catch { throw DecodingRulesError("\(error)") }
  }
}

extension Source {
  /// The source as a line of ``DecodingRules/text``. It also identifies the source across configurations.
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
    let format: Format
    switch (name, parts.count) {
    case ("status", 2): format = .status
    case ("presence", 2): format = .presence
    case (_, 3): format = .other(name: name, settings: parts[2].unescaped)
    default: throw DecodingRulesError("\(UnknownFormat(name: name))")
    }
    do throws(TopicTemplateError) {
      self.init(format, template: try TopicTemplate(parts[1], format.topicForm))
    } catch {
      throw DecodingRulesError("\(error)")
    }
  }
}

extension String {
  /// The text with tabs and line ends escaped.
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

  /// The text whose ``escaped`` form is given.
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
