import CSimdjson
import Telemetry

/// The keys of a native status message that have a meaning.
enum StatusKey: Int, CaseIterable {
  case time, state, mode, sequence, boot, energy, good, total, alarms, factory, workshop, equipment

  /// The key as written in the message.
  var name: StaticString {
    switch self {
    case .time: "ts"
    case .state: "state"
    case .mode: "mode"
    case .sequence: "seq"
    case .boot: "boot"
    case .energy: "energy_kwh"
    case .good: "good"
    case .total: "total"
    case .alarms: "alarms"
    case .factory: "factory"
    case .workshop: "workshop"
    case .equipment: "equipment"
    }
  }

  /// A rejection for this field.
  func rejection(_ reason: RejectionReason, _ fault: Fault = .unspecified) -> Rejection {
    Rejection(reason, .fixed(name), fault)
  }
}

extension CSimdjsonField {
  /// Whether the field is missing or JSON `null`.
  var isMissing: Bool { kind == CSIMDJSON_ABSENT || kind == CSIMDJSON_NULL }

  /// The text of a string or decimal.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: text, count: length) }

  /// The fault of a field that is not text.
  var fault: Fault {
    switch kind {
    case CSIMDJSON_INTEGER, CSIMDJSON_UNSIGNED, CSIMDJSON_DECIMAL: .number
    case CSIMDJSON_OUT_OF_RANGE: .outOfRange
    default: .wrongType
    }
  }

  /// The fault of a field that is not a number of the required kind.
  var numberFault: Fault {
    switch kind {
    case CSIMDJSON_STRING: Double(String(decoding: bytes, as: UTF8.self)) == nil ? .wrongType : .textNumber
    case CSIMDJSON_INTEGER: Int64(bitPattern: integer) < 0 ? .negative : .outOfRange
    case CSIMDJSON_DECIMAL:
      if bytes.first == UInt8(ascii: "-") {
        .negative
      } else {
        (Double(String(decoding: bytes, as: UTF8.self)) ?? 0) < 9e15 ? .fraction : .outOfRange
      }
    case CSIMDJSON_UNSIGNED, CSIMDJSON_OUT_OF_RANGE: .outOfRange
    default: .wrongType
    }
  }
}
