/// Everything that figures are made of, in plain values: what a page of a ledger could hold. Times are
/// milliseconds UTC; days are counted from 1970-01-01 in a zone eight hours ahead.
struct Scenario {
  struct Row: Hashable {
    var id: String
    var workshop = "W1"
    var line = ""
    var category = "lathe"
    var automation = "automatic"
    var intelligent = false
    var digital = true
    var connectable = true
    /// Seconds.
    var interval: Int?
    var commissionedOn: Int?
    /// First day out.
    var decommissionedOn: Int?
    var energyMeter = ""
    /// Thousandths of a kWh.
    var rollover: Int?
  }
  /// A dated snapshot of the register; rows it lacks stay as they were.
  struct Import {
    var effectiveOn: Int
    var rows: [Row]
  }
  struct Shift {
    var workshop = ""
    var line = ""
    var days: ClosedRange<Int>
    var weekdays: Set<Int> = [1, 2, 3, 4, 5, 6, 7]
    /// Minutes of local time; the end may be past midnight.
    var start: Int
    var end: Int
  }
  struct Shutdown {
    var workshop = ""
    var line = ""
    var from: Int
    var until: Int
    var enteredAt: Int
  }
  enum Kind: Equatable {
    case reading(Status)
    case online
    case offline
    case malformed
  }
  struct Status: Equatable {
    var state: String
    var mode: String?
    var seq: Int?
    var boot: String?
    /// Thousandths of a kWh; pieces.
    var energy: Int?
    var good: Int?
    var total: Int?
    var alarms: [String] = []
  }
  struct Record {
    var equipment: String
    var workshop: String
    var received: Int
    /// Event time; for connections and malformed messages the receipt.
    var time: Int
    var kind: Kind
    var retained = false
    /// The message's text: equal times rank by it.
    var payload: String
  }
  /// A connection to the broker, from when it was made to the last moment it is known to have been there.
  struct Connection {
    var from: Int
    var through: Int
    /// Whether the broker had kept the session.
    var resumed: Bool
    /// Whether it was closed in good order, and so is known to have ended.
    var closed: Bool
  }

  var imports: [Import] = []
  var shifts: [Shift] = []
  var holidays: Set<Int> = []
  var shutdowns: [Shutdown] = []
  /// In the order received.
  var records: [Record] = []
  var connections: [Connection] = []
  /// The period's days, and now.
  var days: ClosedRange<Int> = 0...0
  var now = 0

  static let day = 86_400_000
  static let offset = 8 * 3_600_000
  static func start(of day: Int) -> Int { day * Self.day - offset }
  static func day(at time: Int) -> Int {
    let local = time + offset
    return local >= 0 ? local / day : (local - day + 1) / day
  }
}
