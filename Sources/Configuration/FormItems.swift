import Aggregation
import Decoding
import Telemetry

/// Reads the sections, items and cells of a form's file. Problems are collected, so that all are reported at once.
struct FormItems {
  let file: String
  /// The policies that cells name are looked for beside this configuration.
  let configuration: String
  /// Of items that state none.
  let certainty: Form.Certainty
  /// Problems within the files of policies.
  private(set) var policyProblems: [SettingsErrors.Problem] = []
  /// Policies that were read, by name; nil for one that is missing or wrong.
  private var policies: [String: Policy?] = [:]
  private var numbers: Set<String> = []
  private var cells = 0

  /// Maximum number of cells of a form; more would be no form that a person fills in.
  static let mostCells = 1000
  /// Maximum number of options of a cell.
  static let mostOptions = 100

  init(file: String, configuration: String, certainty: Form.Certainty) {
    self.file = file
    self.configuration = configuration
    self.certainty = certainty
  }

  /// A section; nil if it lacks something, with a problem.
  mutating func section(
    _ tree: SettingsTree, name: String, _ problems: inout [SettingsProblem]
  ) -> Form.Section? {
    guard var section = SettingsSection(tree, name: name, &problems) else { return nil }
    let title = section.wording("title", isRequired: true, &problems)
    let elements = section.elements("items", "a list of items", &problems)
    let items = elements.compactMap { item($0.tree, name: $0.name, &problems) }
    section.finish(&problems)
    return title.map { Form.Section(title: $0, items: items) }
  }

  private mutating func item(
    _ tree: SettingsTree, name: String, _ problems: inout [SettingsProblem]
  ) -> Form.Item? {
    guard var section = SettingsSection(tree, name: name, &problems) else { return nil }
    let number = section.requiredText("number", "the item's number in the form, such as 3.1", &problems)
    if let number, !numbers.insert(number.text).inserted {
      problems.append(SettingsProblem(number.place, "\(number.name): another item has this number"))
    }
    let title = section.wording("title", isRequired: true, &problems)
    let note = section.wording("note", &problems)
    let certainty = section.certainty(&problems) ?? certainty
    let elements = section.elements("cells", "a list of cells", &problems)
    let cells = elements.compactMap { cell($0.tree, name: $0.name, certainty, &problems) }
    section.finish(&problems)
    guard let number, let title else { return nil }
    return Form.Item(number: number.text, title: title, note: note, certainty: certainty, cells: cells)
  }

  private mutating func cell(
    _ tree: SettingsTree, name: String, _ certainty: Form.Certainty, _ problems: inout [SettingsProblem]
  ) -> Form.Cell? {
    guard var section = SettingsSection(tree, name: name, &problems) else { return nil }
    cells += 1
    if cells == Self.mostCells + 1 {
      problems.append(SettingsProblem(section.place, "\(name): a form has at most \(Self.mostCells) cells"))
    }
    let before = problems.count
    let words = Word.allCases.map { (word: $0.rawValue, value: $0) }
    guard
      section.required(
        "kind", "one of \(words.map(\.word).joined(separator: ", "))", &problems) != nil,
      let word = section.word("kind", among: words, &problems)
    else { return nil }
    let certainty = section.certainty(&problems) ?? certainty
    let label = section.wording("label", isRequired: word.needsLabel, &problems)
    let kind = kind(word, &section, &problems)
    section.finish(&problems)
    guard let kind, problems.count == before, cells <= Self.mostCells else { return nil }
    return Form.Cell(label: label, kind: kind, certainty: certainty)
  }

  /// The words for kinds of cells.
  private enum Word: String, CaseIterable {
    case count, ratio, points, verdict, text, choice, number, free

    /// Whether nothing but the label says what the cell is for.
    var needsLabel: Bool { [.count, .number, .free].contains(self) }
  }

  private mutating func kind(
    _ word: Word, _ section: inout SettingsSection, _ problems: inout [SettingsProblem]
  ) -> Form.Kind? {
    switch word {
    case .count:
      let metric = section.metric(&problems)
      let parts = Form.Part.allCases.map { (word: $0.rawValue, value: $0) }
      guard section.required("part", "numerator or denominator", &problems) != nil,
        let part = section.word("part", among: parts, &problems), let metric
      else { return nil }
      return .count(metric, part)
    case .ratio: return section.figure(Form.Figure.all, &problems).map(Form.Kind.ratio)
    case .points, .verdict: return rule(word, &section, &problems)
    case .text: return section.wording("text", isRequired: true, &problems).map(Form.Kind.text)
    case .choice: return choice(&section, &problems)
    case .number:
      let unit = section.wording("unit", &problems)
      let each = section.points("points_each", &problems)
      let most = section.points("points_most", &problems)
      if each != nil, most == nil {
        problems.append(
          SettingsProblem(
            section.place, "\(section.name(of: "points_most")) is missing: points_each needs a maximum"))
      }
      return .number(unit: unit, most.map { Form.Scale(each: each, most: $0) })
    case .free: return .free
    }
  }

