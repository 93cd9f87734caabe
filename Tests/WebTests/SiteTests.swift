import Foundation
import Reporting
import Telemetry
import Testing
import Web

/// Every path of the site, with what it answers to a viewer of F001.
private let paths: [(path: String, ofFactory: Int)] = [
  ("/", 303), ("/factories/F001", 200), ("/factories/F002", 404), ("/factories/F001/equipment/E1", 200),
  ("/factories/F002/equipment/E1", 404), ("/arrivals", 200), ("/quarantine", 200), ("/evidence", 200),
  ("/alerts", 404), ("/api/v1/alerts", 404),
  ("/events", 200), ("/reports/district/report.json", 404), ("/reports/factories/F001/report.json", 200),
  ("/reports/factories/F002/report.json", 404), ("/reports/factories/F001/equipment/E1/report.json", 200),
  ("/reports/factories/F002/equipment/E1/report.json", 404), ("/api/v1/status", 200),
  ("/api/v1/district", 404),
  ("/api/v1/factories", 200), ("/api/v1/factories/F001", 200), ("/api/v1/factories/F002", 404),
  ("/api/v1/factories/F001/equipment", 200), ("/api/v1/factories/F002/equipment", 404),
  ("/api/v1/equipment/F001/E1", 200), ("/api/v1/equipment/F002/E1", 404), ("/api/v1/quarantine", 200),
  ("/api/v1/arrivals", 200), ("/api/v1/evidence", 200), ("/api/v1/openapi.json", 200),
]

@Suite("Pages and API of a store") struct SiteTests {
  private let office: Office

  init() throws {
    office = try Office()
    try office.fill()
  }

