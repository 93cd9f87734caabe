import Decoding
import Yams

/// Reads keys out of a YAML tree and the environment, strictly, collecting every problem on the way.
///
/// The keys that were read are the known ones: after the last of them, ``finish()`` reports every other key of the file
/// and every other variable of the environment. So each key is checked, and a misspelt one is found.
struct SettingsReader {
  /// A node and where it came from.
  struct Located {
    var node: Node
    var variable: String?
  }

  /// One mapping of a list.
  struct Element {
    let content: Located
    /// `sources[0]`.
    let name: String
    let list: String
  }

  private let file: String
  private let directory: String
  private let workingDirectory: String
  let root: Node
  let environment: [String: String]
  /// Keys refused with advice instead of "unknown": the dotted path and what to say.
  let advice: [String: String]
  var problems: [(position: Position, problem: SettingsErrors.Problem)] = []
  /// Every dotted path asked for, in the order asked; `sources[].format` for a list's.
  private(set) var keys: [String] = []
  var elements: [Element] = []
  var variables: Set<String> = []

  typealias Position = (line: Int, column: Int, variable: String)

  /// A reader of `root`, which stands in `file`; `directory` is where its relative paths begin.
  init(
    _ root: Node, file: String, directory: String, workingDirectory: String,
    environment: [String: String], advice: [String: String]
  ) {
    self.root = root
    self.file = file
    self.directory = directory
    self.workingDirectory = workingDirectory
    self.environment = environment.filter { $0.key.hasPrefix("MILLWRIGHT_") }
    self.advice = advice
  }

  // MARK: Reading

  /// A key that may be left out or null.
  mutating func optional<Value>(_ path: String, _ kind: SettingKind<Value>) -> Value? {
    keys.append(path)
    variables.insert(Self.variable(for: path))
    guard let found = find(path), !found.node.isNull else { return nil }
    return parse(found, kind, name: path)
  }

  /// A key with a default.
  mutating func value<Value>(_ path: String, _ kind: SettingKind<Value>, default value: Value) -> Value {
    optional(path, kind) ?? value
  }

  /// A key that must be given. `placeholder` stands in while the remaining problems are looked for.
  mutating func required<Value>(_ path: String, _ kind: SettingKind<Value>, placeholder: Value) -> Value {
    let problemsBefore = problems.count
    if let value = optional(path, kind) { return value }
    if problems.count == problemsBefore {
      complain(
        at: path, "\(path) is missing: it must be \(kind.expects)", kind.mustBe.map { "缺少 \(path)：\($0)" })
    }
    return placeholder
  }

  /// The mappings of a list, each of which may have the keys named; nil when the list is left out or none.
  /// In the environment a list is YAML text.
  mutating func elements(_ path: String, of names: [String]) -> [Element]? {
    keys.append(path)
    keys.append(contentsOf: names.map { "\(path)[].\($0)" })
    variables.insert(Self.variable(for: path))
    guard var found = find(path), !found.node.isNull else { return nil }
    if let variable = found.variable, let text = found.node.scalar?.string {
      found = Located(node: (try? Yams.compose(yaml: text)) ?? found.node, variable: variable)
    }
    guard let list = found.node.sequence, !list.isEmpty else {
      let empty = found.node.sequence == nil ? Self.shown(found.node) : "an empty one"
      add(
        found, "\(path) must be a list of sections with \(names.joined(separator: " and ")), not \(empty)",
        "\(path) 应为列表，各项含 \(names.joined(separator: "、"))")
      return nil
    }
    let listed = list.enumerated().map { index, node in
      Element(content: Located(node: node, variable: found.variable), name: "\(path)[\(index)]", list: path)
    }
    for element in listed where element.content.node.mapping == nil {
      add(
        element.content, "\(element.name) must be a section, not \(Self.shown(element.content.node))",
        "\(element.name) 应为一组键值")
    }
    elements += listed
    return listed.filter { $0.content.node.mapping != nil }
  }

  /// The values of a list; nil when the list is left out or null. In the environment a list is YAML text.
  mutating func list<Value>(_ path: String, of kind: SettingKind<Value>, called what: String) -> [Value]? {
    keys.append(path)
    variables.insert(Self.variable(for: path))
    guard var found = find(path), !found.node.isNull else { return nil }
    if let variable = found.variable, let text = found.node.scalar?.string {
      found = Located(node: (try? Yams.compose(yaml: text)) ?? found.node, variable: variable)
    }
    guard let list = found.node.sequence else {
      add(found, "\(path) must be a list of \(what), not \(Self.shown(found.node))", "\(path) 应为列表")
      return nil
    }
    return list.enumerated().compactMap { index, node in
      parse(Located(node: node, variable: found.variable), kind, name: "\(path)[\(index)]")
    }
  }

  /// A key of a list's element that must be given; nil after a problem was noted.
  mutating func required<Value>(_ key: String, in element: Element, _ kind: SettingKind<Value>) -> Value? {
    let name = "\(element.name).\(key)"
    guard let node = element.content.node.mapping?[key], !node.isNull else {
      add(
        element.content, "\(name) is missing: it must be \(kind.expects)",
        kind.mustBe.map { "缺少 \(name)：\($0)" })
      return nil
    }
    return parse(Located(node: node, variable: element.content.variable), kind, name: name)
  }

