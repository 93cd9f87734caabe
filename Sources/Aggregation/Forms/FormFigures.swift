import Register
import Telemetry

/// Counts for the figures that forms ask for, of one group of equipment at an instant. Roll-ups add them.
///
/// Each figure exists only if the register states the attributes it needs. Equipment that does not state one stays in
/// the denominator and never counts in a numerator.
public struct FormFigures: Equatable, Sendable {
  /// A process step (工序) of a factory. The machines of a step may stand in several workshops.
  public struct Step: Hashable, Sendable {
    public var factory: String
    public var process: String
  }

  /// The production equipment of a process step.
  public struct StepCount: Equatable, Sendable {
    public var machines = 0
    /// Numerically controlled; and of them those in N.
    public var cnc = 0
    public var cncNetworked = 0
    /// Whether any of the machines is declared to carry out a key step.
    public var isKey = false
  }

  /// Production equipment that states whether it is numerically controlled.
  public var cncStated = 0
  /// Numerically controlled; and of them those in N.
  public var cnc = 0
  public var cncNetworked = 0
  /// Every named process step, key or not.
  public var steps: [Step: StepCount] = [:]
  /// Registered meters and counters; and those that delivered.
  public var points = 0
  public var pointsDelivered = 0
  /// Meters that GB 17167 requires; and those that delivered.
  public var keyMeters = 0
  public var keyMetersDelivered = 0
  /// Production equipment that declares a net asset value.
  public var valued = 0
  /// Net asset value in hundredths of a yuan: of all of it, and of that which is automatic or intelligent, digital, in N.
  public var value: Int64 = 0
  public var valueAutomated: Int64 = 0
  public var valueDigital: Int64 = 0
  public var valueNetworked: Int64 = 0

  /// Nothing counted yet.
  public init() {}

  /// Adds the counts of another group.
  public static func += (a: inout FormFigures, b: FormFigures) {
    a.cncStated += b.cncStated
    a.cnc += b.cnc
    a.cncNetworked += b.cncNetworked
    if a.steps.isEmpty { a.steps = b.steps } else { a.steps.merge(b.steps) { $0.adding($1) } }
    a.points += b.points
    a.pointsDelivered += b.pointsDelivered
    a.keyMeters += b.keyMeters
    a.keyMetersDelivered += b.keyMetersDelivered
    a.valued += b.valued
    a.value.add(saturating: b.value)
    a.valueAutomated.add(saturating: b.valueAutomated)
    a.valueDigital.add(saturating: b.valueDigital)
    a.valueNetworked.add(saturating: b.valueNetworked)
  }

  /// Key process steps all of whose machines (`any`: at least one of them) are numerically controlled, of all key steps;
  /// and of those in the numerator the ones whose numerically controlled machines are in N: all, or at least one.
  public func keySteps(any: Bool) -> (count: Count, networked: Int) {
    let key = steps.values.filter(\.isKey)
    let controlled = key.filter { $0.isControlled(any: any) }
    let networked = controlled.count { any ? $0.cncNetworked > 0 : $0.cncNetworked == $0.cnc }
    return (Count(controlled.count, of: key.count), networked)
  }

  /// The part of one step in ``keySteps(any:)``: a denominator of 0 for a step that is not key.
  public func keyStep(_ step: Step, any: Bool) -> Count {
    guard let count = steps[step], count.isKey else { return Count(0, of: 0) }
    return Count(count.isControlled(any: any) ? 1 : 0, of: 1)
  }

  /// Counts production equipment of R.
  mutating func addProduction(_ one: RegisteredEquipment, isNetworked: Bool) {
    if let isControlled = one.cnc {
      cncStated += 1
      if isControlled { cnc += 1 }
      if isControlled, isNetworked { cncNetworked += 1 }
    }
    if !one.process.isEmpty {
      var step = StepCount()
      step.machines = 1
      step.cnc = one.cnc == true ? 1 : 0
      step.cncNetworked = one.cnc == true && isNetworked ? 1 : 0
      step.isKey = one.keyProcess == true
      let name = Step(factory: one.key.factory, process: one.process)
      steps[name] = steps[name]?.adding(step) ?? step
    }
    guard let amount = one.assetValue else { return }
    valued += 1
    value.add(saturating: amount)
    if one.automation == .automatic || one.intelligent { valueAutomated.add(saturating: amount) }
    if one.digital { valueDigital.add(saturating: amount) }
    if isNetworked { valueNetworked.add(saturating: amount) }
  }

