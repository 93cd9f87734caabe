import Foundation

/// The register and the messages of a district of 179 factories: three of them over thirty days until now, a third
/// of the others in the last day.
struct DistrictStory {
  static let factories = 179
  /// Factories whose machines report over thirty days.
  private static let long = 1...3
  private static let step: Int64 = 30 * 60_000

  /// Milliseconds UTC at which the story ends; whole minutes.
  let end: Int64

  static func id(_ number: Int) -> String {
    "F" + String(repeating: "0", count: number < 10 ? 2 : number < 100 ? 1 : 0) + "\(number)"
  }

  // MARK: The register

  private static let places = [
    ("渝北", "Yubei"), ("两江", "Liangjiang"), ("璧山", "Bishan"), ("江津", "Jiangjin"), ("永川", "Yongchuan"),
    ("涪陵", "Fuling"), ("万州", "Wanzhou"), ("长寿", "Changshou"), ("合川", "Hechuan"), ("南川", "Nanchuan"),
  ]
  private static let trades = [
    ("精密机械厂", "Precision Machinery", "机械"), ("齿轮厂", "Gears", "汽车"), ("汽车零部件厂", "Car Parts", "汽车"),
    ("电子厂", "Electronics", "电子"), ("压铸厂", "Die Casting", "机械"), ("模具厂", "Moulds", "机械"),
    ("仪表厂", "Instruments", "电子"), ("轴承厂", "Bearings", "机械"), ("电机厂", "Motors", "机械"),
    ("显示器件厂", "Displays", "电子"), ("橡胶制品厂", "Rubber", "化工"), ("涂料厂", "Coatings", "化工"),
    ("玻璃厂", "Glass", "材料"), ("铝材厂", "Aluminium", "材料"), ("铜材厂", "Copper", "材料"),
    ("食品机械厂", "Food Machinery", "机械"), ("医疗器械厂", "Medical Devices", "医药"), ("制药厂", "Pharmaceuticals", "医药"),
  ]

  /// `factories.csv`.
  static var factoriesCSV: String {
    (1...factories).reduce(into: "factory_id,name_zh,name_en,industry\n") { text, number in
      let (place, trade) = (places[(number - 1) % places.count], trades[(number - 1) / places.count])
      text += "\(id(number)),\(place.0)\(trade.0),\(place.1) \(trade.1),\(trade.2)\n"
    }
  }

  /// `equipment.csv`: six machines in each factory with a long story, three in the others.
  static var equipmentCSV: String {
    var text =
      "equipment_id,factory_id,workshop,line,name,category,automation,intelligent,digital,connectable,report_interval_s\n"
    for number in 1...factories {
      let isLong = long.contains(number)
      for machine in 1...(isLong ? 6 : 3) {
        text +=
          "E\(machine),\(id(number)),W0\(machine <= 3 ? 1 : 2),L1,\(["数控车床", "加工中心", "压力机"][machine % 3]),machine,"
        text += machine == 3 ? "manual,no,yes,\(isLong ? "no" : "yes")" : "automatic,no,yes,yes"
        text += isLong ? ",1800\n" : ",86400\n"
      }
    }
    return text
  }

  // MARK: The messages

  private struct Happening: Encodable {
    struct Message: Encodable {
      var at: Int64
      var topic: String
      var payload: Data
      var retained = false
    }
    var kind: String
    var at: Int64
    var messages: [Message]?
  }

  /// Lines for audit-feed.
  func lines() throws -> String {
    let encoder = JSONEncoder()
    var text = ""
    func add(_ happening: Happening) throws {
      text += String(decoding: try encoder.encode(happening), as: UTF8.self) + "\n"
    }
    let steps: Int64 = 30 * 48
    let begin = end - steps * Self.step
    try add(Happening(kind: "connected", at: begin))
    for step in 0...steps {
      let at = begin + step * Self.step
      let messages = messages(step, at, left: steps - step)
      if !messages.isEmpty { try add(Happening(kind: "window", at: at, messages: messages)) }
      try add(Happening(kind: "observed", at: at))
    }
    try add(Happening(kind: "stopped", at: end))
    return text
  }

  /// The messages of one half hour, with so many left.
  private func messages(_ step: Int64, _ at: Int64, left: Int64) -> [Happening.Message] {
    var messages: [Happening.Message] = []
    func say(_ place: String, _ payload: String) {
      messages.append(.init(at: at, topic: "factory/\(place)", payload: Data(payload.utf8)))
    }
    func status(_ factory: Int, _ machine: Int, _ state: String) {
      let place = "\(Self.id(factory))/W0\(machine <= 3 ? 1 : 2)/E\(machine)/status"
      say(place, #"{"ts":\#(at - 1000),"state":"\#(state)","energy_kwh":\#(step * 3),"good":\#(step * 7)}"#)
    }
    for factory in Self.long {
      for machine in [1, 2, 4] where !(step % 48 < 4 && machine == 4) {
        let number = Int(step) + factory * 5 + machine
        status(factory, machine, number % 29 == 0 ? "fault" : number % 3 == 0 ? "idle" : "running")
      }
      // The fifth machine has been silent for five hours.
      if left > 10 { status(factory, 5, "running") }
    }
    // The day before yesterday the second factory sent what cannot be read, and on a topic of no source.
    if (96..<100).contains(left) {
      say("F002/W02/E6/status", #"{"ts":\#(at),"state":"#)
      say("F002/W02/E6/state", #"{"ts":\#(at),"state":"running"}"#)
    }
    // A third of the others, at different times of the last day.
    for factory in (Self.long.upperBound + 1)...Self.factories where left == Int64(factory % 24) {
      if factory % 3 == 2 { status(factory, 1, "running") }
      if factory % 9 == 8 { status(factory, 2, "idle") }
    }
    return messages
  }
}
