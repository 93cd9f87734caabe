import ArgumentParser
import Evidence
import Foundation
import Journal
import Reporting
import Telemetry

struct EvidenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence",
    abstract: "A report with everything needed to check it, offline and without trusting who made it.",
    subcommands: [EvidenceCreateCommand.self, EvidenceVerifyCommand.self])
}

struct EvidenceCreateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract:
      "Pack a factory's report over closed days with the messages, register rows and roots behind it.",
    discussion: """
      The pack holds this factory's messages of every closed day that the journal has, and nobody else's. Its \
      report is computed from the pack alone. A day is closed when the next one has begun.

      Example:
        millwright evidence create factory F001 --period last-month --output F001-2026-11.zip
      """)

  /// Subjects of evidence.
  enum Scope: String, ExpressibleByArgument, CaseIterable { case factory }

  @Argument(help: "factory.")
  var scope: Scope

  @Argument(help: "Which one, such as F001.", completion: Completions.factories)
  var factory: String

  @OptionGroup var periodOptions: PeriodOptions

  @Option(name: .long, help: "Read the register as it was known then; default: now.")
  var knownAt: String?

  @Option(name: .long, help: "As for report: a policy's name or file; may be repeated.")
  var policy: [String] = []

  @Option(name: .shortAndLong, help: "The zip archive to write.")
  var output: String

  @OptionGroup var storeOptions: StoreOptions

  func run() throws {
    let settings = try storeOptions.settings()
    let calendar = settings.district.calendar
    let now = InstantArgument.now
    guard let period = try periodOptions.period(calendar: calendar, now: now) else {
      throw CommandFailure(.usage, "name the period: --period last-month, or --from and --to")
    }
    let known =
      try knownAt.map { try InstantArgument.parse($0, option: "--known-at", calendar: calendar) } ?? now
    let directory = settings.storeDirectory
    guard directory.exists else {
      throw CommandFailure(.noInput, "\(directory.path): no store here, or not yours to read")
    }
    let rules = try EvidencePack.Rules(settings, knownAt: known)
    let policies = try settings.policyTexts(policy)
    do {
      let (pack, files) = try WorkingLine.during("evidence create") {
        try EvidenceCreation(store: directory, factory: factory, .program).pack(
          period.firstDay...period.lastDay, rules: rules, policies: policies)
      }
      try OutputFile.write(try ZipArchive.encode(files, to: output), to: output)
      summarize(pack, files)
    } catch let error as EvidenceError {
      throw error.failure
    }
  }

  private func summarize(_ pack: EvidencePack, _ files: [String: Data]) {
    print("\(output): \(factory), \(pack.days.lowerBound) to \(pack.days.upperBound)")
    let bytes = files.values.reduce(0) { $0 + $1.count }
    print("messages of \(pack.records.count) closed days, \(bytes) bytes before compression")
    if let newest = pack.records.last { print("root of \(newest.root.day): \(newest.root.root)") }
    if let manifest = files[PackFormat.manifest] {
      print("digest of the pack: \(SHA256Digest(hashing: [UInt8](manifest)))")
    }
  }
}

struct EvidenceVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a pack: every digest, every path to a root, and every figure computed anew.",
    discussion: """
      Needs no store and no configuration. Prints the first thing that does not hold and exits 1. A pack that \
      was rewritten consistently is found with --root: the root that a filed report printed.

      Example:
        millwright evidence verify F001-2026-11.zip --root 4f9c…
      """)

  @Argument(help: "The zip archive.")
  var pack: String

  @Option(name: .long, help: "A day's root as a report printed it, of the period's last day or later.")
  var root: String?

  func run() throws {
    do {
      let files = try ZipArchive.read(self.pack)
      let pack = try PackFormat.pack(files)
      let verification = EvidenceVerification(pack, .program)
      try WorkingLine.during("evidence verify") { try verification.check(filed: root) }
      summarize(pack, verification, files)
    } catch let error as EvidenceError {
      throw error.failure
    }
  }

  private func summarize(
    _ pack: EvidencePack, _ verification: EvidenceVerification, _ files: [String: Data]
  ) {
    print("\(pack.factory), \(pack.days.lowerBound) to \(pack.days.upperBound): everything holds.")
    print(
      "Every message leads to its day's root, and every figure is what the messages and the register give.")
    if pack.opening != nil, let first = pack.records.first {
      print("Taken as stated: what was known before \(first.root.day), in opening.json.")
    }
    let isBound = pack.namesSources
    if isBound { print("The journal names the sources and limits by which the messages are read.") }
    print("Taken as stated, in settings.json: \(pack.rules.summary(journaled: isBound).inert)")
    for line in verification.unbound { print(line.inert) }
    if root == nil, let newest = pack.records.last {
      print("Compare this root with the one on a filed report, or give it as --root:")
      print("\(newest.root.day) \(newest.root.root)")
    }
    if let manifest = files[PackFormat.manifest] {
      print("digest of the pack: \(SHA256Digest(hashing: [UInt8](manifest)))")
    }
  }
}
