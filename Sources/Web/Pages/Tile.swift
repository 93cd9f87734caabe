import Aggregation
import Reporting

/// A factory in the district's page: its name, a figure, and the bar of its buckets.
struct Tile {
  let factory: FactorySummary
  let terms: Terms
  /// The figure, unless it is another than the share of networked equipment.
  var metric = Metric.networkedRatio

  /// The id of a factory's element. Other characters than those of ids do not occur in a register.
  static func id(_ factory: String) -> String { "tile-\(factory)" }

  /// The element.
  var markup: String {
    var markup = Markup()
    let figures = factory.figures
    markup.element("li", [("id", Self.id(factory.factory.id)), ("class", "factory \(kind)")]) { item in
      item.element("a", [("href", path), ("title", detail)]) { link in
        link.element("span", [("class", "name")]) { $0.element("bdi", text: name) }
        link.element("span", [("class", "id")], text: factory.factory.id.inert)
        link.element("b", text: value)
        link.element("span", [("class", "unseen-text")], text: " \(detail)")
        BucketBar.draw(figures.buckets, &link)
      }
    }
    return markup.text
  }

  private var path: String {
    PageFrame.link("/factories/\(WebRequest.encoded(factory.factory.id))", terms.language)
  }

  /// The name in the page's language, else in the other, else the id.
  var name: String {
    let names = terms.names(factory.factory.nameEnglish, factory.factory.nameChinese)
    return (names.first ?? factory.factory.id).inert
  }

  private var value: String {
    guard factory.figures.absence(of: metric) == nil else { return terms.notApplicable }
    return factory.figures.count(of: metric).map(terms.percent) ?? terms.notApplicable
  }

  /// Id, networked equipment and buckets in words.
  private var detail: String {
    let figures = factory.figures
    guard factory.isRegistered else {
      return terms.pick(
        "\(factory.factory.id): not registered, \(terms.number(figures.buckets.unregistered)) senders",
        "\(factory.factory.id)：未登记，共 \(terms.number(figures.buckets.unregistered)) 台设备上报"
      ).inert
    }
    let networked = "\(terms.number(figures.networked)) / \(terms.number(figures.equipment))"
    return terms.pick(
      "\(factory.factory.id): \(networked) networked; \(BucketBar.text(figures.buckets, terms))",
      "\(factory.factory.id)：联网 \(networked) 台；\(BucketBar.text(figures.buckets, terms))"
    ).inert
  }

  /// A class for the tile's edge: whether data come now.
  private var kind: String {
    let figures = factory.figures
    if !factory.isRegistered { return "unregistered" }
    if figures.equipment == 0 { return "empty" }
    if figures.buckets.reporting == 0 { return "dark" }
    return figures.buckets.reporting == figures.equipment ? "full" : "part"
  }
}
