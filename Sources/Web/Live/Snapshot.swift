import Reporting
import Telemetry

/// The district at one moment, with the parts of its page as markup in both languages.
package struct Snapshot: Sendable {
  /// A part of a page that changes by itself.
  package struct Region: Sendable {
    /// Its element's id.
    package var id: String
    /// The factory that it shows; nil for the district's.
    package var factory: String?
    /// Whether every viewer sees it, whatever it shows.
    package var isForAll = false
    /// The element in each language.
    package var markup: [Language: String]
    /// Number of the snapshot in which it last changed.
    package var changed = 0

    /// A region; its number is set by the snapshot.
    package init(id: String, factory: String? = nil, isForAll: Bool = false, markup: [Language: String]) {
      self.id = id
      self.factory = factory
      self.isForAll = isForAll
      self.markup = markup
    }

    /// Whether a viewer sees it.
    func isSeen(by viewer: Viewer) -> Bool {
      if isForAll { return true }
      return factory.map { viewer.sees(factory: $0) } ?? (viewer == .district)
    }
  }

  /// Counts up from 1.
  package var number: Int
  package var moment: Moment
  /// Number of the snapshot in which the moment last changed.
  package private(set) var momentChanged = 0
  package var collector: CollectorView
  /// nil while there is neither a register nor data.
  package var report: Report?
  package var regions: [Region]

  /// A snapshot.
  package init(
    number: Int, moment: Moment, collector: CollectorView, report: Report?, regions: [Region]
  ) {
    self.number = number
    self.moment = moment
    self.collector = collector
    self.report = report
    self.regions = regions
  }

  /// Names this snapshot in events; of snapshots of one server it is unique.
  package var id: String { "\(moment.tag)-\(number)" }

  /// The markup of a region; empty if there is none.
  func markup(_ id: String, _ language: Language) -> String {
    regions.first { $0.id == id }?.markup[language] ?? ""
  }

  /// Gives the moment and each region the number of the snapshot in which it last changed: this one's if it differs from
  /// `before`, else that of `before`.
  package mutating func number(after before: Snapshot?) {
    momentChanged = before.map { $0.moment == moment ? $0.momentChanged : number } ?? number
    let known = Dictionary(
      (before?.regions ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for index in regions.indices {
      let old = known[regions[index].id]
      regions[index].changed =
        old.map { $0.markup == regions[index].markup ? $0.changed : number } ?? number
    }
  }
}