  private func choice(
    _ section: inout SettingsSection, _ problems: inout [SettingsProblem]
  ) -> Form.Kind? {
    let several = section.word("ticks", among: [("one", false), ("several", true)], &problems) ?? false
    let most = section.points("points_most", &problems)
    let elements = section.elements("options", "a list of options", &problems)
    if elements.count > Self.mostOptions {
      problems.append(
        SettingsProblem(
          section.place, "\(section.name(of: "options")): a cell has at most \(Self.mostOptions) options"))
    }
    let options = elements.compactMap { element -> Form.Option? in
      guard var option = SettingsSection(element.tree, name: element.name, &problems) else { return nil }
      let before = problems.count
      let text = option.wording("text", &problems)
      let points = option.points("points", &problems)
      let isUnstated = text == nil && points == nil && problems.count == before
      option.finish(&problems)
      if isUnstated {
        problems.append(
          SettingsProblem(option.place, "\(element.name): an option needs text_zh and text_en, or points"))
      }
      return Form.Option(text: text, points: points)
    }
    return .choice(options, ticksSeveral: several, most: most)
  }

  /// A cell that rests on a rule of a policy.
  private mutating func rule(
    _ word: Word, _ section: inout SettingsSection, _ problems: inout [SettingsProblem]
  ) -> Form.Kind? {
    let metric = section.metric(&problems)
    guard let named = section.requiredText("policy", "a policy's name, or the path of its file", &problems),
      let policy = policy(named, &problems), let metric
    else { return nil }
    let hasPoints = policy.bands.contains { $0.metric == metric && $0.points != nil }
    let hasRule =
      policy.rules.contains { $0.metric == metric } || policy.bands.contains { $0.metric == metric }
    guard word == .points ? hasPoints : hasRule else {
      let what = word == .points ? "points for" : "rule or band of"
      problems.append(
        SettingsProblem(named.place, "\(named.name): '\(named.text)' has no \(what) \(metric.key)"))
      return nil
    }
    return word == .points ? .points(policy, metric) : .verdict(policy, metric)
  }

  private mutating func policy(_ named: SettingsWord, _ problems: inout [SettingsProblem]) -> Policy? {
    if let known = policies[named.text] { return known }
    policies[named.text] = .some(nil)
    do throws(SettingsErrors) {
      guard let policy = try PolicyFile.load(named.text, besides: configuration) else {
        let missing = PolicyFile.files.missing(named.text, besides: configuration)
        problems.append(SettingsProblem(named.place, "\(named.name): \(missing)"))
        return nil
      }
      policies[named.text] = policy
      return policy
    } catch {
      policyProblems += error.problems
      return nil
    }
  }
}

extension SettingsSection {
  /// A text in both languages, `KEY_zh` and `KEY_en`; nil, with a problem, if only one is given.
  fileprivate mutating func wording(
    _ key: String, isRequired: Bool = false, _ problems: inout [SettingsProblem]
  ) -> Form.Wording? {
    let keys = ["\(key)_zh", "\(key)_en"]
    let given = keys.map { optional($0) != nil }
    guard isRequired || given.contains(true) else { return nil }
    let texts = keys.map { requiredText($0, "text", &problems)?.text }
    guard let chinese = texts[0], let english = texts[1] else { return nil }
    return Form.Wording(chinese: chinese, english: english)
  }

  fileprivate mutating func requiredText(
    _ key: String, _ expected: String, _ problems: inout [SettingsProblem]
  ) -> SettingsWord? {
    guard let tree = required(key, expected, &problems) else { return nil }
    return SettingsWord(tree, name: name(of: key), expected, &problems)
  }

  fileprivate mutating func certainty(_ problems: inout [SettingsProblem]) -> Form.Certainty? {
    word("certainty", among: Form.Certainty.allCases.map { ($0.rawValue, $0) }, &problems)
  }

  /// The elements of a list with their names in messages; none, with a problem, if the key has no list.
  fileprivate mutating func elements(
    _ key: String, _ expected: String, _ problems: inout [SettingsProblem]
  ) -> [(tree: SettingsTree, name: String)] {
    guard let tree = required(key, expected, &problems) else { return [] }
    guard case .list(let elements) = tree.content, !elements.isEmpty else {
      problems.append(
        SettingsProblem(tree.place, "\(name(of: key)) must be \(expected), not \(tree.shown)"))
      return []
    }
    return elements.enumerated().map { ($1, "\(name(of: key))[\($0)]") }
  }

  fileprivate mutating func metric(_ problems: inout [SettingsProblem]) -> Metric? {
    figure(Form.Figure.all.filter { $0.metric != nil }, &problems)?.metric
  }

  fileprivate mutating func figure(
    _ figures: [Form.Figure], _ problems: inout [SettingsProblem]
  ) -> Form.Figure? {
    guard required("metric", "a figure's key, such as digitalization_ratio", &problems) != nil else {
      return nil
    }
    return word("metric", among: figures.map { ($0.key, $0) }, &problems)
  }

  /// Thousandths of a point, at most 1000 points.
  fileprivate mutating func points(_ key: String, _ problems: inout [SettingsProblem]) -> Int64? {
    let expected = "points from 0 to 1000 with at most three decimals"
    guard let word = text(key, expected, &problems) else { return nil }
    if let points = Thousandths.value(word.text), points <= 1_000_000 { return points }
    problems.append(SettingsProblem(word.place, "\(word.name) must be \(expected), not '\(word.text)'"))
    return nil
  }
}
