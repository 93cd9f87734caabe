/// Everything that figures are made of, in plain values: what a page of a ledger could hold. Times are
/// milliseconds UTC; days are counted from 1970-01-01 in a zone eight hours ahead.
///
/// Event times are as devices say; receipts, connections and everything else of the collector's are as its
/// own clock shows, which may be set forward or back.
struct Scenario {
  var seed: UInt64 = 0
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

    /// The same topic and payload.
    func isSameMessage(as other: Record) -> Bool {
      equipment == other.equipment && workshop == other.workshop && payload == other.payload
    }

    /// Neither retained, nor malformed, nor from a clock more than 5 min ahead or 88 days behind.
    var isAccepted: Bool {
      !retained && kind != .malformed && time <= received + 5 * 60_000 && time >= received - 88 * Scenario.day
    }
  }
  /// A connection to the broker and what came over it, in the order it came.
  struct Connection {
    enum Event {
      case message(Record)
      /// The collector noted that it was connected, though nothing came.
      case quiet(Int)
      /// The broker told how many messages it has dropped since it started.
      case drops(Int, at: Int, retained: Bool)

      var at: Int {
        switch self {
        case .message(let record): record.received
        case .quiet(let at), .drops(_, let at, _): at
        }
      }
    }
    enum Ending: Equatable {
      /// In good order: everything was acknowledged.
      case stopped(at: Int)
      case lost(at: Int)
      /// The collector was killed, and noted nothing.
      case killed
    }
    var from: Int
    /// Whether the broker had kept the session.
    var resumed: Bool
    var events: [Event] = []
    var ending = Ending.killed

    var messages: [Record] {
      events.compactMap { if case .message(let record) = $0 { record } else { nil } }
    }
  }

  var imports: [Import] = []
  var shifts: [Shift] = []
  var holidays: Set<Int> = []
  var shutdowns: [Shutdown] = []
  var connections: [Connection] = []
  /// The period's days; where it ends, excluded; the instant the report stands for; and now.
  var days: ClosedRange<Int> = 0...0
  var end = 0
  var asOf = 0
  var now = 0
  /// Whether it is as of an instant, with the days before it.
  var isCut = false

  static let day = 86_400_000
  static let offset = 8 * 3_600_000
  static func start(of day: Int) -> Int { day * Self.day - offset }
  static func day(at time: Int) -> Int {
    let local = time + offset
    return local >= 0 ? local / day : (local - day + 1) / day
  }
}
