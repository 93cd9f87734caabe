import Aggregation
import Journal
import Reporting
import Storage
import Telemetry

/// Answers of the API: the same counts as `--format json`.
struct API: Sendable {
  let site: WebSite

  /// The beginning of the paths of its routes.
  static let root = "/api/v1"

  /// The routes, in the order of their description.
  var routes: [Route] {
    [
      route("/status", .viewers, "status", "How the collector is doing.", "Status") { try status($0) },
      route("/district", .district, "district", "The district's report of the last 30 days.", "Report") {
        try district($0)
      },
      route(
        "/factories", .viewers, "factories", "Factories with their figures, ascending by id.", "Factories",
        Paging.parameters()
      ) { try factories($0) },
      route("/factories/{factory}", .factory, "factory", "A factory's report of the last 30 days.", "Report")
      {
        try report($0, on: .factory($0.value("factory")))
      },
      route(
        "/factories/{factory}/equipment", .factory, "factoryEquipment",
        "A factory's equipment, ascending by id: whether and why it is counted.", "EquipmentList",
        Paging.parameters()
      ) { try equipment($0) },
      route(
        "/equipment/{factory}/{equipment}", .factory, "equipment",
        "The report on one equipment: why it is counted, or not.", "Report"
      ) { call in
        let key = EquipmentKey(factory: call.value("factory"), equipment: call.value("equipment"))
        return try report(call, on: .equipment(key))
      },
      route(
        "/quarantine", .viewers, "quarantine",
        "Refused messages by sender and fault, the most frequent first, each with its remedy.", "Quarantine",
        Paging.parameters(.place)
      ) { try quarantine($0) },
      route(
        "/arrivals", .viewers, "arrivals",
        "Topics of the newest messages, those with refused ones first; and sources that would read the others.",
        "Arrivals",
        Paging.parameters(.place)
      ) { try arrivals($0) },
      route(
        "/evidence", .viewers, "evidence", "Roots of closed days, ascending.", "Evidence",
        Paging.parameters()
      ) { try evidence($0) },
      route(
        "/alerts", .district, "alerts",
        "Alerts that last or ended in the last days, messages that were not delivered, and silences.",
        "Alerts"
      ) { try alerts($0) },
    ]
  }

  private func route(
    _ path: String, _ access: Route.Access, _ operation: String, _ summary: String, _ schema: String,
    _ parameters: [Route.Parameter] = [], _ respond: @escaping @Sendable (RouteCall) throws -> WebResponse
  ) -> Route {
    let all = parameters + [Route.Parameter("lang", .words(["en", "zh"]), "Language of texts.")]
    return Route(
      Self.root + path, access, operation: operation, summary: summary, parameters: all, schema: schema
    ) { call in
      for parameter in all { try parameter.check(call.request) }
      return try respond(call)
    }
  }

  // MARK: Answers

  private func status(_ call: RouteCall) throws -> WebResponse {
    let view = CollectorView(of: site.store, now: site.now())
    var since: Timestamp?
    if case .gone(let instant) = view.state { since = instant }
    var members: [(key: String, value: JSON)] = [
      ("schema", .string("millwright.web-status/1")), ("collector", .string(view.state.key)),
      ("gone_since", .text(since.map(site.calendar.rfc3339))),
      ("version", .string(site.version)),
    ]
    // Its lines name machines of all factories.
    let status = call.viewer == .district ? try view.status?.text : nil
    guard let status else {
      members.append(("status", .null))
      return Self.response(JSON.object(members).serialized() + "\n")
    }
    let open = JSON.object(members).serialized().dropLast()
    return Self.response("\(open),\"status\":\(status.dropLast())}\n")
  }

  private func district(_ call: RouteCall) throws -> WebResponse {
    let snapshot = try site.snapshot()
    return try tagged(call, snapshot.moment) {
      guard let report = snapshot.report else { throw WebProblem.noData }
      return JSONRenderer().render(report)
    }
  }

