import Telemetry

/// The roles of fields of sample messages, guessed by their names and values.
struct FieldRoles {
  /// A state's field, or two fields of which one says that the machine runs and one that it is faulty.
  enum State: Equatable {
    case field(String)
    case conditions(run: String, fault: String)
  }

  var state: State?
  /// Fields that could be the state, if none is likely.
  var candidates: [String] = []
  /// Distinct values of the state, in the order heard.
  var stateWords: [ScalarValue] = []
  var time: String?
  var timeValues: [ScalarValue] = []
  var mode: String?
  var modeWords: [ScalarValue] = []
  var energy: (id: String, factor: String)?
  var good: String?
  var total: String?
  var alarms: String?

  /// The roles of `fields`. `wantsTime`: whether the time is one of them.
  init(_ fields: FieldSamples, wantsTime: Bool) {
    if wantsTime, let found = Self.first(fields, FieldNames.time, { Self.isTime($0) }) {
      time = found.id
      timeValues = found.values
    }
    let others = fields.fields.filter { $0.id != time }
    findState(others)
    let used = [time] + Self.ids(of: state)
    let free = others.filter { !used.contains($0.id) }
    for field in free where energy == nil && Self.isNumeric(field) {
      energy = Self.energyFactor(field).map { (field.id, $0) }
    }
    let countable = free.filter { Self.energyFactor($0) == nil && Self.isNumeric($0) }
    good = Self.first(countable, FieldNames.good)?.id
    total = Self.first(countable.filter { $0.id != good }, FieldNames.total)?.id
    alarms = Self.first(free, FieldNames.alarms) { $0.isList || !$0.isTruth && !$0.values.isEmpty }?.id
    if let found = Self.first(free, FieldNames.mode, { Self.isMode($0) }) {
      mode = found.id
      modeWords = found.values
    }
  }

  /// Identifiers of the fields of a state.
  static func ids(of state: State?) -> [String] {
    switch state {
    case nil: []
    case .field(let id): [id]
    case .conditions(let run, let fault): [run, fault]
    }
  }

  private mutating func findState(_ fields: [FieldSamples.Field]) {
    let likely = fields.filter(Self.isStateLike)
    let found =
      Self.first(likely, FieldNames.state)
      ?? likely.first { field in
        let name = FieldNames.normal(field.name)
        return ["state", "status", "状态"].contains { name.contains($0) }
      }
    guard let found else {
      candidates = likely.prefix(3).map(\.id)
      return
    }
    state = .field(found.id)
    stateWords = found.values
    if found.isTruth, FieldNames.run.contains(FieldNames.normal(found.name)),
      let fault = Self.first(fields.filter(\.isTruth), FieldNames.faulty)
    {
      state = .conditions(run: found.id, fault: fault.id)
    }
  }

  private static func first(
    _ fields: [FieldSamples.Field], _ names: [String],
    _ isWanted: (FieldSamples.Field) -> Bool = { _ in true }
  ) -> FieldSamples.Field? {
    for name in names {
      if let found = fields.first(where: { FieldNames.normal($0.name) == name && isWanted($0) }) {
        return found
      }
    }
    return nil
  }

  private static func first(
    _ samples: FieldSamples, _ names: [String], _ isWanted: (FieldSamples.Field) -> Bool
  ) -> FieldSamples.Field? { first(samples.fields, names, isWanted) }

  /// The factor to kWh of a counter of energy, also of one such as Energy/Total; nil for another field.
  private static func energyFactor(_ field: FieldSamples.Field) -> String? {
    if let factor = FieldNames.energyFactor(field.name) { return factor }
    let isTotal = ["total", "value", "counter", "count"].contains(FieldNames.normal(field.name))
    return isTotal ? FieldNames.energyFactor(field.group) : nil
  }

  private static func isNumeric(_ field: FieldSamples.Field) -> Bool {
    !field.values.isEmpty
      && field.values.allSatisfy { value in
        if case .boolean = value { return false }
        return value.number != nil
      }
  }

  private static func isStateLike(_ field: FieldSamples.Field) -> Bool {
    !field.isList && !field.values.isEmpty && field.values.count < FieldSamples.mostValues
      && field.values.allSatisfy { value in
        switch value {
        case .boolean: true
        case .number(let text): Int(text).map { $0.magnitude < 1000 } ?? false
        case .text(let text): text.utf8.count <= 32 && !text.isEmpty
        }
      }
  }

  private static func isTime(_ field: FieldSamples.Field) -> Bool {
    !field.values.isEmpty && 2 * field.values.count { TimeGuess.form(of: $0) != nil } >= field.values.count
  }

  private static func isMode(_ field: FieldSamples.Field) -> Bool {
    !field.values.isEmpty && field.values.allSatisfy { FieldNames.mode($0.text) != nil }
  }
}

/// Guesses how a value states a time.
enum TimeGuess {
  enum Form: Equatable {
    case seconds, milliseconds, microseconds, nanoseconds
    /// Text with an offset from UTC.
    case text
    /// Text such as 2026-11-22 08:00:00 without an offset.
    case local

    /// The unit's word in a source's settings; nil for text.
    var unit: String? {
      switch self {
      case .seconds: "s"
      case .milliseconds: "ms"
      case .microseconds: "us"
      case .nanoseconds: "ns"
      case .text, .local: nil
      }
    }
  }

  /// The form; nil if the value states no time since 1973. The unit follows from the magnitude.
  static func form(of value: ScalarValue) -> Form? {
    if let number = value.number {
      switch number {
      case 1e8..<1e11: return .seconds
      case 1e11..<1e14: return .milliseconds
      case 1e14..<1e17: return .microseconds
      case 1e17..<1e19: return .nanoseconds
      default: return nil
      }
    }
    guard case .text(let text) = value, text.utf8.count <= 64 else { return nil }
    guard
      let match = text.wholeMatch(
        of:
          /\s*\d{4}[-\/]\d{1,2}[-\/]\d{1,2}[ Tt]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(Z|z|[+-]\d{2}(?::?\d{2})?)?\s*/
      )
    else { return nil }
    return match.output.1 == nil ? .local : .text
  }
}
