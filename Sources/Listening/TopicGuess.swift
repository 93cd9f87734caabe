import Decoding
import Telemetry

/// A topic template guessed from topics of one kind.
struct TopicGuess: Equatable {
  /// The names that a template must have.
  enum Needs {
    /// `{factory}` and `{equipment}`, and no wildcards.
    case native
    /// `{equipment}`.
    case equipment
    /// The payload names the equipment.
    case nothing
    /// The last level is the name of a field.
    case field
  }

  private enum Role: Equatable {
    case literal(String)
    case factory, workshop, line, equipment, any
  }

  /// The template.
  var text: String
  /// Whether the template has `{factory}`.
  var hasFactory: Bool
  /// Whether the level of `{factory}` or `{equipment}` was chosen without a sign that it is the right one.
  var isUncertain: Bool
  /// Ids of factories at the level of `{factory}`.
  var factories: [String] = []

  /// Guesses a template for topics of at least one level, each as its levels; nil if it cannot have what it needs.
  ///
  /// - Parameters:
  ///   - equipment: names of equipment in the payloads of these topics.
  ///   - factories: ids of factories that are known from elsewhere.
  ///   - workshop: the level with names of workshops, if it is known.
  init?(
    _ topics: [[String]], _ needs: Needs, equipment: [String] = [], factories: [String] = [],
    workshop: Int? = nil
  ) {
    let widths = topics.map(\.count)
    guard let least = widths.min(), let most = widths.max(), least > 0 else { return nil }
    guard least == most || needs == .nothing || needs == .field else { return nil }
    let width = needs == .field ? least - 1 : least
    guard width > 0 else { return nil }
    let levels = (0..<width).map { level in Self.distinct(topics.map { $0[level] }) }
    var plan = Plan(levels: levels, equipment: equipment, factories: factories)
    if let workshop, levels.indices.contains(workshop) { plan.roles[workshop] = .workshop }
    plan.assign(needs)
    plan.addPlaces(topics)
    guard needs == .nothing || plan.roles.contains(.equipment) else { return nil }
    hasFactory = plan.roles.contains(.factory)
    if needs == .native, !hasFactory || plan.roles.contains(.any) { return nil }
    isUncertain = plan.isUncertain
    if let place = plan.roles.firstIndex(of: .factory) { self.factories = levels[place] }
    text = plan.text(isOpen: least != most, needs)
  }

  private static func distinct(_ values: [String]) -> [String] {
    var seen: Set<String> = []
    return values.filter { seen.insert($0).inserted }
  }

  /// Whether every value has the form of a factory's id, such as F001 or plant-2.
  static func areFactories(_ values: [String]) -> Bool {
    values.allSatisfy { $0.wholeMatch(of: /(?i)(?:f|fab|fac|factory|plant|site|works)[-_]?\d+/) != nil }
  }

  /// Whether every value is the name of a factory in Chinese, such as 重庆一厂.
  static func areFactoryNames(_ values: [String]) -> Bool {
    values.allSatisfy { value in ["厂", "公司", "集团", "基地"].contains { value.hasSuffix($0) } }
  }

  /// Whether every value is the name of a part of a factory in Chinese, such as 车间一 or 二号线.
  static func arePlaceNames(_ values: [String]) -> Bool {
    values.allSatisfy { value in
      ["车间", "工段", "产线", "生产线", "园区", "厂区"].contains { value.hasPrefix($0) || value.hasSuffix($0) }
        || ["线", "楼", "区"].contains { value.hasSuffix($0) }
    }
  }

  /// Levels that are usual parts of topics and no names.
  static let keywords: Set<String> = [
    "factory", "factories", "plant", "plants", "site", "sites", "enterprise", "company", "workshop",
    "workshops", "area",
    "line", "lines", "machine", "machines", "device", "devices", "equipment", "asset", "assets", "node",
    "gateway",
    "gateways", "state", "status", "data", "telemetry", "values", "events", "event", "messages", "message",
    "json",
    "mqtt", "neuron", "kepware", "iotgateway", "nodered", "node-red", "telegraf", "opcua", "opc", "csv",
    "metrics",
    "connection", "online", "up", "pub", "publish", "report", "upload", "raw", "attributes", "rpc", "me",
    "legacy", "iot",
    "scada", "plc", "cnc", "mes", "gw", "test", "home", "heartbeat", "measurements", "umati", "opcpublisher",
    "企业", "工厂", "车间", "产线", "设备", "机床", "状态", "运行状态", "设备状态", "在线", "在线状态", "数据", "实时数据", "采集", "遥测", "上报",
    "心跳", "连接",
  ]

