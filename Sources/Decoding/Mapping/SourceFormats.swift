import Telemetry

/// A format of the catalog whose settings are keys of a source.
public struct SourceFormat: Sendable {
  /// Reads the format's keys and makes a decoder; nil after a problem. The caller finishes the section. `limits` is
  /// nil if the keys are only checked: then no decoder is needed. Throws if a decoder cannot be made, for lack of
  /// memory.
  public typealias Make =
    @Sendable (
      _ section: inout SettingsSection, _ limits: DecodingLimits?, _ problems: inout [SettingsProblem]
    ) throws -> (any SourceDecoder)?

  /// The word for the format in the configuration and in the journal.
  public var name: String
  /// Sets of settings by name, which a source can name instead of writing the keys itself (`preset`).
  public var presets: [SettingsPreset]
  /// Keys by which a source can name equipment in payloads. Without one of them its topic needs `{equipment}`.
  public var equipmentKeys: [String]
  /// Whether the topic names the field of a message, by `{field}` or by the levels that `#` stands for.
  public var topicHasField: Bool
  /// Keys that a source need not state.
  public var defaults: SettingsTree
  /// Keys of a source that do not change how messages are read. They are not part of its settings.
  public var otherKeys: [String]
  /// Makes the topics of a source from its own section and its completed settings; nil after a problem. nil: they are
  /// a template in the key `topic`.
  public typealias Template =
    @Sendable (
      _ section: inout SettingsSection, _ settings: SettingsTree, _ problems: inout [SettingsProblem]
    ) -> TopicTemplate?
  public var template: Template?
  public var make: Make

  /// A format.
  public init(
    _ name: String, presets: [SettingsPreset] = [], equipmentKeys: [String] = [],
    topicHasField: Bool = false, defaults: SettingsTree = [:],
    otherKeys: [String] = [], template: Template? = nil, _ make: @escaping Make
  ) {
    self.name = name
    self.presets = presets
    self.equipmentKeys = equipmentKeys
    self.topicHasField = topicHasField
    self.defaults = defaults
    self.otherKeys = otherKeys
    self.template = template
    self.make = make
  }
}

/// A set of settings with a name.
public struct SettingsPreset: Sendable {
  public var name: String
  /// The keys of a source that the preset stands for. A source's own keys replace them.
  public var settings: SettingsTree

  /// A preset.
  public init(_ name: String, _ settings: SettingsTree) {
    self.name = name
    self.settings = settings
  }
}

/// The formats of the catalog, and how a source with one of them is written.
public enum SourceFormats {
  /// The formats.
  public static let all: [SourceFormat] = [
    .json, .values, .lineProtocol, .csv, .pubsub, .mtconnect, .sparkplug,
  ]
  /// The formats, and the built-in ones that have keys of their own.
  private static let known = all + [.presenceWords]

  /// Makes decoders of all formats from their settings in the journal.
  public static var catalog: FormatCatalog {
    known.reduce(into: FormatCatalog()) { catalog, format in
      catalog.add(format.name) { settings, limits in
        let tree = try SettingsText.tree(of: settings)
        var problems: [SettingsProblem] = []
        let decoder = try decoder(format, tree, name: "the source's settings", limits, &problems)
        guard let decoder, problems.isEmpty else {
          throw problems.first
            ?? SettingsProblem(SettingsTree.Place(), "the source's settings are not complete")
        }
        return decoder
      }
    }
  }

  private static func decoder(
    _ format: SourceFormat, _ tree: SettingsTree, name: String, _ limits: DecodingLimits?,
    _ problems: inout [SettingsProblem]
  ) throws -> (any SourceDecoder)? {
    guard var section = SettingsSection(tree, name: name, &problems) else { return nil }
    readFactory(&section, &problems)
    let decoder = try format.make(&section, limits, &problems)
    section.finish(&problems)
    return decoder
  }

  /// Keys of every source, whatever its format.
  static let commonKeys = ["format", "topic", "preset"]

  /// Reads a source of the catalog from the section of the configuration that says it; nil after a problem, or if
  /// `format` is not the name of one of the catalog's.
  public static func source(
    _ tree: SettingsTree, name: String, _ problems: inout [SettingsProblem]
  ) -> Source? {
    guard let format = known.first(where: { $0.name == tree["format"]?.text }),
      var section = SettingsSection(tree, name: name, &problems)
    else { return nil }
    let before = problems.count
    var settings = tree.without(commonKeys)
    if section.optional("preset") != nil {
      let presets = format.presets.map { (word: $0.name, value: $0.settings) }
      // Without the keys of the preset, there would be a problem for each of them.
      guard let preset = section.word("preset", among: presets, &problems) else { return nil }
      settings = settings.completed(by: preset)
    }
    settings = settings.completed(by: format.defaults).without(format.otherKeys)
    let template =
      if let own = format.template { own(&section, settings, &problems) } else {
        template(&section, settings, format, &problems)
      }
    let keys = settings.without(["topic"])
    _ = try? decoder(format, keys, name: name, nil, &problems)
    guard problems.count == before, let template else { return nil }
    return Source(.other(name: format.name, settings: SettingsText.text(of: keys)), template: template)
  }

  private static func readFactory(_ section: inout SettingsSection, _ problems: inout [SettingsProblem]) {
    let expected = "a factory's id: 1 to 64 of A–Z a–z 0–9 _ . -"
    guard let word = section.text("factory", expected, &problems) else { return }
    if !EquipmentKey.isID(word.text.utf8) {
      problems.append(SettingsProblem(word.place, "\(word.name) must be \(expected), not '\(word.text)'"))
    }
  }

  private static func template(
    _ section: inout SettingsSection, _ settings: SettingsTree, _ format: SourceFormat,
    _ problems: inout [SettingsProblem]
  ) -> TopicTemplate? {
    let expected = "text, such as factory/{factory}/{workshop}/{equipment}/data"
    guard let tree = section.optional("topic") ?? settings["topic"] else {
      _ = section.required("topic", expected, &problems)
      return nil
    }
    guard let word = SettingsWord(tree, name: section.name(of: "topic"), expected, &problems) else {
      return nil
    }
    let template: TopicTemplate
    let text = format.name == Format.presence.name ? TopicTemplate.presence(word.text) : word.text
    do throws(TopicTemplateError) { template = try TopicTemplate(text, .mapped) } catch {
      problems.append(SettingsProblem(word.place, "\(word.name): \(error)"))
      return nil
    }
    if template.has(.factory) == (settings["factory"] != nil) {
      let remedy =
        template.has(.factory)
        ? "names {factory}, and so does the key factory: remove one of them"
        : "must have {factory}; or add the key factory with the id of the factory of all messages"
      problems.append(SettingsProblem(word.place, "\(word.name) \(remedy)"))
    }
    if !template.has(.equipment), format.equipmentKeys.allSatisfy({ settings[$0] == nil }),
      !settings.without(commonKeys).mentions("{equipment}")
    {
      let keys = format.equipmentKeys.map { "; or add the key \($0)" }.joined()
      problems.append(SettingsProblem(word.place, "\(word.name) must have {equipment}\(keys)"))
    }
    if format.topicHasField, !template.has(.field), !template.description.hasSuffix("#") {
      problems.append(
        SettingsProblem(word.place, "\(word.name) must have {field}, or # at the end, for the field's name"))
    }
    return template
  }
}
