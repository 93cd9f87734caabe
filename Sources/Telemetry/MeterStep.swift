/// What the meters of one reading do to their sums.
struct MeterStep {
  let reading: Reading
  let equipment: EquipmentNumber
  /// Whether the device restarted before the reading.
  let rebooted: Bool
  private(set) var resets: ContiguousArray<MeterReset> = []

  init(reading: Reading, equipment: EquipmentNumber, rebooted: Bool) {
    self.reading = reading
    self.equipment = equipment
    self.rebooted = rebooted
  }

  /// A delta belongs to the later reading; the first value is the baseline. A drop of at most a
  /// thousandth within one boot is jitter and keeps the maximum; a larger one is a new baseline.
  mutating func advance(
    _ kind: MeterReset.Meter, _ meter: inout Int64?, to value: Int64?, _ sum: inout Int64
  ) {
    guard let value else { return }
    guard let last = meter else {
      meter = value
      return
    }
    if value >= last {
      sum = sum.addingSaturated(value - last)
      meter = value
    } else if rebooted || last - value > last / 1000 {
      sum = sum.addingSaturated(rebooted ? value : 0)
      resets.append(
        MeterReset(
          equipment: equipment, at: reading.time, meter: kind, last: last, value: value, rebooted: rebooted))
      meter = value
    }
  }
}

extension FixedWidthInteger {
  /// The sum, or the greatest value there is: what a faulty device counts must not wrap into nonsense.
  func addingSaturated(_ other: Self) -> Self {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