  static func isKeyword(_ level: String) -> Bool {
    keywords.contains(level.lowercased()) || level.wholeMatch(of: /[vV]\d+(\.\d+)*/) != nil
  }

  /// The assignment of roles to levels.
  private struct Plan {
    let levels: [[String]]
    let equipment: [String]
    let factories: [String]
    var roles: [Role?]
    var isUncertain = false

    init(levels: [[String]], equipment: [String], factories: [String]) {
      self.levels = levels
      self.equipment = equipment
      self.factories = factories
      roles = Array(repeating: nil, count: levels.count)
    }

    private func varies(_ place: Int) -> Bool { levels[place].count > 1 }
    private func isName(_ place: Int) -> Bool {
      levels[place].allSatisfy { !$0.isEmpty && !TopicGuess.isKeyword($0) }
    }
    /// Whether the level is like an id: it varies, or has a digit.
    private func isIDLike(_ place: Int) -> Bool {
      isName(place) && (varies(place) || levels[place].allSatisfy { $0.contains(where: \.isNumber) })
    }
    private func follows(_ words: [String], _ place: Int) -> Bool {
      place > 0 && levels[place - 1].allSatisfy { words.contains($0.lowercased()) }
    }
    private func matches(_ place: Int, _ pattern: Regex<Substring>) -> Bool {
      levels[place].allSatisfy { $0.wholeMatch(of: pattern) != nil }
    }
    private var free: [Int] { levels.indices.filter { roles[$0] == nil } }

    mutating func assign(_ needs: Needs) {
      let wantsEquipment = needs != .nothing
      // A level that repeats the payload's name is no factory.
      let named = levels.indices.filter { place in
        roles[place] == nil && !equipment.isEmpty && levels[place].allSatisfy { equipment.contains($0) }
      }
      if wantsEquipment, let place = named.last {
        roles[place] = .equipment
      } else {
        for place in named { roles[place] = .any }
      }
      findFactory(wantsEquipment)
      if wantsEquipment, !roles.contains(.equipment) { findEquipment() }
      findWorkshop(wantsEquipment)
      for place in free {
        let isGeneral = needs == .nothing && isIDLike(place)
        roles[place] = varies(place) || isGeneral ? .any : .literal(levels[place][0])
      }
    }

    private mutating func findFactory(_ wantsEquipment: Bool) {
      let parents = ["factory", "factories", "plant", "plants", "site", "sites", "enterprise", "company"]
      let candidates = free.filter { place in isName(place) && levels[place].allSatisfy(\.isID) }
      if let place = candidates.first(where: { place in levels[place].allSatisfy { factories.contains($0) } })
        ?? candidates.first(where: { TopicGuess.areFactories(levels[$0]) })
        ?? candidates.first(where: { follows(parents, $0) })
      {
        roles[place] = .factory
        return
      }
      // Names that are not ids are taken only to tell several factories apart: a naming file gives them ids.
      if let place = free.first(where: { place in
        varies(place) && isName(place)
          && (TopicGuess.areFactoryNames(levels[place]) || follows(parents, place))
      }) {
        roles[place] = .factory
        return
      }
      // Without a likely one: the first level that is like an id, if another one is left for the equipment.
      let names = candidates.filter(isIDLike)
      let needed = wantsEquipment && !roles.contains(.equipment) ? 2 : 1
      if names.count >= needed, factories.isEmpty || varies(names[0]), let place = names.first {
        roles[place] = .factory
        isUncertain = true
      }
    }

