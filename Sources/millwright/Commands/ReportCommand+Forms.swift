import Aggregation
import Configuration
import Reporting

extension ReportCommand {
  /// Refuses sections that would be empty without a policy, a form or the district.
  func checkSections(_ policies: [Policy], _ forms: [Form]) throws {
    let say = CommandWording(language: languageOptions.language)
    if section.contains(.policies), policies.isEmpty {
      throw CommandFailure(
        .usage,
        say(
          "--section policies needs a policy: name one with --policy; 'millwright policy list' shows those there are",
          "--section policies 须有政策：请用 --policy 指定，可用政策见 millwright policy list"))
    }
    if section.contains(.factories), scope != .district {
      throw CommandFailure(
        .usage,
        say(
          "--section factories is of the district: millwright report district --section factories",
          "--section factories 仅用于园区：millwright report district --section factories"))
    }
    guard let name = section.first(where: ReportSection.ofForm.contains)?.rawValue else { return }
    if forms.isEmpty {
      throw CommandFailure(
        .usage,
        say(
          "--section \(name) needs a form: name one with --form; 'millwright form list' shows those there are",
          "--section \(name) 须有填报表：请用 --form 指定，可用表式见 millwright form list"))
    }
    if section.contains(.formFactories), scope != .district {
      let district = "millwright report district" + forms.map { " --form \($0.reference.inert)" }.joined()
      throw CommandFailure(
        .usage,
        say(
          "--section form_factories is of the district: \(district)",
          "--section form_factories 仅用于园区：\(district)"))
    }
  }

  /// The requested forms; by default those of the configuration. A single machine has none.
  func forms(_ settings: Settings) throws -> [Form] {
    if form.isEmpty { return scope == .equipment ? [] : try settings.defaultForms() }
    guard form.contains(Settings.noForm) else {
      guard scope != .equipment else {
        throw CommandFailure(
          .usage, "--form: a form is of a factory, a workshop, a line or the district, not of one equipment",
          "--form：填报表适用于企业、车间、产线或园区，不适用于单台设备")
      }
      for (place, name) in form.enumerated() where form[..<place].contains(name) {
        throw CommandFailure(
          .usage, "--form: '\(name.inert)' is named more than once", "--form：“\(name.inert)”重复指定")
      }
      return try form.map { try settings.form($0, asked: "--form") }
    }
    guard form.count == 1 else {
      throw CommandFailure(
        .usage, "--form none cannot be used with another --form", "--form none 不能与其他 --form 同时使用")
    }
    return []
  }
}