  @Test("Every route answers the district, and a factory only about itself", arguments: paths)
  func access(path: String, ofFactory: Int) {
    #expect(office.answer(path).status == 200)
    let answer = office.answer(path, as: .factory("F001"))
    #expect(answer.status == ofFactory)
    // Nothing of the other factory is in the answer, by whatever name.
    let text = answer.text.replacing(path, with: "")
    for word in ["F002", "Liangjiang", "两江"] { #expect(!text.contains(word), "\(word)") }
    let others = office.answer(path, as: .factory("F003")).text.replacing(path, with: "")
    for word in ["F001", "F002", "Yubei", "渝北"] { #expect(!others.contains(word), "\(word)") }
  }

  @Test("Every route of the site is in the test of access") func completeness() {
    let routes = office.site.routes().filter {
      $0.match(["assets", "x"]) == nil && !$0.template.hasPrefix("/assets/")
    }
    for route in routes {
      let isTested = paths.contains { one in
        WebRequest(target: one.path).segments.flatMap { route.match($0) } != nil
      }
      #expect(isTested, "\(route.template)")
    }
  }

  @Test("The district's page has its factories, worst first, in both languages") func district() throws {
    let page = office.answer("/?lang=en").text
    let first = try #require(page.range(of: "id=\"tile-F002\""))
    let second = try #require(page.range(of: "id=\"tile-F001\""))
    #expect(first.lowerBound < second.lowerBound)
    #expect(
      page.contains("<bdi>Yubei &lt;Precision&gt;</bdi></span><span class=\"id\">F001</span><b>50.0 %</b>"))
    #expect(page.contains("F001: 1 / 2 networked; 1 reporting, 1 never seen"))
    #expect(!page.contains("<District>") && page.contains("Test &lt;District&gt;"))
    let chinese = office.answer("/?lang=zh").text
    #expect(chinese.contains("<html lang=\"zh-Hans\">"))
    #expect(chinese.contains("F001：联网 1 / 2 台；正常上报 1 台，未接入 1 台"))
  }

  @Test(
    "Factories are found by name, id and pinyin, and ordered as asked",
    arguments: [
      ("q=yubei", ["F001"]), ("q=f002", ["F002"]), ("q=ybjm", ["F001"]), ("q=%E4%B8%A4%E6%B1%9F", ["F002"]),
      ("q=zzz", []), ("industry=%E6%B1%BD%E8%BD%A6", ["F002"]), ("show=silent", ["F002"]),
      ("sort=id", ["F001", "F002"]), ("sort=id&order=desc", ["F002", "F001"]),
      ("sort=refused", ["F002", "F001"]), ("sort=size", ["F001", "F002"]),
      ("sort=name", ["F002", "F001"]), ("sort=digitalization_ratio", ["F001", "F002"]),
      ("sort=networked_ratio&order=desc", ["F001", "F002"]),
      ("display=wall", ["F002", "F001"]),
    ] as [(String, [String])])
  func filters(query: String, ids: [String]) {
    let page = office.answer("/?lang=en&\(query)").text
    let found = page.matches(of: #/id="tile-(F\d+)"/#).map { String($0.output.1) }
    #expect(found == ids)
  }

  @Test(
    "Values that a parameter does not take are refused",
    arguments: [
      "/?sort=x", "/?show=x", "/factories/F001?status=x", "/factories/F001?page=0",
      "/api/v1/factories?limit=0",
      "/api/v1/quarantine?cursor=x",
    ])
  func parameters(target: String) { #expect(office.answer(target).status == 400) }

  @Test("An answer is sent again only after a change") func tags() throws {
    for target in ["/?lang=en", "/factories/F001", "/api/v1/district", "/api/v1/factories?limit=1"] {
      let first = office.answer(target)
      let tag = try #require(first.header("etag"))
      #expect(first.header("vary") == "Accept-Language, Cookie, Authorization, Accept-Encoding")
      let again = office.answer(target, headers: ["if-none-match": tag])
      #expect(again.status == 304 && again.text.isEmpty && again.header("etag") == tag)
      #expect(office.answer(target, as: .factory("F001"), headers: ["if-none-match": tag]).status != 304)
    }
  }

  @Test("The API has the report's counts") func counts() throws {
    let district = office.answer("/api/v1/district").text
    let moment = try office.site.service.report(
      for: .init(
        on: .district,
        over: .init(endingAt: morning + .minutes(10), calendar: office.settings.settings.district.calendar),
        asOf: morning + .minutes(10), now: morning + .minutes(10), readsRetrofits: false))
    #expect(district == JSONRenderer().render(moment))
    let first = office.answer("/api/v1/factories?limit=1").text
    #expect(
      first.hasPrefix(
        #"{"schema":"millwright.factories/1","as_of":"2026-11-22T08:10:00.000+08:00","total":2,"factories":[{"id":"F001","#
      ))
    #expect(first.hasSuffix(#"],"next":"F001"}"# + "\n"))
    #expect(first.contains(#""networked_ratio":{"numerator":1,"denominator":2,"percent":"50.0"}"#))
    let second = office.answer("/api/v1/factories?limit=1&cursor=F001").text
    #expect(second.contains(#"[{"id":"F002","#) && second.hasSuffix(#"],"next":null}"# + "\n"))
  }

  @Test("Refused messages have their remedy") func quarantine() {
    let page = office.answer("/quarantine?lang=en").text
    #expect(page.contains("<bdi>F002/E1</bdi>") && page.contains("malformed: "))
    let list = office.answer("/api/v1/quarantine?lang=zh").text
    #expect(list.contains(#""factory":"F002","equipment":"E1","reason":"malformed""#))
    #expect(office.answer("/api/v1/quarantine", as: .factory("F001")).text.contains(#""total":0"#))
  }

  @Test("A page counts what came by now; a report that is downloaded counts up to its moment") func present()
    throws
  {
    for (seconds, energy) in [(60, 100), (300, 110), (900, 140)] as [(Int64, Int)] {
      let at = (morning + .seconds(seconds)).milliseconds
      try office.collect(
        "factory/F001/W01/E1/status", "{\"ts\":\(at),\"state\":\"running\",\"energy_kwh\":\(energy)}", seconds
      )
    }
    // The site's clock is at 600 s.
    #expect(office.answer("/api/v1/factories/F001").text.contains(#""energy":{"kwh":"40","#))
    #expect(office.answer("/reports/factories/F001/report.json").text.contains(#""energy":{"kwh":"10","#))
  }

  @Test("Arrivals are topics with what they became") func arrivals() {
    let list = office.answer("/api/v1/arrivals").text
    #expect(
      list.contains(
        #""messages":2,"topics":[{"topic":"factory/F002/W01/E1/status","messages":1,"newest":"2026-11-22T08:01:00.000+08:00","bytes":7,"preview":"{\"ts\":1","refused":"malformed","near_miss":null,"publish_on":null,"source":null}"#
      ))
    #expect(office.answer("/factories/F001/equipment/E1?lang=en").text.contains("factory/F001/W01/E1/status"))
  }

  @Test(
    "A machine's page has its states over a day, a week or a month, and its days",
    arguments: [("", 7), ("?span=day", 1), ("?span=week", 7), ("?span=month", 30)])
  func states(query: String, days: Int) {
    let page = office.answer("/factories/F001/equipment/E1\(query.isEmpty ? "?" : query + "&")lang=en").text
    #expect(page.contains("class=\"running\""))
    #expect(page.matches(of: #/<th scope="row"[^>]*><bdi>2026-1[01]-\d\d</bdi></th>/#).count == days)
    let silent = office.answer("/factories/F001/equipment/E2?lang=en")
    #expect(silent.status == 200 && silent.text.contains("Nothing was heard in this time."))
    #expect(office.answer("/factories/F001/equipment/E1?span=year").status == 400)
  }

  @Test("Every route of the API is in its description, and nothing else") func description() throws {
    let text = office.answer("/api/v1/openapi.json").text
    let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let described = Set((parsed?["paths"] as? [String: Any] ?? [:]).keys)
    let routes = office.site.routes().filter {
      $0.template.hasPrefix("/api/v1/") && $0.template != OpenAPI.path
    }
    #expect(described == Set(routes.map(\.template)) && described.count == 10)
    let schemas = ((parsed?["components"] as? [String: Any])?["schemas"] as? [String: Any] ?? [:])
    #expect(routes.allSatisfy { schemas[$0.schema] != nil })
    // Members that a schema requires are in the answer.
    for route in routes {
      let path = route.template.replacing("{factory}", with: "F001").replacing("{equipment}", with: "E1")
      let answer =
        try JSONSerialization.jsonObject(with: Data(office.answer(path).text.utf8)) as? [String: Any]
      let required = (schemas[route.schema] as? [String: Any])?["required"] as? [String] ?? []
      #expect(!required.isEmpty && Set(required).isSubset(of: Set((answer ?? [:]).keys)), "\(path)")
    }
  }

  @Test(
    "The API refuses values that its description does not allow",
    arguments: [
      ("/api/v1/factories?limit=0", "limit must be a number from 1 to 1000."),
      ("/api/v1/factories?limit=1&limit=2", "limit must be given once."),
      ("/api/v1/factories/F001?lang=fr", "lang must be one of en, zh."),
      ("/api/v1/status?lang=", "lang must be one of en, zh."),
      ("/api/v1/quarantine?cursor=F001", "cursor must be the value of 'next' in an answer."),
      ("/api/v1/arrivals?cursor=", "cursor must be the value of 'next' in an answer."),
    ])
  func strict(target: String, detail: String) {
    let answer = office.answer(target)
    #expect(answer.status == 400 && answer.header("content-type") == "application/problem+json")
    #expect(answer.text.contains(#""detail":"\#(detail)""#))
  }

  @Test("Pages load nothing but files of the site, whose names follow their content") func assets() throws {
    let page = office.answer("/?lang=en").text
    for asset in Assets.all {
      #expect(page.contains(asset.path))
      let answer = office.answer(asset.path)
      #expect(answer.status == 200 && answer.header("cache-control") == "public, max-age=31536000, immutable")
    }
    for target in [
      "/?lang=en", "/factories/F001", "/factories/F001/equipment/E1", "/quarantine", "/arrivals", "/evidence",
      "/alerts",
    ] {
      let page = office.answer(target).text
      for pattern in [" style=\"", "<style", "http://", "https://", "javascript:", " onclick"] {
        #expect(!page.contains(pattern), "\(target) has \(pattern)")
      }
      #expect(page.contains("<main id=\"main\"") && page.contains("<a class=\"skip\" href=\"#main\""))
      #expect(page.matches(of: #/<h1[ >]/#).count == 1, "\(target)")
      let ids = page.matches(of: #/ id="([^"]*)"/#).map { String($0.output.1) }
      #expect(Set(ids).count == ids.count, "\(target)")
    }
  }
}

@Suite("A store that nobody has used") struct EmptySiteTests {
  @Test("Its page has the next three steps, and the API says what is missing") func steps() throws {
    let office = try Office()
    let page = office.answer("/?lang=en")
    #expect(page.status == 200)
    for command in ["millwright collect", "millwright register import", "millwright listen"] {
      #expect(page.text.contains("<code>\(command)"))
    }
    #expect(page.text.contains("No collector has run here yet"))
    #expect(
      page.text.contains("<li class=\"next\" aria-current=\"step\"><h2>Start the collector</h2>")
        && page.text.contains("<li class=\"later\"><h2>See what arrives</h2>"))
    #expect(office.answer("/api/v1/district").status == 404)
    #expect(office.answer("/api/v1/status").text.contains(#""collector":"never_started""#))
    for target in ["/arrivals", "/quarantine", "/evidence", "/alerts"] {
      #expect(office.answer(target).status == 200)
    }
    #expect(office.answer("/factories/F001").status == 404)
    // Looking makes no store.
    #expect(!FileManager.default.fileExists(atPath: office.store.path))
  }
}
