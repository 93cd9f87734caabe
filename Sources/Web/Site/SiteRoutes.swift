import Aggregation
import Alerts
import Reporting
import Telemetry

extension WebSite {
  /// The table of a server: every route that it answers.
  ///
  /// - Parameter activity: what the server has done, for the metrics.
  package func routes(
    _ access: AccountAccess, _ activity: @escaping @Sendable () -> ServerActivity
  ) -> [Route] {
    routes(with: access.routes + operatorRoutes(activity))
  }

  /// The routes of pages, reports, files and the API.
  ///
  /// - Parameter others: routes of other parts, such as a login; they come first.
  public func routes(with others: [Route] = []) -> [Route] {
    let api = API(site: self).routes
    let description = OpenAPI.document(api, version: version)
    return others + assets + views + handOuts(self) + api + [
      Route(OpenAPI.path, .viewers) { _ in API.response(description) }
    ]
  }

  private var assets: [Route] {
    Assets.all.map { asset in Route(asset.path, .open) { _ in asset.response } }
  }

  private var views: [Route] {
    [
      Route("/", .viewers) { try self.first($0) },
      Route("/events", .viewers, methods: [.get]) { call in
        WebResponse(
          headers: [("content-type", "text/event-stream"), ("x-accel-buffering", "no")],
          body: .events(
            EventRequest(
              viewer: call.viewer, language: call.language,
              newest: call.request.headers["last-event-id"] ?? call.request.parameter("since"),
              account: call.account)))
      },
      Route("/factories/{factory}", .factory) { try self.factory($0) },
      Route("/factories/{factory}/equipment/{equipment}", .factory) { try self.equipment($0) },
      Route("/arrivals", .viewers) { call in
        let page = try EquipmentQuery(call.request).page
        return try self.page(call) { snapshot in
          let arrivals = try self.arrivals(for: call.viewer, at: snapshot.moment)
          return ArrivalsPage(
            site: self, call: call, snapshot: snapshot, arrivals: arrivals,
            unread: try UnreadTopics(arrivals, in: self, factory: call.viewer.factory), page: page
          ).markup
        }
      },
      Route("/quarantine", .viewers) { call in
        let page = try EquipmentQuery(call.request).page
        return try self.page(call) { snapshot in
          QuarantinePage(
            site: self, call: call, snapshot: snapshot,
            groups: try self.refusals(for: call.viewer, at: snapshot.moment), page: page
          ).markup
        }
      },
      Route("/alerts", .district) { try self.alerts($0) },
      Route("/evidence", .viewers) { call in
        try self.page(call) { snapshot in
          EvidencePage(
            site: self, call: call, snapshot: snapshot, roots: try self.closedDays(at: snapshot.moment)
          ).markup
        }
      },
    ]
  }

  // MARK: Pages

  /// The first page: the district's, or that of the viewer's only factory.
  private func first(_ call: RouteCall) throws -> WebResponse {
    if let factory = call.viewer.factory {
      return .redirect(to: PageFrame.link("/factories/\(WebRequest.encoded(factory))", call.language))
    }
    let query = try DistrictQuery(call.request)
    let ofFactory = try EquipmentQuery(call.request)
    return try page(call) { snapshot in
      guard let report = snapshot.report, case .district(let ranking) = report.contents,
        !ranking.factories.isEmpty
      else {
        return EmptyPage(site: self, call: call, snapshot: snapshot).markup
      }
      // A district of one factory: its page has the same figures, and more.
      if ranking.factories.count == 1, !query.isWall, let only = ranking.factories.first?.factory.id {
        let report = try self.report(on: .factory(only), at: snapshot.moment)
        return FactoryPage(
          site: self, call: call, snapshot: snapshot, report: report, query: ofFactory, isFirst: true
        ).markup
      }
      return DistrictPage(site: self, call: call, snapshot: snapshot, report: report, query: query).markup
    }
  }

  private func factory(_ call: RouteCall) throws -> WebResponse {
    let query = try EquipmentQuery(call.request)
    return try page(call) { snapshot in
      let report = try self.report(on: .factory(call.value("factory")), at: snapshot.moment)
      return FactoryPage(site: self, call: call, snapshot: snapshot, report: report, query: query).markup
    }
  }

