import Register
import Storage
import Telemetry

/// Members of each energy meter. A meter that several members read counts once.
///
/// The meter of a piece of equipment is the one named in its register row, else its own. All equipment that reads a
/// meter is a member of it: the sender with the meter's own id and the machines that name it.
struct MeterLedger {
  /// Equipment that reads a meter while a row of the register holds.
  struct Member {
    var id: String
    var place: ProductionCalendar.Place
    var isProduction: Bool
    /// Days whose readings count; nil when there are none.
    var days: ClosedRange<CalendarDay>?
    /// Energy by its own readings, in thousandths of a kWh; nil when it never sent energy.
    var energy: Int64?
    /// Energy for each step of the details; empty where details are not wanted.
    var steps: [Int64] = []
    /// Reads its points of this meter for merging; nil without evidence of the equipment.
    var trace: EnergyTraceLookup?
    /// Value at which its row declares the meter to restart from 0, in thousandths of a kWh; nil when it does not.
    var modulus: Int64?
  }

  /// Energy of one meter while some rows of the register hold.
  struct Share {
    var meter: String
    var segment: Int
    /// Place that the energy counts for: the meter's own, else that of the first machine by id.
    var place: ProductionCalendar.Place
    /// Production equipment among the members, ascending by id.
    var machines: [Member]
    /// Whether equipment of the meter's own id, which is no production equipment, is among the members.
    var hasOwner: Bool
    /// Thousandths of a kWh; nil when no member ever sent energy.
    var energy: Int64?
    /// Energy for each step of the details; empty where details are not wanted.
    var steps: [Int64]
  }

  private var segments: [[String: [Member]]]
  /// The steps of the details; empty where they are not wanted.
  private let steps: [ClosedRange<CalendarDay>]

  init(segments: Int, steps: [ClosedRange<CalendarDay>]) {
    self.segments = Array(repeating: [:], count: segments)
    self.steps = steps
  }

  /// Adds a member of a meter. Members of one meter must be added ascending by id.
  mutating func note(_ member: Member, of meter: String, segment: Int) {
    segments[segment][meter, default: []].append(member)
  }

  /// Returns the energy of the current factory's meters, ascending by segment and meter, and clears the members.
  mutating func settle() throws -> [Share] {
    var shares: [Share] = []
    for index in segments.indices {
      for (meter, members) in segments[index].sorted(by: { $0.key < $1.key }) {
        let machines = members.filter(\.isProduction)
        guard let first = machines.first else { continue }
        let owner = members.first { $0.id == meter }
        let (energy, steps) = try counted(members, of: owner?.modulus)
        shares.append(
          Share(
            meter: meter, segment: index, place: owner?.place ?? first.place, machines: machines,
            hasOwner: owner.map { !$0.isProduction } ?? false, energy: energy, steps: steps))
      }
      segments[index].removeAll(keepingCapacity: true)
    }
    return shares
  }

  /// Energy of the members' merged readings, in total and for each step, on days on which a machine in service reads the
  /// meter: so a day does not depend on the period around it.
  private func counted(
    _ members: [Member], of modulus: Int64?
  ) throws -> (energy: Int64?, steps: [Int64]) {
    let senders = members.filter { $0.energy != nil }
    guard let sender = senders.first else { return (nil, steps.map { _ in 0 }) }
    // A machine reads its meter on all of its own days.
    if senders.count == 1, sender.isProduction { return (sender.energy, sender.steps) }
    let machines = members.filter(\.isProduction).compactMap(\.days)
    let merged = MergedMeter(
      members: try senders.compactMap { sender in
        guard let days = sender.days else { return nil }
        let trace = try sender.trace?(nil)
        return .init(days: days, points: trace?.points ?? [], begins: trace?.begins)
      }, modulus: senders.count == 1 ? sender.modulus : modulus ?? members.compactMap(\.modulus).first)
    guard let first = merged.members.map(\.days.lowerBound).min(),
      let last = merged.members.map(\.days.upperBound).max()
    else { return (0, steps.map { _ in 0 }) }
    var byDay = merged.energy(on: first...last)
    for index in byDay.indices where !machines.contains(where: { $0.contains(first + index) }) {
      byDay[index] = 0
    }
    return (
      byDay.reduce(0) { $0.addingSaturated($1) },
      steps.map { step in
        guard step.overlaps(first...last) else { return 0 }
        let days = step.clamped(to: first...last)
        return byDay[Int(days.lowerBound.number - first.number)...Int(days.upperBound.number - first.number)]
          .reduce(0) { $0.addingSaturated($1) }
      }
    )
  }
}

/// An energy meter that several machines read, as shown in a report on one of them.
public struct SharedMeter: Equatable, Sendable {
  /// The meter's id.
  public var meter: String
  /// The other machines that read it, ascending by id.
  public var with: [String]
  /// Energy counted for all of them, in thousandths of a kWh; nil when none of them ever sent energy.
  public var energy: Int64?
}
