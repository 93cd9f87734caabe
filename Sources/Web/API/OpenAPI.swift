import Reporting

/// The API's description (OpenAPI 3.1), made from the table of routes.
package enum OpenAPI {
  package static let path = "\(API.root)/openapi.json"

  /// The document of the routes that have an operation.
  package static func document(_ routes: [Route], version: String) -> String {
    let paths = routes.filter { !$0.operation.isEmpty }.map {
      ($0.template, JSON.object([("get", operation($0))]))
    }
    let document = JSON.object([
      ("openapi", .string("3.1.0")),
      (
        "info",
        .object([
          ("title", .string("Millwright")), ("version", .string(version)),
          (
            "description",
            .string("Figures of a district as counts: the same as of 'millwright report --format json'.")
          ),
        ])
      ),
      ("paths", .object(paths.map { (key: $0.0, value: $0.1) })),
      ("components", .object([("schemas", .object(schemas))])),
    ])
    return document.serialized() + "\n"
  }

  private static func operation(_ route: Route) -> JSON {
    let hasPlace = !route.pathParameters.isEmpty || route.schema != "Status"
    var responses: [(key: String, value: JSON)] = [
      ("200", answer("The answer.", "application/json", route.schema)),
      ("304", .object([("description", .string("The peer has the answer of this moment."))])),
    ]
    responses.append(("400", problem("The path or a parameter is not valid.")))
    responses.append(("401", problem("Nobody is logged in.")))
    if hasPlace { responses.append(("404", problem("It does not exist for this viewer."))) }
    responses.append(("503", problem("The server is busy.")))
    return .object([
      ("operationId", .string(route.operation)), ("summary", .string(route.summary)),
      ("parameters", .array(route.pathParameters.map(inPath) + route.parameters.map(inQuery))),
      ("responses", .object(responses)),
    ])
  }

  private static func answer(_ description: String, _ type: String, _ schema: String) -> JSON {
    let reference = JSON.object([("$ref", .string("#/components/schemas/\(schema)"))])
    return .object([
      ("description", .string(description)),
      ("content", .object([(type, .object([("schema", reference)]))])),
    ])
  }

  private static func problem(_ description: String) -> JSON {
    answer(description, "application/problem+json", "Problem")
  }

  private static func inPath(_ name: String) -> JSON {
    .object([
      ("name", .string(name)), ("in", .string("path")), ("required", .boolean(true)),
      ("schema", .object([("type", .string("string")), ("minLength", .integer(1))])),
    ])
  }

  private static func inQuery(_ parameter: Route.Parameter) -> JSON {
    let schema: [(key: String, value: JSON)] =
      switch parameter.kind {
      case .text: [("type", .string("string"))]
      case .integer(let range):
        [
          ("type", .string("integer")), ("minimum", .integer(range.lowerBound)),
          ("maximum", .integer(range.upperBound)),
        ]
      case .words(let words):
        [("type", .string("string")), ("enum", .array(words.map { .string($0) }))]
      case .place: [("type", .string("string")), ("pattern", .string("^(0|[1-9][0-9]{0,17})$"))]
      }
    return .object([
      ("name", .string(parameter.name)), ("in", .string("query")),
      ("description", .string(parameter.summary)), ("schema", .object(schema)),
    ])
  }

  // MARK: Schemas

  private enum Kind {
    case text, textOrNull, number, list, object, objectOrNull

    var json: JSON {
      switch self {
      case .text: .object([("type", .string("string"))])
      case .textOrNull: .object([("type", .array([.string("string"), .string("null")]))])
      case .number: .object([("type", .string("integer")), ("minimum", .integer(0))])
      case .list: .object([("type", .string("array")), ("items", .object([("type", .string("object"))]))])
      case .object: .object([("type", .string("object"))])
      case .objectOrNull: .object([("type", .array([.string("object"), .string("null")]))])
      }
    }
  }

  private static func schema(_ members: [(name: String, kind: Kind)]) -> JSON {
    .object([
      ("type", .string("object")), ("required", .array(members.map { .string($0.name) })),
      ("properties", .object(members.map { (key: $0.name, value: $0.kind.json) })),
    ])
  }

  private static func list(_ name: String, _ others: [(name: String, kind: Kind)] = []) -> JSON {
    schema(
      [("schema", .text), ("as_of", .text), ("total", .number)] + others
        + [(name, .list), ("next", .textOrNull)])
  }

  private static var schemas: [(key: String, value: JSON)] {
    [
      (
        "Report",
        schema([
          ("schema", .text), ("scope", .object), ("as_of", .text), ("known_at", .text), ("period", .object),
          ("metrics", .object), ("buckets", .object), ("policies", .list), ("workshops", .list),
          ("provenance", .object),
        ])
      ),
      (
        "Status",
        schema([
          ("schema", .text), ("collector", .text), ("gone_since", .textOrNull), ("version", .text),
          ("status", .objectOrNull),
        ])
      ),
      ("Factories", list("factories")), ("EquipmentList", list("equipment")),
      ("Quarantine", list("refusals")),
      ("Arrivals", list("topics", [("since", .textOrNull), ("messages", .number), ("sources", .list)])),
      ("Evidence", list("days")),
      (
        "Alerts",
        schema([("schema", .text), ("alerts", .list), ("failures", .list), ("silences", .list)])
      ),
      (
        "Problem",
        schema([
          ("type", .text), ("title", .text), ("status", .number), ("detail", .text), ("instance", .text),
        ])
      ),
    ]
  }
}