  private func alerts(_ call: RouteCall) throws -> WebResponse {
    let list = try alertList()
    // Alerts and their rules change without the store.
    let shown = list ?? AlertList(ruleProblems: ruleProblems)
    let state = list == nil && shown.ruleProblems.isEmpty ? "" : Moment.tag(shown.json(calendar))
    return try page(call, state: state) { snapshot in
      AlertsPage(site: self, call: call, snapshot: snapshot, list: list).markup
    }
  }

  private func equipment(_ call: RouteCall) throws -> WebResponse {
    let key = EquipmentKey(factory: call.value("factory"), equipment: call.value("equipment"))
    let length = try StateStrip.Length(call.request)
    return try page(call) { snapshot in
      let report = try self.report(on: .equipment(key), at: snapshot.moment)
      guard case .equipment(let equipment) = report.contents else { throw WebProblem.notFound }
      let arrivals = try self.messages(of: key, at: snapshot.moment)
      return EquipmentPage(
        site: self, call: call, snapshot: snapshot, report: report, equipment: equipment, arrivals: arrivals,
        recent: try self.states(of: key, over: length.days, at: snapshot.moment), length: length
      ).markup
    }
  }

  /// The newest messages whose topic has a machine's id as one of its levels.
  private func messages(of key: EquipmentKey, at moment: Moment) throws -> Arrivals {
    guard moment.version != nil else { return Arrivals() }
    return try Arrivals.read(store, through: newestBlock(at: moment), factory: key.factory) { topic in
      topic.split(separator: "/").contains { $0 == key.equipment }
    }
  }

  /// A page with a tag of its snapshot; without a body if the peer has it already.
  ///
  /// - Parameter state: tag of what the page shows besides the snapshot.
  private func page(
    _ call: RouteCall, state: String = "", _ markup: (Snapshot) throws -> String
  ) throws -> WebResponse {
    let snapshot = try snapshot()
    let tag = call.tag(state.isEmpty ? snapshot.id : "\(snapshot.id)-\(state)")
    let headers: [(name: String, value: String)] = [
      ("etag", tag), ("cache-control", "private, no-cache"),
      ("vary", "Accept-Language, Cookie, Authorization"),
      ("content-language", call.language.tag),
    ]
    if call.has(tag) { return WebResponse(status: 304, headers: headers) }
    return try pages.answer(PageCache.Key(call, state: state), at: snapshot) {
      WebResponse.text(try markup(snapshot), type: "text/html; charset=utf-8", headers: headers)
        .packed(for: call.request)
    }
  }

  // MARK: Reports

  private func handOuts(_ site: WebSite) -> [Route] {
    downloads.flatMap { download in
      [
        Route("/reports/district/report.\(download.ending)", .district) { call in
          try site.hand(out: download, on: .district, call)
        },
        Route("/reports/factories/{factory}/report.\(download.ending)", .factory) { call in
          try site.hand(out: download, on: .factory(call.value("factory")), call)
        },
        Route("/reports/factories/{factory}/equipment/{equipment}/report.\(download.ending)", .factory) {
          call in
          let key = EquipmentKey(factory: call.value("factory"), equipment: call.value("equipment"))
          return try site.hand(out: download, on: .equipment(key), call)
        },
      ]
    }
  }

  private func hand(out download: Download, on scope: ReportScope, _ call: RouteCall) throws -> WebResponse {
    guard let permit = permits.take() else { throw WebProblem.busy }
    defer { withExtendedLifetime(permit) {} }
    let report = try report(on: scope, at: Moment(try service.version(), at: now()), toKeep: true)
    let bytes: [UInt8]
    do { bytes = try download.render(report, call.language) } catch {
      throw WebProblem.format(download.ending, "\(error)")
    }
    let name =
      "millwright-\(scope.kind)\(scope.path.isEmpty ? "" : "-")"
      + scope.path.map { $0 == "/" ? "-" : String($0) }.joined()
    // A report in HTML has its style in itself, and needs nothing else.
    let policy =
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    let isShown = ["html", "json", "txt"].contains(download.ending)
    return WebResponse(
      headers: [
        ("content-type", download.mediaType), ("cache-control", "private, no-cache"),
        ("content-security-policy", policy),
        (
          "content-disposition",
          "\(isShown ? "inline" : "attachment"); filename=\"\(Self.fileName(name)).\(download.ending)\""
        ),
      ], body: .bytes(bytes))
  }

  /// A name with other characters than those of ids replaced.
  private static func fileName(_ name: String) -> String {
    String(decoding: name.utf8.prefix(128).map { EquipmentKey.isIDByte($0) ? $0 : 0x5F }, as: UTF8.self)
  }
}