  /// Counts the meter and the counter that a row in service registers, production equipment or not.
  mutating func addPoints(
    _ one: RegisteredEquipment, _ presence: PresenceRules.Presence, _ delivered: DeliveredPoints
  ) {
    let id = one.key.equipment
    if let kind = one.meterKind {
      let isDelivered = presence.read || delivered.meters.contains(id)
      points += 1
      if isDelivered { pointsDelivered += 1 }
      if kind.isRequired {
        keyMeters += 1
        if isDelivered { keyMetersDelivered += 1 }
      }
    }
    if one.countsOutput == true, one.isProduction {
      points += 1
      if delivered.counters.contains(id) { pointsDelivered += 1 }
    }
  }
}

extension FormFigures.StepCount {
  /// Whether all of its machines, or with `any` at least one of them, are numerically controlled.
  fileprivate func isControlled(any: Bool) -> Bool { any ? cnc > 0 : cnc == machines }

  fileprivate func adding(_ other: Self) -> Self {
    var sum = self
    sum.machines += other.machines
    sum.cnc += other.cnc
    sum.cncNetworked += other.cncNetworked
    sum.isKey = isKey || other.isKey
    return sum
  }
}

/// Registered meters and counters of a factory whose values came, by equipment id.
public struct DeliveredPoints: Equatable, Sendable {
  /// Meters that have a row, of which a machine that names them sent energy that rose within the period.
  public var meters: Set<String> = []
  /// Machines declared to count output whose pieces rose within the period.
  public var counters: Set<String> = []

  /// None.
  public init() {}
}

extension Figures {
  /// A count for forms; nil if the register states nothing that it could be made of.
  func formCount(of metric: Metric) -> Count? {
    func byValue(_ part: Int64, _ isKnown: Bool = true) -> Count? {
      forms.valued > 0 ? Count(Int(part), of: isKnown ? Int(forms.value) : 0) : nil
    }
    func delivered(_ number: Int, _ all: Int) -> Count? {
      // That nothing came says nothing if nobody listened.
      all > 0 ? Count(number, of: isUnobserved && number == 0 ? 0 : all) : nil
    }
    switch metric {
    case .cncRatio: return forms.cncStated > 0 ? Count(forms.cnc, of: equipment) : nil
    case .keyProcessCNCRatio, .keyProcessCNCAnyRatio:
      let count = forms.keySteps(any: metric == .keyProcessCNCAnyRatio).count
      return count.denominator > 0 ? count : nil
    case .pointsRatio: return delivered(forms.pointsDelivered, forms.points)
    case .keyEnergyAutomaticRatio: return delivered(forms.keyMetersDelivered, forms.keyMeters)
    case .automationRatioByValue: return byValue(forms.valueAutomated)
    case .digitalizationRatioByValue: return byValue(forms.valueDigital)
    case .networkedRatioByValue: return byValue(forms.valueNetworked, isMeasured)
    default: return nil
    }
  }

  /// The part of a declared numerator that telemetry confirms: equipment, or steps with equipment, in N. nil for a figure
  /// that is not declared, and if nobody listened.
  public func confirmed(of metric: Metric) -> Int? {
    guard isMeasured, formCount(of: metric) != nil else { return nil }
    switch metric {
    case .cncRatio: return forms.cncNetworked
    case .keyProcessCNCRatio, .keyProcessCNCAnyRatio:
      return forms.keySteps(any: metric == .keyProcessCNCAnyRatio).networked
    default: return nil
    }
  }

  /// Equipment that a figure leaves out because its row lacks the attribute: an asset value, an ideal cycle, or for the
  /// latter a calendar or counters. nil for a figure that leaves out nothing.
  public func leftOut(of metric: Metric) -> Int? {
    switch metric {
    case .automationRatioByValue, .digitalizationRatioByValue, .networkedRatioByValue:
      forms.valued > 0 ? equipment - forms.valued : nil
    case .oee: time.effectiveness.declared > 0 ? time.machines - time.effectiveness.measured : nil
    default: nil
    }
  }
}