    private mutating func findEquipment() {
      let parents = [
        "machine", "machines", "device", "devices", "equipment", "asset", "assets", "node", "nodes", "unit",
        "units",
      ]
      let factory = roles.firstIndex(of: .factory) ?? -1
      let all = free.filter(isName)
      let machines = all.filter { place in
        !TopicGuess.arePlaceNames(levels[place]) && !TopicGuess.areFactoryNames(levels[place])
      }
      let names = machines.isEmpty ? all : machines
      let after = names.filter { $0 > factory }
      if let place = names.first(where: { follows(parents, $0) })
        ?? after.last(where: { matches($0, /(?i)(?:e|eq|m|mc|machine|device|cnc|plc)[-_]?\d+/) })
        ?? after.last(where: varies) ?? after.last(where: isIDLike)
      {
        roles[place] = .equipment
      } else if let place = after.last(where: { $0 > 0 }) ?? after.last {
        roles[place] = .equipment
        isUncertain = true
      }
    }

    /// Gives a level before the equipment the role of its workshop or line, if equipment of one name occurs at several
    /// values of the level and these are not ids. A naming file can then tell the machines apart.
    mutating func addPlaces(_ topics: [[String]]) {
      guard let last = roles.firstIndex(of: .equipment) else { return }
      for place in 0..<last where roles[place] == .any && !levels[place].allSatisfy(\.isID) {
        let factory = roles.firstIndex(of: .factory)
        var values: [[String]: String] = [:]
        let isShared = topics.contains { topic in
          let machine = [factory.map { topic[$0] } ?? "", topic[last]]
          let known = values.updateValue(topic[place], forKey: machine)
          return known != nil && known != topic[place]
        }
        guard isShared, let role = [Role.workshop, .line].first(where: { !roles.contains($0) }) else {
          continue
        }
        roles[place] = role
      }
    }

    private mutating func findWorkshop(_ wantsEquipment: Bool) {
      if !roles.contains(.workshop),
        let place = free.first(where: {
          isName($0) && levels[$0].allSatisfy(\.isID)
            && (matches($0, /(?i)(?:w|ws|workshop|hall|shop|area|bldg|building)[-_]?\d+/)
              || follows(["workshop", "workshops", "area", "hall"], $0))
        })
      {
        roles[place] = .workshop
      }
      guard wantsEquipment else { return }
      let factory = roles.firstIndex(of: .factory) ?? -1
      let last = roles.firstIndex(of: .equipment) ?? levels.count
      let between = free.filter { place in
        place > factory && place < last && factory >= 0 && isName(place) && levels[place].allSatisfy(\.isID)
      }
      if let place = between.first(where: {
        matches($0, /(?i)(?:l|line)[-_]?\d+/) || follows(["line", "lines"], $0)
      }) {
        roles[place] = .line
      }
      if !roles.contains(.workshop), let place = between.first(where: { roles[$0] == nil }) {
        roles[place] = .workshop
      }
      if !roles.contains(.line), let place = between.first(where: { roles[$0] == nil && isIDLike($0) }) {
        roles[place] = .line
      }
    }

    /// Whether a template can have a level as it is. Topics may have empty levels, braces and control characters.
    private static func canBeLiteral(_ level: String, isFirst: Bool) -> Bool {
      if level.isEmpty { return isFirst }
      return !level.unicodeScalars.contains {
        "{}+#".unicodeScalars.contains($0) || $0.value < 0x20 || (0x7F...0x9F).contains($0.value)
      }
    }

    func text(isOpen: Bool, _ needs: Needs) -> String {
      var parts = roles.enumerated().map { place, role in
        switch role {
        case .literal(let text): Self.canBeLiteral(text, isFirst: place == 0) ? text : "+"
        case .factory: "{factory}"
        case .workshop: "{workshop}"
        case .line: "{line}"
        case .equipment: "{equipment}"
        case .any, nil: "+"
        }
      }
      switch needs {
      case .field: parts.append(isOpen ? "#" : "{field}")
      case .nothing:
        let isGeneral = isOpen || parts.last == "+"
        while parts.count > 1, parts.last == "+" { parts.removeLast() }
        if isGeneral { parts.append("#") }
      case .native, .equipment: break
      }
      return parts.joined(separator: "/")
    }
  }
}
