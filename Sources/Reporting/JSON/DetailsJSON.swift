import Aggregation
import Register
import Telemetry

/// A period step by step as JSON. Each list has one number per step.
enum DetailsJSON {
  static func value(_ details: PeriodDetails, _ calendar: LocalCalendar) -> JSON {
    let places = details.places.sorted { ($0.key.workshop, $0.key.line) < ($1.key.workshop, $1.key.line) }
    return .object([
      (
        "steps",
        .array(
          details.steps.days.map {
            .object([
              ("from", .string($0.lowerBound.description)), ("to", .string($0.upperBound.description)),
            ])
          })
      ),
      ("lines", .array(places.map(line))),
      ("worst", .array(details.worst.map(worst))),
      (
        "gateway_incidents",
        details.incidents.map { .array($0.map { incident($0, calendar) }) } ?? .null
      ),
    ])
  }

  private static func line(_ place: ProductionCalendar.Place, _ steps: [StepFigures]) -> JSON {
    func list(_ value: (StepFigures) -> Int64) -> JSON { .array(steps.map { .integer(Int(value($0))) }) }
    return .object([
      ("workshop", .string(place.workshop)), ("line", .string(place.line)),
      ("on_ms", list(\.connectivity.on)), ("off_ms", list(\.connectivity.off)),
      ("unobserved_ms", list(\.connectivity.unobserved)),
      ("kwh", .array(steps.map { .string(Thousandths.text($0.energy)) })),
    ])
  }

  private static func worst(_ one: EquipmentStates) -> JSON {
    .object([
      ("equipment", .string(one.equipment)), ("workshop", .string(one.workshop)), ("line", .string(one.line)),
      ("on_ms", .integer(Int(one.connectivity.on))), ("off_ms", .integer(Int(one.connectivity.off))),
      ("unobserved_ms", .integer(Int(one.connectivity.unobserved))),
    ])
  }

  private static func incident(_ incident: GatewayIncident, _ calendar: LocalCalendar) -> JSON {
    .object([
      ("gateway", .string(incident.gateway)), ("from", .string(calendar.rfc3339(incident.from))),
      ("to", .text(incident.until.map(calendar.rfc3339))),
      ("equipment", .array(incident.equipment.map { .string($0) })),
    ])
  }
}