  /// A key of a list's element that may be left out or null.
  mutating func optional<Value>(_ key: String, in element: Element, _ kind: SettingKind<Value>) -> Value? {
    guard let node = element.content.node.mapping?[key], !node.isNull else { return nil }
    return parse(
      Located(node: node, variable: element.content.variable), kind, name: "\(element.name).\(key)")
  }

  /// Whether a list's element gives a key.
  func has(_ key: String, in element: Element) -> Bool {
    element.content.node.mapping?[key].map { !$0.isNull } ?? false
  }

  /// Whether a list's element has keys besides those named.
  func hasOtherKeys(than names: [String], in element: Element) -> Bool {
    element.content.node.mapping?.keys.contains { !names.contains($0.string ?? "") } ?? false
  }

  /// The settings of a list's element whose format reads its own keys, and reports those that are unknown.
  mutating func tree(of element: Element, _ problems: inout [SettingsProblem]) -> SettingsTree {
    elements.removeAll { $0.name == element.name }
    return element.content.node.settingsTree(name: element.name, SettingsTree.mostLevels, &problems)
  }

  /// Notes the problems of a list's element.
  mutating func add(_ problems: [SettingsProblem], in element: Element) {
    for problem in problems {
      if let variable = element.content.variable {
        self.problems.append(((.max, 0, variable), .init(.variable(variable), problem.message)))
      } else {
        let (line, column) = (problem.place.line, problem.place.column)
        self.problems.append(
          ((line, column, ""), .init(.file(file, line: line, column: column), problem.message)))
      }
    }
  }

  /// Notes a problem that takes several keys to see, at the key to change or, if that is absent, at the
  /// nearest section that would hold it.
  mutating func complain(at path: String, _ message: String, _ chinese: String? = nil) {
    var path = path
    while true {
      if let found = find(path) { return add(found, message, chinese) }
      guard let dot = path.lastIndex(of: ".") else { return add(nil, message, chinese) }
      path = String(path[..<dot])
    }
  }

  /// Notes a problem with a key of a list's element.
  mutating func complain(
    at key: String, in element: Element, _ message: String, _ chinese: String? = nil
  ) {
    let node = element.content.node.mapping?[key] ?? element.content.node
    add(
      Located(node: node, variable: element.content.variable), "\(element.name).\(key): \(message)",
      chinese.map { "\(element.name).\(key)：\($0)" })
  }

  /// A variable that is no key of the file, such as a secret.
  mutating func variable(_ name: String) -> String? {
    variables.insert(name)
    return environment[name]
  }

  /// Where a key's value was given: for messages about it later on.
  func origin(of path: String) -> SettingsErrors.Origin {
    find(path).map(origin) ?? .wholeFile(file)
  }

  // MARK: Places and values

  /// `MILLWRIGHT_MQTT_TLS_CA_FILE` for `mqtt.tls.ca_file`.
  static func variable(for path: String) -> String {
    "MILLWRIGHT_" + path.uppercased().replacing(".", with: "_")
  }

  private func find(_ path: String) -> Located? {
    let name = Self.variable(for: path)
    if let text = environment[name] { return Located(node: Node(text), variable: name) }
    var node = root
    for part in path.split(separator: ".") {
      guard let next = node.mapping?[String(part)] else { return nil }
      node = next
    }
    return Located(node: node, variable: nil)
  }

  private mutating func parse<Value>(_ found: Located, _ kind: SettingKind<Value>, name: String) -> Value? {
    if let scalar = found.node.scalar {
      let fromFile = found.variable == nil
      let text = SettingText(
        text: scalar.string, isQuoted: !fromFile || scalar.style != .plain,
        looksLikeOtherType: found.node.tag != Tag(.str),
        directory: fromFile ? directory : workingDirectory)
      if let value = kind.parse(text) { return value }
    }
    let shown = Self.shown(found.node)
    add(
      found, "\(name) must be \(kind.expects), not \(shown)",
      kind.mustBe.map { "\(name) \($0)，而不是 \(shown)" })
    return nil
  }

  static func shown(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar):
      // The part of a URL before an @ may be a password.
      let end = scalar.string.contains("@") ? scalar.string.firstIndex(of: ":") : nil
      let text = scalar.string[..<(end ?? scalar.string.endIndex)].prefix(60)
      return text.count == scalar.string.count ? "'\(text)'" : "'\(text)…'"
    case .sequence: return "a list"
    case .mapping: return "a section"
    case .alias: return "an alias"
    }
  }

  private func origin(_ place: Located) -> SettingsErrors.Origin {
    if let variable = place.variable { return .variable(variable) }
    guard let mark = place.node.mark else { return .wholeFile(file) }
    return .file(file, line: mark.line, column: mark.column)
  }

  mutating func add(_ place: Located?, _ message: String, _ chinese: String? = nil) {
    let origin = place.map(origin) ?? .wholeFile(file)
    let position: Position =
      switch origin {
      case .file(_, let line, let column): (line, column, "")
      case .variable(let name): (.max, 0, name)
      case .wholeFile, .unplaced: (0, 0, "")
      }
    problems.append((position, .init(origin, message, chinese)))
  }
}