  private func factories(_ call: RouteCall) throws -> WebResponse {
    let paging = try Paging(call.request)
    let snapshot = try site.snapshot()
    return try tagged(call, snapshot.moment) {
      guard let report = snapshot.report, case .district(let ranking) = report.contents else {
        throw WebProblem.noData
      }
      let seen = ranking.factories.filter { call.viewer.sees(factory: $0.factory.id) }
        .sorted { $0.factory.id < $1.factory.id }
      let (part, next) = paging.part(of: seen) { $0.factory.id }
      return list(
        "factories", report, [("factories", .array(part.map(JSONRenderer.factory)))], total: seen.count, next)
    }
  }

  private func report(_ call: RouteCall, on scope: ReportScope) throws -> WebResponse {
    let moment = try site.snapshot().moment
    return try tagged(call, moment) { JSONRenderer().render(try site.report(on: scope, at: moment)) }
  }

  private func equipment(_ call: RouteCall) throws -> WebResponse {
    let paging = try Paging(call.request)
    let moment = try site.snapshot().moment
    return try tagged(call, moment) {
      let report = try site.report(on: .factory(call.value("factory")), at: moment)
      let all = report.equipment.sorted { $0.key < $1.key }
      let (part, next) = paging.part(of: all) { $0.key.equipment }
      return list(
        "equipment", report, [("equipment", .array(part.map { EquipmentJSON.value($0, report) }))],
        total: all.count, next)
    }
  }

  /// A list of a report's moment.
  private func list(
    _ kind: String, _ report: Report, _ elements: [(key: String, value: JSON)], total: Int, _ next: String?
  ) -> String {
    Self.list(kind, asOf: report.calendar.rfc3339(report.asOf), elements, total: total, next)
  }

  static func list(
    _ kind: String, asOf: String, _ elements: [(key: String, value: JSON)], total: Int, _ next: String?
  ) -> String {
    let members: [(key: String, value: JSON)] = [
      ("schema", .string("millwright.\(kind)/1")), ("as_of", .string(asOf)), ("total", .integer(total)),
    ]
    return JSON.object(members + elements + [("next", .text(next))]).serialized() + "\n"
  }

  // MARK: Heads

  /// The answer with a tag of its moment; without a body if the peer has it already.
  func tagged(_ call: RouteCall, _ moment: Moment, _ body: () throws -> String) throws -> WebResponse {
    let tag = call.tag(moment.tag)
    let headers: [(name: String, value: String)] = [
      ("etag", tag), ("cache-control", "private, no-cache"),
      ("vary", "Accept-Language, Cookie, Authorization"),
    ]
    if call.has(tag) { return WebResponse(status: 304, headers: headers) }
    return Self.response(try body(), headers)
  }

  static func response(_ text: String, _ headers: [(name: String, value: String)] = []) -> WebResponse {
    .text(text, type: "application/json", headers: headers)
  }
}

extension RouteCall {
  /// A tag of what a viewer sees at an address at a moment (RFC 9110, 8.8.3).
  package func tag(_ moment: String) -> String {
    let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    return
      "\"\(moment)-\(Moment.tag("\(request.path)?\(query) \(language.rawValue) \(viewer) \(account ?? "")"))\""
  }
}

extension CollectorView.State {
  /// The word in JSON.
  var key: String {
    switch self {
    case .collecting: "collecting"
    case .disconnected: "disconnected"
    case .starting: "starting"
    case .gone: "gone"
    case .stopped: "stopped"
    case .never: "never_started"
    }
  }
}

extension WebProblem {
  static let noData = WebProblem(
    404, "no-data", title: ("There are no figures yet", "尚无数据"),
    detail: (
      "Import the register with 'millwright register import', and start 'millwright collect'.",
      "请运行 millwright register import 导入台账，并运行 millwright collect 启动采集器。"
    ))
}
